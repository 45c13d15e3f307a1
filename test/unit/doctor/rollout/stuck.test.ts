import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { helm, tool } from '../../../../src/advice/command.ts';
import type { RolloutSubject } from '../../../../src/doctor/rollout/rollout-subject.ts';
import { blockedPods, judgeRollout } from '../../../../src/doctor/rollout/stuck.ts';
import type { WaysBack } from '../../../../src/doctor/rollout/ways-back.ts';
import { type Json, type JsonObject, objectAt } from '../../../../src/model/json/json.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import type { PodOfWorkload } from '../../../../src/model/kubernetes/workload.ts';
import { aDeployment, anObject, aPod } from '../../../support/objects.ts';
import { allSpelled, spelled } from '../../spelled.ts';
import { aSubject, NOW } from './a-subject.ts';

const NOT_DONE = { status: { availableReplicas: 0, readyReplicas: 0 } };

/** A pod that is not ready. */
const unready = (status: JsonObject): JsonObject => ({
  status: { conditions: [{ type: 'Ready', status: 'False' }], ...status },
});
const container = (state: Json, more: JsonObject = {}): JsonObject =>
  unready({ containerStatuses: [{ name: 'memcached', ready: false, state, ...more }] });
const waiting = (reason: string, more: JsonObject = {}): JsonObject =>
  container({ waiting: { reason, message: 'because' } }, more);
const runningSince = (startedAt: string): JsonObject => container({ running: { startedAt } });

function unhealthy(count: number): KubeObject {
  return anObject('v1', 'Event', 'e').with({
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'cart-1' },
    reason: 'Unhealthy',
    message: 'Readiness probe failed: connection refused',
    count,
    lastTimestamp: '2026-11-24T11:59:59Z',
  }).object;
}

const mountFailed = (message: string): KubeObject => said('FailedMount', '11:59:59', message);

function said(reason: string, time: string, message = 'because'): KubeObject {
  return anObject('v1', 'Event', reason.toLowerCase()).with({
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'cart-1' },
    reason,
    message,
    lastTimestamp: `2026-11-24T${time}Z`,
  }).object;
}

function codes(pod: JsonObject, events: KubeObject[] = [], workload: JsonObject = NOT_DONE): string[] {
  const subject = aSubject(workload, { pod });
  const blocked = blockedPods(subject.pods, events, NOW);
  return judgeRollout(subject, blocked, events, new Map()).map(({ code }) => code);
}

