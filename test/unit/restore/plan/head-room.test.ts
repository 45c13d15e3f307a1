import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import { type PodTurnover, podsBefore } from '../../../../src/model/kubernetes/pod-turnover.ts';
import { headRoomWarnings, unevaluatedScopes } from '../../../../src/restore/plan/head-room.ts';

/** A pod of one container that asks for this. */
function pod(requests: JsonObject, limits: JsonObject = {}, more: JsonObject = {}): JsonObject {
  return { containers: [{ name: 'memcached', resources: { requests, limits } }], ...more };
}

function quota(hard: JsonObject, used: JsonObject, spec: JsonObject = {}): KubeObject {
  const metadata = { name: 'team', namespace: 'shop' };
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata,
    spec: { hard, ...spec },
    status: { hard, used },
  };
}

function range(...limits: JsonObject[]): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'bounds', namespace: 'shop' },
    spec: { limits },
  };
}

const SMALL = pod({ memory: '16Mi' });

/** Three pods of 16 MiB each, one after the other, unless said otherwise. */
const turnover = (changes: Partial<PodTurnover> = {}): PodTurnover => ({
  workload: 'deployment.apps/cart',
  leaving: [SMALL, SMALL, SMALL],
  arriving: { podSpec: SMALL, count: 3 },
  before: 0,
  ...changes,
});

const warnings = (change: Partial<PodTurnover>, ...quotas: KubeObject[]) =>
  headRoomWarnings([turnover(change)], { quotas, ranges: [] });

describe('the head room that a quota leaves', () => {
  test('is enough where as much comes as goes, and no pod has to come first', () => {
    assert.deepEqual(warnings({}, quota({ 'requests.memory': '48Mi' }, { 'requests.memory': '48Mi' })), []);
  });

  test('is too little for what comes at the end', () => {
    const bigger = { podSpec: pod({ memory: '32Mi' }), count: 3 };
    const tight = quota({ 'requests.memory': '64Mi' }, { 'requests.memory': '48Mi' });
    assert.deepEqual(warnings({ arriving: bigger }, tight), [
      'resourcequota/team has 16Mi of requests.memory left and deployment.apps/cart needs 48Mi more: not all of its pods will be created',
    ]);
    const enough = quota({ 'requests.memory': '96Mi' }, { 'requests.memory': '48Mi' });
    assert.deepEqual(warnings({ arriving: bigger }, enough), []);
  });

  test('is too little for the pod that has to come before an old one goes', () => {
    const tight = quota({ memory: '60Mi', pods: '9' }, { memory: '48Mi', pods: '3' });
    assert.deepEqual(warnings({ before: 1 }, tight), [
      'resourcequota/team has 12Mi of memory left, no room for one more pod of deployment.apps/cart (16Mi), and its strategy lets no old pod go before: the rollout will hang',
    ]);
    assert.deepEqual(warnings({ before: 1 }, quota({ memory: '64Mi' }, { memory: '48Mi' })), []);
  });

  test('is counted in pods, cores and every resource by its own name', () => {
    const cores = { podSpec: pod({ cpu: '250m' }, { 'nvidia.com/gpu': 1 }), count: 2 };
    const said = warnings(
      { leaving: [], arriving: cores },
      quota({ pods: '1', 'count/pods': '1', 'requests.cpu': '0.3', 'requests.nvidia.com/gpu': '1' }, {}),
    );
    assert.deepEqual(
      said.map((line) => /has (.*) left and .* needs (.*) more/.exec(line)?.slice(1)),
      [
        ['1 of pods', '2'],
        ['1 of count/pods', '2'],
        ['300m of requests.cpu', '500m'],
        ['1 of requests.nvidia.com/gpu', '2'],
      ],
    );
  });

  test('is negative where somebody lowered the quota: what goes does not come back', () => {
    const lowered = quota({ 'requests.memory': '32Mi' }, { 'requests.memory': '48Mi' });
    assert.deepEqual(warnings({}, lowered), [
      'resourcequota/team is 16Mi of requests.memory over its limit: pods of deployment.apps/cart that go will not all come back',
    ]);
  });

  test('is used up by one workload after the other', () => {
    const one = turnover({ leaving: [], arriving: { podSpec: SMALL, count: 1 } });
    const two = { ...one, workload: 'statefulset.apps/other' };
    const quotas = [quota({ 'requests.memory': '24Mi' }, {})];
    const [only, ...others] = headRoomWarnings([one, two], { quotas, ranges: [] });
    assert.match(only ?? '', /has 8Mi of requests.memory left and statefulset.apps\/other needs 16Mi more/);
    assert.deepEqual(others, []);
  });

  test('asks every container to say what the quota limits; a LimitRange may say it for them', () => {
    const limited = quota({ 'limits.memory': '1Gi', 'requests.cpu': '4' }, {});
    assert.deepEqual(warnings({}, limited), [
      'resourcequota/team wants limits.memory, requests.cpu of every container, and deployment.apps/cart does not say it: its pods will be refused',
    ]);
    const defaults = range({
      type: 'Container',
      default: { memory: '32Mi' },
      defaultRequest: { cpu: '10m', memory: '1Mi' },
    });
    assert.deepEqual(headRoomWarnings([turnover()], { quotas: [limited], ranges: [defaults] }), []);
  });

  test('is only that of quotas whose scopes the pods are in', () => {
    const used = { pods: '3' };
    const full = (scope: string) => quota({ pods: '3' }, used, { scopes: [scope] });
    const next = { before: 1 };
    assert.deepEqual(warnings(next, full('BestEffort')), []);
    assert.equal(warnings(next, full('NotBestEffort')).length, 1);
    assert.deepEqual(warnings(next, full('Terminating')), []);
    assert.equal(warnings(next, full('NotTerminating')).length, 1);
    const besteffort = { before: 1, arriving: { podSpec: pod({}), count: 1 } };
    assert.equal(warnings(besteffort, full('BestEffort')).length, 1);
  });

  test('can not be told of a quota for priority classes', () => {
    const expression = { scopeName: 'PriorityClass', operator: 'In', values: ['high'] };
    const special = quota({ pods: '0' }, {}, { scopeSelector: { matchExpressions: [expression] } });
    assert.deepEqual(warnings({}, special), []);
    assert.deepEqual(unevaluatedScopes(special), ['PriorityClass']);
    assert.deepEqual(unevaluatedScopes(quota({}, {}, { scopes: ['NotTerminating'] })), []);
  });

  test('is not asked for where no pod comes', () => {
    const none = { arriving: { podSpec: pod({}), count: 0 } };
    assert.deepEqual(warnings(none, quota({ pods: '1', 'limits.cpu': '1' }, { pods: '1' })), []);
  });
});

