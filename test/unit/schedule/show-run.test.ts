import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tool } from '../../../src/advice/command.ts';
import { InterruptedError, UnreachableError } from '../../../src/errors/tool-error.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { createMemoryIO } from '../../../src/output/memory-io.ts';
import { outcomeOf } from '../../../src/schedule/job-outcome.ts';
import { failureOf, showRun } from '../../../src/schedule/show-run.ts';
import { aCronJob, aJob, aPod, inState } from '../doctor/schedule/objects.ts';
import { spelled } from '../spelled.ts';
import { type Look, scriptedJob } from './scripted-job.ts';

const CRON_JOB = aCronJob();
const FAILED = aJob({
  end: { type: 'Failed', at: '2026-11-26T02:00:30Z', reason: 'BackoffLimitExceeded', message: 'the limit' },
});

function ended(exitCode: number, message: string) {
  return aPod(inState({ terminated: { exitCode, reason: 'Error', message } }));
}

async function shown(looks: Look[], answers?: boolean[], signal = new AbortController().signal) {
  const io = createMemoryIO(answers === undefined ? {} : { answers });
  const kube = scriptedJob(looks) as unknown as KubeClient;
  const outcome = await showRun(kube, { cronJob: CRON_JOB, job: 'run' }, { io, signal }, (line) =>
    io.out(line),
  );
  return { io, outcome };
}

describe('a run that is shown', () => {
  const running = aPod(inState({ running: {} }));
  const looks: Look[] = [
    { job: aJob(), pods: [running], logs: { 'run-x': ['2026-11-26T02:00:01Z saved cart'] } },
    {
      job: aJob({ end: { type: 'Complete', at: '2026-11-26T02:00:30Z' } }),
      pods: [ended(0, '')],
      logs: { 'run-x': ['2026-11-26T02:00:01Z saved cart', '2026-11-26T02:00:02Z done'] },
    },
  ];

  test('its log is data, and where it stands a line each without a terminal', async () => {
    const { io } = await shown(looks);
    assert.equal(io.stdout, 'saved cart\ndone\n');
    assert.equal(io.stderr, 'pod/run-x runs\n');
  });

  test('on a terminal it stands beside a spinner', async () => {
    const { io } = await shown(looks, []);
    assert.equal(io.stderr, '');
    assert.ok(io.progressed.includes('pod/run-x runs'));
  });

  test('Ctrl-C says how to go on', async () => {
    const interruption = new AbortController();
    interruption.abort(new InterruptedError());
    await assert.rejects(shown(looks, undefined, interruption.signal), {
      next: tool('schedule', 'logs', '-n', 'cache', '--name', 'memcached-backup', '--job', 'run', '--follow'),
      untouched: 'job/run goes on in the cluster',
      exitCode: 130,
    });
  });
});

test('what the schedule holds in plain text is masked in its log', async () => {
  const env = [{ name: 'AWS_SECRET_ACCESS_KEY', value: 'hunter2-hunter2' }];
  const cronJob = aCronJob({ container: { env } });
  const io = createMemoryIO();
  const log = ['2026-11-26T02:00:01Z the key is hunter2-hunter2'];
  const end = aJob({ end: { type: 'Complete', at: '2026-11-26T02:00:30Z' } });
  const kube = scriptedJob([
    { job: end, pods: [ended(0, '')], logs: { 'run-x': log } },
  ]) as unknown as KubeClient;
  const { signal } = new AbortController();
  await showRun(kube, { cronJob, job: 'run' }, { io, signal }, (line) => io.out(line));
  assert.equal(io.stdout, 'the key is ***\n');
});

test('a server that is away meanwhile is told, and that the run goes on', async () => {
  const kube = {
    get: async () => {
      throw new UnreachableError('no answer');
    },
  } as unknown as KubeClient;
  const { signal } = new AbortController();
  const run = { cronJob: CRON_JOB, job: 'run' };
  await assert.rejects(
    showRun(kube, run, { io: createMemoryIO(), signal }, () => {}),
    {
      message: 'no answer',
      exitCode: 4,
      untouched: 'job/run goes on in the cluster',
    },
  );
});

describe('why a run failed', () => {
  const failure = (pods: Parameters<typeof outcomeOf>[1]) =>
    failureOf(outcomeOf(FAILED, pods, undefined), CRON_JOB);

  test('by its exit code and its last words', () => {
    const error = failure([ended(5, 'incomplete: 1 of 2')]);
    assert.equal(
      error?.message,
      'the run job/run failed: exit code 5: incomplete: 1 of 2 (BackoffLimitExceeded: the limit)',
    );
    assert.equal(error?.exitCode, 5);
    assert.equal(spelled(error?.next), 'kubectl memcached-backup doctor -n cache');
  });

  test('where nothing is left of it, by the Job', () => {
    assert.equal(failure([])?.message, 'the run job/run failed: BackoffLimitExceeded: the limit');
    assert.equal(failure([])?.exitCode, 1);
  });

  test('of one that succeeded there is none', () => {
    const complete = aJob({ end: { type: 'Complete', at: '2026-11-26T02:00:30Z' } });
    assert.equal(failureOf(outcomeOf(complete, [], undefined), CRON_JOB), undefined);
  });
});