describe('why a rollout does not get on', () => {
  const cases: [name: string, found: string[], expected: string[]][] = [
    ['it is done', codes({}, [], {}), []],
    ['a pod is just starting', codes(runningSince('2026-11-24T11:59:50Z')), ['MB530']],
    ['its image', codes(waiting('ErrImagePull')), ['MB531']],
    ['a missing Secret', codes(waiting('CreateContainerConfigError')), ['MB536']],
    ...['ImageInspectError', 'RegistryUnavailable', 'SignatureValidationFailed'].map(
      (reason): [string, string[], string[]] => [reason, codes(waiting(reason)), ['MB531']],
    ),
    ...['PreCreateHookError', 'PreStartHookError', 'PostStartHookError'].map(
      (reason): [string, string[], string[]] => [reason, codes(waiting(reason)), ['MB536']],
    ),
    [
      'a command that is not there, between two attempts',
      codes(
        waiting('CrashLoopBackOff', { lastState: { terminated: { exitCode: 128, reason: 'StartError' } } }),
      ),
      ['MB536'],
    ],
    [
      'a missing volume',
      codes(unready({ phase: 'Pending' }), [mountFailed('configmap "x" not found')]),
      ['MB536'],
    ],
    [
      'a mount that the kubelet tries again at once',
      codes(unready({ phase: 'Pending' }), [mountFailed('failed to sync configmap cache: timed out')]),
      ['MB530'],
    ],
    ['no node', codes(unready({ conditions: [{ type: 'PodScheduled', status: 'False' }] })), ['MB533']],
    ['not ready for long', codes(runningSince('2026-11-24T11:59:00Z')), ['MB534']],
    [
      'two failed probes of a young one',
      codes(runningSince('2026-11-24T11:59:58Z'), [unhealthy(2)]),
      ['MB530'],
    ],
    ['three', codes(runningSince('2026-11-24T11:59:58Z'), [unhealthy(3)]), ['MB534']],
    [
      'it crashes',
      codes(waiting('CrashLoopBackOff', { lastState: { terminated: { exitCode: 1, reason: 'Error' } } })),
      ['MB535'],
    ],
    ['it ended well and is started anew', codes(container({ terminated: { exitCode: 0 } })), ['MB530']],
    [
      'its pods are refused',
      codes({}, [], {
        status: {
          ...NOT_DONE.status,
          conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota' }],
        },
      }),
      ['MB532'],
    ],
    [
      'nobody knows, and it is over',
      codes({}, [], {
        status: {
          ...NOT_DONE.status,
          conditions: [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded' }],
        },
      }),
      ['MB537'],
    ],
  ];
  for (const [name, found, expected] of cases) test(name, () => assert.deepEqual(found, expected));
});

describe('a pod that no node takes, and an autoscaler', () => {
  const pod = unready({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] });
  const failed = said('FailedScheduling', '11:59:58');
  const cases: [name: string, events: KubeObject[], expected: string][] = [
    ['that makes one', [said('TriggeredScaleUp', '11:50:00')], 'MB530'],
    ['of Karpenter that makes one', [said('Nominated', '11:59:50'), failed], 'MB530'],
    [
      'that began to make one less than 3 minutes ago',
      [said('TriggeredScaleUp', '11:57:01'), failed],
      'MB530',
    ],
    ['that has not made one within 3 minutes', [said('TriggeredScaleUp', '11:56:59'), failed], 'MB533'],
    [
      'that can make none any more',
      [said('TriggeredScaleUp', '11:59:00'), said('NotTriggerScaleUp', '11:59:30')],
      'MB533',
    ],
    ['that is not there', [failed], 'MB533'],
  ];
  for (const [name, events, expected] of cases)
    test(name, () => assert.deepEqual(codes(pod, events), [expected]));

  test('what it says is shown', () => {
    const subject = aSubject(NOT_DONE, { pod });
    const events = [said('TriggeredScaleUp', '11:58:00', 'pool 0->1'), failed];
    const [found] = judgeRollout(subject, blockedPods(subject.pods, events, NOW), events, new Map());
    assert.deepEqual(found?.evidence[0], {
      text: 'pod/cart-1: TriggeredScaleUp: pool 0->1',
      at: '2026-11-24T11:58:00Z',
    });
  });
});

describe('a container that takes its time', () => {
  /** Running for so many seconds at NOW, one container with these fields. */
  const since = (
    seconds: number,
    spec: JsonObject,
    more: JsonObject = {},
    list = 'containers',
  ): JsonObject => {
    const startedAt = new Date(NOW.getTime() - seconds * 1000).toISOString();
    const status = { name: 'memcached', ready: false, state: { running: { startedAt } }, ...more };
    const statuses = list === 'containers' ? 'containerStatuses' : 'initContainerStatuses';
    return { ...unready({ [statuses]: [status] }), spec: { [list]: [{ name: 'memcached', ...spec }] } };
  };
  const late = { readinessProbe: { initialDelaySeconds: 60 } };
  const startup = { startupProbe: { initialDelaySeconds: 10, periodSeconds: 10, failureThreshold: 30 } };
  const starts = { started: false };
  const sidecar = { restartPolicy: 'Always' };
  const cases: [name: string, found: string[], expected: string][] = [
    ['its readiness probe begins late', codes(since(89, late)), 'MB530'],
    ['its readiness probe began long ago', codes(since(91, late)), 'MB534'],
    ['its startup probe may fail often', codes(since(339, startup, starts), [unhealthy(29)]), 'MB530'],
    [
      'its startup probe has failed as often as it may',
      codes(since(300, startup, starts), [unhealthy(30)]),
      'MB534',
    ],
    ['its startup probe has had its time', codes(since(341, startup, starts)), 'MB534'],
    [
      'it has started, and the startup probe counts no more',
      codes(since(40, startup, { started: true })),
      'MB534',
    ],
    ['it prepares the pod', codes(since(290, {}, {}, 'initContainers')), 'MB530'],
    ['it has prepared the pod for long', codes(since(310, {}, {}, 'initContainers')), 'MB534'],
    ['it goes on beside the others', codes(since(40, sidecar, {}, 'initContainers')), 'MB534'],
  ];
  for (const [name, found, expected] of cases) test(name, () => assert.deepEqual(found, [expected]));
});