describe('what a LimitRange allows', () => {
  const bounds = range(
    { type: 'Container', max: { memory: '64Mi' }, min: { memory: '8Mi' } },
    { type: 'Pod', max: { cpu: '1' } },
  );
  const said = (podSpec: JsonObject) =>
    headRoomWarnings([turnover({ arriving: { podSpec, count: 1 } })], { quotas: [], ranges: [bounds] });

  test('is kept by limits and requests within it', () => {
    assert.deepEqual(said(pod({ memory: '8Mi' }, { memory: '64Mi', cpu: '1' })), []);
  });

  test('is broken by a limit above it, a request below it, and by saying nothing', () => {
    assert.deepEqual(said(pod({ memory: '4Mi' }, { memory: '128Mi', cpu: '1' })), [
      'limitrange/bounds allows at most 64Mi of memory (there is a limit of 128Mi), which container memcached of deployment.apps/cart breaks: its pods will be refused',
      'limitrange/bounds allows at least 8Mi of memory (there is a request of 4Mi), which container memcached of deployment.apps/cart breaks: its pods will be refused',
    ]);
    assert.match(said(pod({ memory: '8Mi' }, { cpu: '1' })).join(), /there is no limit\)/);
  });

  test('holds for the sum of the containers where it is about pods', () => {
    const two = {
      containers: ['memcached', 'exporter'].map((name) => ({
        name,
        resources: { limits: { memory: '16Mi', cpu: '600m' } },
      })),
    };
    assert.deepEqual(said(two), [
      'limitrange/bounds allows at most 1 of cpu (there is a limit of 1200m), which a pod of deployment.apps/cart breaks: its pods will be refused',
    ]);
  });
});

describe('pods that come before the first one goes', () => {
  const deployment = (strategy: JsonObject): KubeObject => ({ kind: 'Deployment', spec: { strategy } });
  const rolling = (maxSurge: number | string, maxUnavailable: number | string) =>
    deployment({ type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } });

  test('are one for a Deployment that may not spare any', () => {
    assert.equal(podsBefore(deployment({}), 1), 1, '25 % of one is a whole pod more, and none less');
    assert.equal(podsBefore(deployment({}), 3), 1);
    assert.equal(podsBefore(rolling(1, 0), 9), 1);
    assert.equal(podsBefore(rolling('10%', '0%'), 9), 1);
  });

  test('are none where it may, or makes no more', () => {
    assert.equal(podsBefore(deployment({}), 4), 0);
    assert.equal(podsBefore(rolling(1, 1), 2), 0);
    assert.equal(podsBefore(rolling(0, 0), 2), 0, 'then one may go all the same');
    assert.equal(podsBefore(deployment({ type: 'Recreate' }), 1), 0);
    assert.equal(podsBefore(deployment({}), 0), 0);
    assert.equal(podsBefore({ kind: 'StatefulSet' }, 3), 0);
    assert.equal(podsBefore({ kind: 'DaemonSet' }, 3), 0);
  });

  test('are one for a DaemonSet with a surge', () => {
    const spec = { updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } };
    assert.equal(podsBefore({ kind: 'DaemonSet', spec }, 3), 1);
  });
});
