import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UnreachableError } from '../../../src/errors/tool-error.ts';
import { ApiError } from '../../../src/kube/api-error.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { JsonObject } from '../../../src/model/json/json.ts';
import type { KubeObject } from '../../../src/model/kubernetes/object.ts';
import { scheduleLabels } from '../../../src/model/schedule/schedule-objects.ts';
import { createMemoryIO } from '../../../src/output/memory-io.ts';
import { readScheduleStatus } from '../../../src/schedule/schedule-status.ts';
import type { CommandContext } from '../../../src/session/context.ts';
import { aCronJob, aJob, aPod, inState } from '../doctor/schedule/objects.ts';
import { reported } from './scripted-job.ts';

const NOW = new Date('2026-11-26T09:00:00Z');
const BY_HAND = { 'cronjob.kubernetes.io/instantiate': 'manual' };

function schedule(told: Parameters<typeof aCronJob>[0]): KubeObject {
  const cronJob = aCronJob(told);
  return {
    ...cronJob,
    metadata: { ...(cronJob.metadata as JsonObject), labels: scheduleLabels('memcached-backup') },
  };
}

async function statusOf(...objects: KubeObject[]) {
  return (await looked(objects)).status;
}

/** @param denied plurals that may not be listed. */
async function looked(objects: KubeObject[], denied: string[] = []) {
  const io = createMemoryIO();
  const listed = (kind: string): KubeObject[] => objects.filter((object) => object.kind === kind);
  const kube: Partial<KubeClient> = {
    namespace: 'cache',
    list: async ({ kind, plural }) => {
      if (!denied.includes(plural)) return listed(kind);
      const message = `User "u" cannot list resource "${plural}" in API group ""`;
      const call = { verb: 'list', group: '', resource: plural };
      throw new ApiError({ status: 403, reason: 'Forbidden', message }, call);
    },
    podLog: async () => '',
  };
  const context: Partial<CommandContext> = {
    io,
    kube: async () => kube as KubeClient,
    store: async () => {
      throw new UnreachableError('the store is away');
    },
    now: () => NOW,
    signal: new AbortController().signal,
  };
  const wanted = { allNamespaces: false, isNamed: true, s3: {}, git: {} };
  const [status] = await readScheduleStatus(wanted, context as CommandContext);
  return { status: status!, said: io.stderr };
}

describe('the status of a schedule', () => {
  test('a run by hand, which sets lastSuccessfulTime, hides no schedule that never fires', async () => {
    const byHand = aJob({
      name: 'by-hand',
      started: '2026-11-26T08:00:00Z',
      end: { type: 'Complete', at: '2026-11-26T08:00:09Z' },
      annotations: BY_HAND,
    });
    const cronJob = schedule({ status: { lastSuccessfulTime: '2026-11-26T08:00:09Z' } });
    const { troubles, runs } = await statusOf(cronJob, byHand);
    assert.deepEqual(
      troubles.map(({ code }) => code),
      ['MB208'],
    );
    assert.equal(runs?.[0]?.byHand, true);
    const status = { lastScheduleTime: '2026-11-26T02:00:00Z', lastSuccessfulTime: '2026-11-26T08:00:09Z' };
    assert.deepEqual((await statusOf(schedule({ status }), byHand)).troubles, []);
  });

  test('a failed run is told by what its newest pod said last', async () => {
    const failed = aJob({
      end: { type: 'Failed', at: '2026-11-26T02:00:30Z', reason: 'PodFailurePolicy', message: 'exit code 5' },
    });
    const message = 'incomplete: secrets may not be listed\nNext: kubectl auth can-i list secrets';
    const pod = aPod(inState({ terminated: { exitCode: 5, reason: 'Error', message } }));
    const { failure } = await statusOf(schedule({}), failed, pod);
    assert.deepEqual(failure, {
      job: 'run',
      at: new Date('2026-11-26T02:00:30Z'),
      cause: 'incomplete: secrets may not be listed; Next: kubectl auth can-i list secrets',
    });
  });

  test('a run that was stopped at its deadline, by what was reported of the pod that is gone', async () => {
    const stopped = aJob({
      end: { type: 'Failed', at: '2026-11-26T02:30:00Z', reason: 'DeadlineExceeded', message: 'too long' },
      spec: { activeDeadlineSeconds: 1800 },
    });
    const gone = aPod({});
    const pod = { ...gone, metadata: { ...(gone.metadata as JsonObject), name: 'run-abcde' } };
    const mount = { ...reported(pod, 'FailedMount', 'secret "mb-keys" not found'), type: 'Warning' };
    const other = { ...pod, metadata: { ...(pod.metadata as JsonObject), name: 'run-abcde-fghij' } };
    const stranger = { ...reported(other, 'BackOff', 'not of this Job'), type: 'Warning' };
    const { failure } = await statusOf(schedule({}), stopped, mount, stranger);
    assert.equal(
      failure?.cause,
      'did not end within 1800 s and was stopped: DeadlineExceeded: too long; FailedMount: secret "mb-keys" not found',
    );
  });

  test('an older failure is kept beside a success since', async () => {
    const failed = aJob({
      name: 'old',
      started: '2026-11-25T02:00:00Z',
      end: { type: 'Failed', at: '2026-11-25T02:00:30Z', message: 'm' },
    });
    const succeeded = aJob({ name: 'new', end: { type: 'Complete', at: '2026-11-26T02:00:30Z' } });
    const { failure, runs } = await statusOf(schedule({}), succeeded, failed);
    assert.equal(runs?.[0]?.job, 'new');
    assert.equal(failure?.job, 'old');
  });

  test('a store that is away is told, and the rest is shown', async () => {
    const { store, cron } = await statusOf(schedule({}));
    assert.equal(store.unread, 'the store is away');
    assert.equal(store.agreement, undefined);
    assert.equal(cron, '0 2 * * *');
  });

  test('what may not be seen is told, and the rest is shown', async () => {
    const { status, said } = await looked([schedule({})], ['jobs', 'events']);
    assert.equal(status.runs, undefined);
    assert.equal(status.cron, '0 2 * * *');
    assert.match(said, /^Warning: jobs could not be read: .*cannot list resource "jobs"/m);
    assert.match(said, /^Warning: events could not be read/m);
    await assert.rejects(looked([schedule({})], ['cronjobs']), /cannot list resource "cronjobs"/);
  });
});
