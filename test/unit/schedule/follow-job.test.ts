import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InterruptedError } from '../../../src/errors/tool-error.ts';
import type { JsonObject } from '../../../src/model/json/json.ts';
import type { KubeObject } from '../../../src/model/kubernetes/object.ts';
import { type FollowOptions, followJob } from '../../../src/schedule/follow-job.ts';
import { exitCodeOfRun } from '../../../src/schedule/job-outcome.ts';
import { aJob, aPod, inState, NAMESPACE } from '../doctor/schedule/objects.ts';
import { type Look, reported, scriptedJob } from './scripted-job.ts';

const RUNNING_JOB = aJob();
const COMPLETE = aJob({ end: { type: 'Complete', at: '2026-11-26T02:00:30Z' } });
const FAILED = aJob({
  end: {
    type: 'Failed',
    at: '2026-11-26T02:00:30Z',
    reason: 'PodFailurePolicy',
    message: 'Container backup failed with exit code 5',
  },
});
const STOPPED = aJob({
  end: {
    type: 'Failed',
    at: '2026-11-26T02:30:00Z',
    reason: 'DeadlineExceeded',
    message: 'Job was active longer than specified deadline',
  },
});
const CREATING = aPod(inState({ waiting: { reason: 'ContainerCreating' } }));
const RUNNING = aPod(inState({ running: {} }));
const UNMOUNTED = reported(
  CREATING,
  'FailedMount',
  'MountVolume.SetUp failed for volume "keys" : secret "mb-keys" not found',
);

