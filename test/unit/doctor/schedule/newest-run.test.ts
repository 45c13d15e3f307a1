import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeRuns } from '../../../../src/doctor/schedule/newest-run.ts';
import type { Finding } from '../../../../src/model/findings/finding.ts';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import { aCronJob, aJob, aPod, inState, type JobTold } from './objects.ts';

/** A backup of ours or, by hand, a script whose containers' logs are these. */
interface Told {
  jobs: KubeObject[];
  pods: KubeObject[];
  logs?: Record<string, string>;
}

function judge({ jobs, pods, logs }: Told): Promise<Finding[]> {
  const reader = {
    list: async () => pods,
    log: async (_namespace: string, _pod: string, { container = '' }: { container?: string }) =>
      logs?.[container],
  };
  const maker = logs === undefined ? 'tool' : 'script';
  return judgeRuns(reader, { cronJob: aCronJob(), maker, jobs }, { events: [], now: new Date() });
}

const codes = (findings: Finding[]): string[] => findings.map(({ code }) => code);
const repaired = (findings: Finding[]): string[] =>
  findings.filter(({ repair }) => repair !== undefined).map(({ code }) => code);

const TEMPLATE = { spec: { containers: [{ name: 'backup' }], restartPolicy: 'Never' } };
const job = (told: JobTold = {}): KubeObject => aJob({ ...told, spec: { template: TEMPLATE } });
const FAILED: JobTold['end'] = { type: 'Failed', at: '2026-11-26T02:09:00Z', reason: 'BackoffLimitExceeded' };
const COMPLETE: JobTold['end'] = { type: 'Complete', at: '2026-11-26T02:09:00Z' };

/** The Job's pod number so many. */
function pod(number: number, status: JsonObject, spec: JsonObject = {}): KubeObject {
  const made = aPod(status, spec);
  const metadata = made.metadata as JsonObject;
  return {
    ...made,
    metadata: {
      ...metadata,
      name: `run-${number}`,
      uid: `pod-${number}`,
      creationTimestamp: `2026-11-26T02:0${number}:00Z`,
    },
  };
}
const EVICTED = { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory.' };
const RUNS: JsonObject = { ...inState({ running: {} }), phase: 'Running' };
const ended = (exitCode: number): JsonObject => ({ terminated: { reason: 'Error', exitCode } });
const GAVE_UP: JsonObject = { ...inState(ended(3)), phase: 'Failed' };

describe('a run whose pod was evicted', () => {
  const pods = [pod(1, EVICTED), pod(2, RUNS)];

  test('while another of its pods runs, nothing is wrong, and nothing to repair', async () => {
    assert.deepEqual(await judge({ jobs: [job()], pods }), []);
    const scripts = [pod(1, GAVE_UP), pod(2, inState({ waiting: { reason: 'ContainerCreating' } }))];
    assert.deepEqual(await judge({ jobs: [job()], pods: scripts }), []);
  });

  test('before the next pod comes it is told, and its Job is left alone', async () => {
    const found = await judge({ jobs: [job()], pods: [pod(1, EVICTED)] });
    assert.deepEqual([codes(found), repaired(found)], [['MB241'], []]);
  });

  test('whose Job has failed can be run again', async () => {
    const found = await judge({ jobs: [job({ end: FAILED })], pods: [pod(1, EVICTED)] });
    assert.deepEqual(repaired(found), ['MB241']);
  });

  test('it is not run again while a newer one is under way', async () => {
    const newer = aJob({ name: 'next', started: '2026-11-27T02:00:00Z' });
    const found = await judge({ jobs: [newer, job({ end: FAILED })], pods: [pod(1, EVICTED)] });
    assert.deepEqual([codes(found), repaired(found)], [['MB241', 'MB220'], []]);
  });
});

test('a container that runs again after an error has not failed', async () => {
  const again = { ...inState({ running: {} }, ended(1)), phase: 'Running' };
  assert.deepEqual(await judge({ jobs: [job()], pods: [pod(1, again)] }), []);
  const waits = inState({ waiting: { reason: 'CrashLoopBackOff' } }, ended(1));
  assert.deepEqual(codes(await judge({ jobs: [job()], pods: [pod(1, waits)] })), ['MB242']);
});

describe('containers that a mesh puts beside the backup', () => {
  const statuses = (proxy: JsonObject, backup: JsonObject): JsonObject => ({
    phase: 'Failed',
    containerStatuses: [
      { name: 'istio-proxy', state: proxy },
      { name: 'backup', state: backup },
    ],
  });

  test('are not to blame where the backup itself gave up', async () => {
    const [found] = await judge({
      jobs: [job({ end: FAILED })],
      pods: [pod(1, statuses(ended(143), ended(3)))],
    });
    assert.match(found?.summary ?? '', /its container backup ended with exit code 3/);
  });

  test('have logs that say nothing of the backup', async () => {
    const done = { terminated: { reason: 'Completed', exitCode: 0 } };
    const said = (logs: Record<string, string>) =>
      judge({ jobs: [job({ end: COMPLETE })], pods: [pod(1, statuses(done, done))], logs });
    assert.deepEqual(await said({ 'istio-proxy': 'cluster outbound|80 not found', backup: 'saved' }), []);
    assert.deepEqual(codes(await said({ 'istio-proxy': '', backup: 'cluster outbound|80 not found' })), [
      'MB252',
    ]);
  });
});