test('that a pod was refused is over when it has come', () => {
  const at = (time: string) =>
    anObject('v1', 'Event', 'refused').with({
      involvedObject: { apiVersion: 'apps/v1', kind: 'StatefulSet', namespace: 'shop', name: 'cart' },
      reason: 'FailedCreate',
      message: 'exceeded quota',
      lastTimestamp: `2026-11-24T${time}Z`,
    }).object;
  const set: JsonObject = { kind: 'StatefulSet', ...NOT_DONE };
  const pod: JsonObject = { metadata: { creationTimestamp: '2026-11-24T11:59:30Z' }, ...unready({}) };
  assert.deepEqual(codes(pod, [at('11:59:20')], set), ['MB530']);
  assert.deepEqual(codes(pod, [at('11:59:40')], set), ['MB532']);
});

const RESTORE = 'kubectl memcached-backup restore cart -n shop';
const WAYS: WaysBack = {
  restore: { advice: tool('restore', 'cart', '-n', 'shop'), why: 'a backup' },
  rollback: { advice: helm('rollback', 'cart', 3, '-n', 'shop'), why: 'revision 3' },
};
const ROLLBACK = 'helm rollback cart 3 -n shop';

describe('back to the last template', () => {
  const fixOf = (
    pod: JsonObject,
    {
      current = true,
      others = [],
      ...more
    }: { current?: boolean; others?: PodOfWorkload[] } & Partial<RolloutSubject> = {},
  ): string[] => {
    const subject = { ...aSubject(NOT_DONE, { pod, current }), ...more };
    const pods = [...subject.pods, ...others];
    const blocked = blockedPods(pods, [], NOW);
    return allSpelled(judgeRollout({ ...subject, pods }, blocked, [], new Map())[0]!.advice);
  };
  const lostSecret = waiting('CreateContainerConfigError');
  const crash = waiting('CrashLoopBackOff', { lastState: { terminated: { exitCode: 1, reason: 'Error' } } });
  const UNDO = 'kubectl -n shop rollout undo deployment.apps/cart';
  const sibling = (current: boolean): PodOfWorkload => ({
    pod: aPod('cart-0', aDeployment('cart').served().object).object,
    current,
  });

  test('of plain YAML, where its pods are still there', () =>
    assert.ok(fixOf(lostSecret, { others: [sibling(false)] }).includes(UNDO)));
  test('of plain YAML by the number of the one whose pods are ready: before the present one may be another bad one', () => {
    const { object } = aDeployment('cart').served();
    const set = anObject('apps/v1', 'ReplicaSet', 'cart-7')
      .served()
      .annotated({ 'deployment.kubernetes.io/revision': '7' }).object;
    const old = { pod: aPod('cart-0', set).object, current: false };
    assert.equal(object.kind, 'Deployment');
    assert.deepEqual(fixOf(crash, { others: [old], replicaSets: [set] }).slice(1), [
      `${UNDO} --to-revision=7`,
    ]);
  });
  test('not where no template was changed: another one would only empty the caches', () => {
    assert.ok(!fixOf(lostSecret).includes(UNDO));
    assert.ok(!fixOf(lostSecret, { others: [sibling(true)] }).includes(UNDO));
  });
  test('not where it is that one’s pods that are blocked', () =>
    assert.ok(!fixOf(lostSecret, { current: false, others: [sibling(true)] }).includes(UNDO)));

  test('of a Helm release by a restore, then by Helm, never by kubectl, which leaves Helm’s record wrong', () => {
    const helmed = { isHelm: true, ways: WAYS };
    for (const others of [[], [sibling(false)]])
      assert.deepEqual(fixOf(crash, { ...helmed, others }).slice(1), [RESTORE, ROLLBACK]);
    assert.deepEqual(fixOf(crash, { isHelm: true, others: [sibling(false)] }).slice(1), []);
  });
  test('what a restore puts back, and no rollback, where a Secret was deleted', () =>
    assert.deepEqual(fixOf(lostSecret, { isHelm: true, ways: WAYS }).slice(1), [RESTORE]));
  test('nothing where no node takes the pods, whatever their template', () => {
    const unschedulable = unready({ conditions: [{ type: 'PodScheduled', status: 'False' }] });
    assert.deepEqual(fixOf(unschedulable, { isHelm: true, ways: WAYS }).slice(1), []);
  });
});