function ended(exitCode: number, message = ''): KubeObject {
  return aPod(inState({ terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', message } }));
}

function named(pod: KubeObject, name: string, created: string): KubeObject {
  const metadata = { ...(pod.metadata as JsonObject), name, uid: name, creationTimestamp: created };
  return { ...pod, metadata };
}

async function followed(
  looks: Look[],
  { denied = [], ...options }: Partial<FollowOptions> & { denied?: Parameters<typeof scriptedJob>[1] } = {},
) {
  const kube = scriptedJob(looks, denied);
  const told: string[] = [];
  const log: string[] = [];
  const unseen: string[] = [];
  const outcome = await followJob(
    kube,
    { namespace: NAMESPACE, name: 'run' },
    {
      signal: new AbortController().signal,
      onProgress: ({ text, isTrouble }) => told.push(`${isTrouble ? '! ' : ''}${text}`),
      onLog: (line, pod) => log.push(`${pod} ${line}`),
      onUnseen: (text) => unseen.push(text),
      times: { lookMs: 1, eventsAfterMs: 0, stuckAfterMs: 60_000 },
      ...options,
    },
  );
  return { outcome, told, log, unseen, asked: kube.asked, code: exitCodeOfRun(outcome) };
}

describe('following a run', () => {
  test('from nothing to its end, each step told once, each line of its log once', async () => {
    const line = (second: number, text: string): string => `2026-11-26T02:00:0${second}.000000001Z ${text}`;
    const { outcome, told, log, code } = await followed([
      { job: RUNNING_JOB },
      { job: RUNNING_JOB },
      { job: RUNNING_JOB, pods: [CREATING] },
      { job: RUNNING_JOB, pods: [RUNNING], logs: { 'run-x': [line(1, 'a')] } },
      { job: RUNNING_JOB, pods: [RUNNING], logs: { 'run-x': [line(1, 'a'), line(1, 'a'), line(2, 'b')] } },
      {
        job: COMPLETE,
        pods: [ended(0, 'saved 1')],
        logs: { 'run-x': [line(1, 'a'), line(1, 'a'), line(2, 'b'), line(3, 'c')] },
      },
    ]);
    assert.deepEqual(told, ['job/run waits for its pod', 'pod/run-x is starting', 'pod/run-x runs']);
    assert.deepEqual(log, ['run-x a', 'run-x a', 'run-x b', 'run-x c']);
    assert.equal(outcome.state, 'succeeded');
    assert.deepEqual(outcome.pod, { name: 'run-x', started: true, exitCode: 0, said: 'saved 1' });
    assert.equal(code, 0);
  });

  test('a failed Job ends it, with the container’s exit code and last words in one line', async () => {
    const said = 'incomplete: 1 of 2 releases\nsecrets may not be listed\n';
    const { outcome, code } = await followed([
      { job: FAILED, pods: [ended(5, said)], logs: { 'run-x': [] } },
    ]);
    assert.equal(outcome.state, 'failed');
    assert.equal(outcome.reason, 'PodFailurePolicy');
    assert.equal(outcome.pod?.said, 'incomplete: 1 of 2 releases; secrets may not be listed');
    assert.equal(code, 5);
  });

  test('an exit code that says nothing of a backup is 1', async () => {
    for (const exitCode of [130, 137, 255, 3000]) {
      const { code } = await followed([{ job: FAILED, pods: [ended(exitCode)], logs: {} }]);
      assert.equal(code, 1, String(exitCode));
    }
  });

  test('of several pods the newest counts, whatever their order, and the others are named', async () => {
    const first = named(ended(4, 'store away'), 'run-a', '2026-11-26T02:00:01Z');
    const second = named(ended(1, 'disk full'), 'run-b', '2026-11-26T02:00:20Z');
    const third = named(ended(4, 'store away again'), 'run-c', '2026-11-26T02:00:50Z');
    const { outcome, code } = await followed([{ job: FAILED, pods: [second, third, first], logs: {} }]);
    assert.equal(outcome.pod?.name, 'run-c');
    assert.deepEqual(outcome.otherPods, ['run-b', 'run-a']);
    assert.equal(code, 4);
  });

  test('pods of a Job of the same name that is gone are none of its', async () => {
    const stranger: KubeObject = {
      ...ended(1),
      metadata: {
        name: 'run-old',
        namespace: NAMESPACE,
        uid: 'p',
        creationTimestamp: '2027-01-01T00:00:00Z',
        ownerReferences: [{ kind: 'Job', name: 'run', uid: 'another', controller: true }],
      },
    };
    const { outcome } = await followed([{ job: COMPLETE, pods: [stranger, ended(0)], logs: {} }]);
    assert.equal(outcome.pod?.name, 'run-x');
    assert.deepEqual(outcome.otherPods, []);
  });

  test('a try that failed is told while the next one follows', async () => {
    const { told } = await followed([
      { job: RUNNING_JOB, pods: [ended(4, 'store away')], logs: {} },
      { job: COMPLETE, pods: [ended(0)], logs: {} },
    ]);
    assert.deepEqual(told, ['! pod/run-x ended with exit code 4: store away']);
  });

  describe('a pod that never starts', () => {
    const waiting: Look = { job: RUNNING_JOB, pods: [CREATING], events: [UNMOUNTED] };

    test('is told by its cause, which outlives the pod that the Job deletes at its deadline', async () => {
      const { outcome, told, code } = await followed([
        waiting,
        waiting,
        // The Job is being stopped.
        { job: RUNNING_JOB, pods: [], events: [] },
        { job: STOPPED, pods: [] },
      ]);
      assert.deepEqual(told.slice(0, 1), [
        '! pod/run-x: needs secret/mb-keys, which does not exist (FailedMount: MountVolume.SetUp failed for volume "keys" : secret "mb-keys" not found)',
      ]);
      assert.equal(outcome.state, 'failed');
      assert.equal(outcome.reason, 'DeadlineExceeded');
      assert.equal(outcome.hindrance?.code, 'MB231');
      assert.equal(code, 4);
    });

    test('is not waited for until that deadline', async () => {
      const { outcome, code } = await followed([waiting], {
        times: { lookMs: 1, eventsAfterMs: 0, stuckAfterMs: 20 },
      });
      assert.equal(outcome.state, 'stuck');
      assert.equal(outcome.hindrance?.code, 'MB231');
      assert.equal(code, 4);
    });

    test('a cause that passes is forgotten, and its time does not count', async () => {
      const fine: Look = { job: RUNNING_JOB, pods: [CREATING], events: [] };
      const { outcome, told } = await followed(
        [
          ...Array(5).fill(waiting),
          fine,
          ...Array(5).fill(waiting),
          { job: COMPLETE, pods: [ended(0)], logs: {} },
        ],
        { times: { lookMs: 100, eventsAfterMs: 0, stuckAfterMs: 900 } },
      );
      assert.equal(outcome.state, 'succeeded');
      assert.equal(outcome.hindrance, undefined);
      assert.equal(told.length, 3);
    });

    test('a pod that the API server refuses is told as such: 1', async () => {
      const refused = reported(
        RUNNING_JOB,
        'FailedCreate',
        'Error creating: pods "run-" is forbidden: violates PodSecurity "restricted:latest"',
      );
      const { outcome, code } = await followed([{ job: RUNNING_JOB, pods: [], events: [refused] }], {
        times: { lookMs: 1, eventsAfterMs: 0, stuckAfterMs: 5 },
      });
      assert.equal(outcome.hindrance?.code, 'MB223');
      assert.equal(outcome.pod, undefined);
      assert.equal(code, 1);
    });

    test('events are not asked for while a pod may just be starting', async () => {
      const { asked } = await followed(
        [
          { job: RUNNING_JOB, pods: [CREATING] },
          { job: COMPLETE, pods: [ended(0)], logs: {} },
        ],
        { times: { lookMs: 1, eventsAfterMs: 60_000 } },
      );
      assert.ok(!asked.includes('list events'), asked.join());
    });
  });

  test('without permissions for pods, events and logs it follows the Job alone, and says so once', async () => {
    const { outcome, unseen, told } = await followed(
      [{ job: RUNNING_JOB }, { job: RUNNING_JOB }, { job: COMPLETE }],
      { denied: ['pods', 'events', 'pods/log'] },
    );
    assert.equal(outcome.state, 'succeeded');
    assert.deepEqual(told, ['job/run runs']);
    assert.equal(unseen.length, 2);
    assert.match(unseen.join('\n'), /its pods can't be seen: .*cannot list resource "pods"/);
  });

  test('a Job that somebody deletes ends it, with an error that says so', async () => {
    await assert.rejects(
      followed([{ job: RUNNING_JOB }, { job: null }]),
      /job\/run is gone: somebody deleted it/,
    );
  });

  test('Ctrl-C ends the following and says that the Job goes on', async () => {
    const interruption = new AbortController();
    const following = followed([{ job: RUNNING_JOB, pods: [RUNNING], logs: {} }], {
      signal: interruption.signal,
      onProgress: () => interruption.abort(new InterruptedError()),
    });
    await assert.rejects(following, (error) => {
      assert.ok(error instanceof InterruptedError);
      assert.equal(error.exitCode, 130);
      assert.equal(error.untouched, 'job/run goes on in the cluster');
      return true;
    });
  });
});
