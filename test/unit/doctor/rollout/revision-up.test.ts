import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lastRevisionUp, type PodSeen } from '../../../../src/doctor/rollout/revision-up.ts';
import type { HelmStatus } from '../../../../src/model/helm/helm-release.ts';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { aRevision } from '../../../support/helm-records.ts';
import { aContainer, aDeployment, aPod, withContainer } from '../../../support/objects.ts';

const OWNER = aDeployment('cart').served().object;
const told = (container: JsonObject) => withContainer(aDeployment('cart'), container).object;
/** A revision of the hour whose pods are told this. */
const at = (number: number, status: HelmStatus, container: JsonObject, hour = number) =>
  aRevision(number, status, {
    manifest: [told(container)],
    deployedAt: `2026-11-24T${String(hour).padStart(2, '0')}:00:00Z`,
  });
/** A pod as the server has it: with what it fills in. */
const pod = (name: string, ready: boolean, container: JsonObject): PodSeen => ({
  workload: 'deployment.apps/cart',
  pod: aPod(name, OWNER).with({
    spec: { containers: [{ ...aContainer(container), terminationMessagePolicy: 'File' }] },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }).object,
});
const A = { args: ['-m', '48'] };
const B = { args: ['-m', '48', '-c', '16'] };
const C = { args: ['-m', '48', '-c', '17'] };

describe('the last revision that was up', () => {
  const found = (...args: Parameters<typeof lastRevisionUp>) => {
    const up = lastRevisionUp(...args);
    return up && [up.revision.revision, up.how];
  };

  test('is the one whose pods are ready, whatever Helm deployed since', () => {
    const history = [at(1, 'superseded', A), at(2, 'superseded', C), at(3, 'deployed', B)];
    const pods = [pod('cart-1', true, A), pod('cart-2', true, A), pod('cart-3', false, B)];
    assert.deepEqual(found(history, pods, []), [1, 'pod/cart-1 and 1 more are ready and run as it says']);
  });

  test('after a restore that was cut off is not the one that crashes', () => {
    const history = [at(3, 'superseded', A), at(4, 'deployed', B), at(5, 'failed', A)];
    const moments = [{ id: '20261124T033000Z', at: '2026-11-24T03:30:00Z', revision: 3 }];
    assert.deepEqual(found(history, [pod('cart-1', false, B)], moments), [
      3,
      'the backup 20261124T033000Z found its pods ready',
    ]);
  });

  test('is not a revision of that number before the release was installed again', () => {
    const history = [at(1, 'superseded', C, 8), at(2, 'deployed', B, 8)];
    const moments = [{ id: 'x', at: '2026-11-24T03:30:00Z', revision: 1 }];
    assert.equal(found(history, [pod('cart-1', false, B)], moments), undefined);
  });

  test('where nothing proves it of any, is the one that was in force for longest', () => {
    const history = [at(1, 'superseded', A, 1), at(2, 'superseded', C, 7), at(3, 'deployed', B, 9)];
    assert.deepEqual(found(history, [pod('cart-1', false, B)], []), [
      1,
      'it was in force for 6h, longer than any other',
    ]);
  });

  test('is the one that is being uninstalled, which is taken back', () => {
    const moments = [{ id: '20261124T033000Z', at: '2026-11-24T03:30:00Z', revision: 2 }];
    const history = [at(1, 'superseded', C, 1), at(2, 'uninstalling', A, 2)];
    assert.equal(found(history, [], moments)?.[0], 2);
  });

  test('is none of which the pods that are down may have been made, and none that failed', () => {
    const down = [pod('cart-1', false, B)];
    assert.equal(found([at(1, 'superseded', B, 1), at(2, 'deployed', B, 9)], down, []), undefined);
    assert.equal(found([at(1, 'failed', A, 1), at(2, 'deployed', B, 9)], down, []), undefined);
    assert.equal(found([at(1, 'deployed', A, 1)], down, []), undefined);
  });

  test('a probe or a limit that was changed parts two revisions too', () => {
    const probe = { ...A, readinessProbe: { tcpSocket: { port: 11999 } } };
    const down = [
      pod('cart-1', false, { ...A, readinessProbe: { tcpSocket: { port: 11999 }, periodSeconds: 10 } }),
    ];
    const history = [at(1, 'superseded', A, 1), at(2, 'deployed', probe, 9)];
    assert.equal(found(history, down, [])?.[0], 1);
    const limit = (cpu: string) => ({ ...A, resources: { limits: { cpu } } });
    const same = [at(1, 'superseded', limit('0.5'), 1), at(2, 'deployed', limit('0.1'), 9)];
    assert.equal(found(same, [pod('cart-1', false, limit('500m'))], []), undefined);
    assert.equal(found(same, [pod('cart-1', false, limit('100m'))], [])?.[0], 1);
  });
});