describe('a StatefulSet that waits for each of its pods', () => {
  const set: JsonObject = { kind: 'StatefulSet', ...NOT_DONE };
  const never = waiting('ImagePullBackOff', { ready: false });
  const at = '2026-11-24T11:50:00Z';
  const status = (readyAt: string): JsonObject => ({
    ...objectAt(never, 'status'),
    startTime: at,
    conditions: ['Ready', 'ContainersReady'].map((type) => ({
      type,
      status: 'False',
      lastTransitionTime: readyAt,
    })),
  });
  const found = (current: boolean, { readyAt = at, isHelm = false } = {}) => {
    const pod = { ...never, metadata: { creationTimestamp: at }, status: status(readyAt) };
    const subject = { ...aSubject(set, { pod, current }), isHelm, ways: WAYS };
    const pods = [...subject.pods, { pod: aPod('cart-0', subject.workload).object, current: !current }];
    return judgeRollout({ ...subject, pods }, blockedPods(pods, [], NOW), [], new Map())[0]!;
  };
  const fixOf = (...args: Parameters<typeof found>) => allSpelled(found(...args).advice).slice(1);
  const DELETE = 'kubectl -n shop delete pod cart-1';

  test('a bad template: restore, and no rollout undo, which would not replace the pod', () =>
    assert.deepEqual(fixOf(true), [RESTORE]));
  test('a bad template of Helm’s: a rollback alone would not replace the pod either', () =>
    assert.deepEqual(fixOf(true, { isHelm: true }), [RESTORE, `${ROLLBACK} && ${DELETE}`]));
  test('a pod that the last template left: restore, or delete it, and why', () => {
    assert.deepEqual(fixOf(false), [RESTORE, DELETE]);
    assert.match(
      found(false)
        .evidence.map(({ text }) => text)
        .join(),
      /waits for it to become ready/,
    );
  });
  test('one that was ready once is nobody’s to delete', () =>
    assert.deepEqual(fixOf(false, { readyAt: '2026-11-24T11:55:00Z' }), []));

  test('is down since the pod was made, or since it was ready last', () => {
    assert.equal(found(true).since, at);
    assert.equal(found(true, { readyAt: '2026-11-24T11:55:00Z' }).since, '2026-11-24T11:55:00Z');
  });
});

test('the last lines of the log stand beside the end', () => {
  const subject = aSubject(NOT_DONE, {
    pod: waiting('CrashLoopBackOff', {
      restartCount: 4,
      lastState: { terminated: { exitCode: 71, reason: 'Error', finishedAt: '2026-11-24T11:59:00Z' } },
    }),
  });
  const blocked = blockedPods(subject.pods, [], NOW);
  const logs = new Map([['cart-1', ['can not allocate', 'bye']]]);
  const [found] = judgeRollout(subject, blocked, [], logs);
  assert.deepEqual(found?.evidence, [
    { text: 'pod/cart-1: Error, exit code 71, 4 restarts', at: '2026-11-24T11:59:00Z' },
    { text: 'log: can not allocate' },
    { text: 'log: bye' },
    { text: '0 of 1 pods are available' },
  ]);
  assert.equal(spelled(found?.advice[0]), 'kubectl -n shop logs cart-1 -c memcached --previous');
});
