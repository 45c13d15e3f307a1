import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lastRevisionUp, type PodSeen } from '../../../../src/doctor/rollout/revision-up.ts';
import { restoreWay, rollbackWay } from '../../../../src/doctor/rollout/ways-back.ts';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import type { Rehearsal } from '../../../../src/model/plan/rehearsal.ts';
import { summaryOf } from '../../../../src/model/records/backup-summary.ts';
import { aRevision } from '../../../support/helm-records.ts';
import { aContainer, aDeployment, aPod, withContainer } from '../../../support/objects.ts';
import { spelled } from '../../spelled.ts';
import { sampleDocument } from '../../store/sample-backup.ts';
import { aPlan, aRehearsal, DEPLOYMENT, planned, SUBJECT } from '../restore/rehearsals.ts';

const OWNER = aDeployment('cart').served().object;
const pod = (name: string, ready: boolean, container: JsonObject): PodSeen => ({
  workload: 'deployment.apps/cart',
  pod: aPod(name, OWNER).with({
    spec: { containers: [aContainer(container)] },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }).object,
});
const GOOD = { args: ['-m', '48', '-c', '256'] };
const BAD = { args: ['-m', '48', '-c', '16'] };

test('a rollback empties the caches that serve and are not of its template', () => {
  const manifest = [withContainer(aDeployment('cart'), GOOD).object];
  const history = [aRevision(1, 'superseded', { manifest }), aRevision(2, 'deployed')];
  const pods = [
    pod('cart-1', true, GOOD),
    pod('cart-2', true, { args: ['-m', '8'] }),
    pod('cart-3', false, BAD),
  ];
  const way = rollbackWay(lastRevisionUp(history, pods, [])!, pods, { namespace: 'shop', name: 'cart' });
  assert.deepEqual(
    [spelled(way.advice), way.settings, way.cachesEmptied],
    ['helm rollback cart 1 -n shop', '-m 48 -c 256', 1],
  );
});

describe('a restore of the newest healthy backup', () => {
  const address = { cluster: 'here', namespace: 'cache', release: 'cart', id: '20261124T120000Z' };
  const backup = { address, location: '/store', summary: summaryOf(sampleDocument({ id: address.id })) };
  const way = (rehearsal?: Rehearsal) =>
    restoreWay({ backup, selector: 'cart@healthy', healthy: true }, rehearsal, SUBJECT, new Date());
  const plan = aPlan({ objects: [planned(DEPLOYMENT, 'replace')], cachesEmptied: 2 });
  const refused = (message: string) => [{ ref: DEPLOYMENT, status: 403, message }];

  test('is a way back with what it empties, as far as it could be tried', () => {
    const found = way(aRehearsal({ plan }))!;
    assert.equal(spelled(found.advice), 'kubectl memcached-backup restore cart@healthy -n cache');
    assert.equal(found.cachesEmptied, 2);
    assert.equal(way()?.cachesEmptied, undefined);
  });
  test('is none where it would change nothing, or be refused', () => {
    assert.equal(way(aRehearsal({ plan: aPlan({ nothingToDo: true }) })), undefined);
    assert.equal(way(aRehearsal({ plan, refused: refused('exceeded quota: x') })), undefined);
    const helm = { ...aRehearsal().refusals, helm: ['somebody may be at work'] };
    assert.equal(way(aRehearsal({ plan, refusals: helm })), undefined);
  });
  test('is one for whoever may restore, where the one who looks may not', () => {
    const message = 'deployments.apps "cart" is forbidden: User "ann" cannot update resource "deployments"';
    assert.notEqual(way(aRehearsal({ plan, refused: refused(message) })), undefined);
  });
});
