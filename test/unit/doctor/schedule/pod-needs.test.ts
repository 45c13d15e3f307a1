import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mergeSame } from '../../../../src/doctor/schedule/merge-same.ts';
import { judgeNeeds, missing } from '../../../../src/doctor/schedule/missing.ts';
import { needsOf } from '../../../../src/doctor/schedule/pod-needs.ts';
import { allSpelled } from '../../spelled.ts';
import { aCronJob, aJob, aPod } from './objects.ts';

const POD = {
  serviceAccountName: 'b',
  containers: [
    {
      name: 'backup',
      envFrom: [{ secretRef: { name: 'all' } }, { configMapRef: { name: 'perhaps', optional: true } }],
      env: [
        { name: 'A', valueFrom: { secretKeyRef: { name: 'aws', key: 'id' } } },
        { name: 'B', valueFrom: { configMapKeyRef: { name: 'conf', key: 'x', optional: true } } },
      ],
    },
  ],
  volumes: [
    { name: 's', secret: { secretName: 'mounted', items: [{ key: 'k', path: 'p' }] } },
    { name: 'p', projected: { sources: [{ configMap: { name: 'projected' } }] } },
    { name: 'o', configMap: { name: 'optional', optional: true } },
  ],
};

describe('what a pod needs', () => {
  test('what it names and does not call optional', () => {
    assert.deepEqual(needsOf(POD), [
      { kind: 'ServiceAccount', name: 'b' },
      { kind: 'Secret', name: 'aws', key: 'id' },
      { kind: 'Secret', name: 'all' },
      { kind: 'Secret', name: 'mounted', key: 'k' },
      { kind: 'ConfigMap', name: 'projected' },
    ]);
  });

  test('what is missing is named with a command; what can’t be seen is not called missing', () => {
    const run = { cronJob: aCronJob({ pod: POD }) };
    assert.deepEqual(
      judgeNeeds(run, () => undefined),
      [],
    );
    const found = judgeNeeds(run, (kind, name) => {
      if (kind === 'ServiceAccount' || name === 'projected') return 'absent';
      return { apiVersion: 'v1', kind, metadata: { name }, data: { k: 'dg==' } };
    });
    assert.deepEqual(
      found.map(({ code, advice }) => [code, allSpelled(advice)[0]]),
      [
        ['MB224', 'kubectl create serviceaccount b -n cache'],
        ['MB232', `kubectl patch secret aws -n cache -p '{"stringData":{<"id":"value">}}'`],
        ['MB231', "kubectl create configmap projected -n cache '--from-literal=<key=value>'"],
      ],
    );
  });

  test('a Secret is made with the keys that are wanted', () => {
    const { advice } = missing({ cronJob: aCronJob({ pod: POD }) }, { kind: 'Secret', name: 'aws' }, []);
    const [create] = allSpelled(advice);
    assert.equal(create, "kubectl create secret generic aws -n cache '--from-literal=<id=value>'");
  });

  test('seen at the CronJob and at the pod, it is one finding with the evidence of both', () => {
    const cronJob = aCronJob({ pod: POD });
    const need = { kind: 'Secret', name: 'all' } as const;
    const [merged, ...more] = mergeSame([
      missing({ cronJob }, need, []),
      missing({ cronJob, job: aJob(), pod: aPod({}) }, need, [{ text: 'secret "all" not found' }]),
    ]);
    assert.deepEqual(more, []);
    assert.equal(merged?.object?.kind, 'CronJob');
    assert.equal(merged?.evidence.length, 2);
    assert.ok(merged?.about.includes('/Pod/cache/run-x'));
  });
});
