import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { type KubeObject, nameOf } from '../../../src/model/kubernetes/object.ts';
import { scheduleLabels } from '../../../src/model/schedule/schedule-objects.ts';
import { findSchedule, findSchedules } from '../../../src/schedule/find-schedules.ts';
import { aCronJob } from '../doctor/schedule/objects.ts';
import { spelled } from '../spelled.ts';

function schedule(name: string, namespace = 'cache'): KubeObject {
  return { ...aCronJob(), metadata: { name, namespace, uid: name, labels: scheduleLabels(name) } };
}

/** As a guide has it: a script, and no labels. */
const BY_HAND = aCronJob({
  container: { command: ['sh', '-c', 'kubectl get configmap memcached -o yaml > /backup/x.yaml'] },
});

function kube(...cronJobs: KubeObject[]) {
  return { list: async () => cronJobs };
}

async function refused(found: Promise<unknown>): Promise<[string, string | undefined]> {
  try {
    await found;
  } catch (error) {
    assert.ok(error instanceof ToolError);
    return [error.message, spelled(error.next)];
  }
  throw new Error('it was found');
}

describe('finding schedules', () => {
  test('by namespace and name; what others made is none', async () => {
    const found = await findSchedules(
      kube(schedule('b', 'x'), BY_HAND, schedule('a', 'x'), schedule('c', 'a')),
      {
        namespace: undefined,
      },
    );
    assert.deepEqual(found.map(nameOf), ['c', 'a', 'b']);
    const named = await findSchedules(kube(schedule('a'), schedule('b')), { namespace: 'cache', name: 'b' });
    assert.deepEqual(named.map(nameOf), ['b']);
  });

  test('one alone needs no name; of several one has to be named', async () => {
    assert.equal(nameOf(await findSchedule(kube(schedule('a'), BY_HAND), { namespace: 'cache' })), 'a');
    assert.deepEqual(
      await refused(findSchedule(kube(schedule('b'), schedule('a')), { namespace: 'cache' })),
      ['namespace cache has several schedules: a, b', 'name one of them: --name a'],
    );
  });

  test('where there is none, what to type is said', async () => {
    assert.deepEqual(await refused(findSchedules(kube(), { namespace: 'cache' })), [
      'there is no schedule in namespace cache',
      "make one: kubectl memcached-backup schedule install -n cache --store '<STORE>' --cron '0 2 * * *'",
    ]);
    assert.deepEqual(await refused(findSchedules(kube(), { namespace: undefined })), [
      'there is no schedule in any namespace',
      "make one: kubectl memcached-backup schedule install --store '<STORE>' --cron '0 2 * * *'",
    ]);
    assert.deepEqual(await refused(findSchedules(kube(schedule('a')), { namespace: 'cache', name: 'b' })), [
      'there is no schedule b in namespace cache: there are a',
      'name one of them: --name a',
    ]);
  });

  test('a CronJob that somebody wrote by a guide is named, and how to replace it', async () => {
    const replace =
      "put a schedule in its place: kubectl memcached-backup schedule install -n cache --replace memcached-backup --store '<STORE>'";
    const there = 'cronjob/memcached-backup is there, which schedule install did not make';
    assert.deepEqual(await refused(findSchedules(kube(BY_HAND), { namespace: 'cache' })), [
      `there is no schedule in namespace cache; ${there}`,
      replace,
    ]);
    assert.deepEqual(
      await refused(findSchedules(kube(BY_HAND), { namespace: 'cache', name: 'memcached-backup' })),
      [`there is no schedule memcached-backup in namespace cache; ${there}`, replace],
    );
  });
});
