import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonPatchOperation } from '../../../src/kube/client.ts';
import type { KubeObject } from '../../../src/model/kubernetes/object.ts';
import { setSuspended } from '../../../src/schedule/suspend.ts';
import { aCronJob } from '../doctor/schedule/objects.ts';

const NOW = new Date('2026-11-26T02:20:00Z');

async function set(cronJob: KubeObject, suspend: boolean) {
  const sent: JsonPatchOperation[][] = [];
  const kube = {
    patch: async (_ref: unknown, operations: JsonPatchOperation[]) => {
      sent.push(operations);
      return {};
    },
  };
  return { ...(await setSuspended(kube, cronJob, suspend, NOW)), sent };
}

describe('suspending and resuming', () => {
  test('patches the one that was seen, also where the field is not there', async () => {
    const { changed, next, sent } = await set(aCronJob(), true);
    assert.equal(changed, true);
    assert.deepEqual(sent, [
      [
        { op: 'test', path: '/metadata/uid', value: 'cron' },
        { op: 'add', path: '/spec/suspend', value: true },
      ],
    ]);
    assert.equal(next?.toISOString(), '2026-11-27T02:00:00.000Z');
  });

  test('a second time sends nothing', async () => {
    assert.deepEqual((await set(aCronJob({ spec: { suspend: true } }), true)).sent, []);
    assert.deepEqual((await set(aCronJob({ spec: { suspend: false } }), false)).sent, []);
    assert.equal((await set(aCronJob(), false)).changed, false);
  });

  test('a run that was due while it was suspended is made up for within the deadline', async () => {
    const status = { lastScheduleTime: '2026-11-25T02:00:00Z' };
    const suspended = (startingDeadlineSeconds: number | undefined) =>
      aCronJob({
        spec: {
          suspend: true,
          ...(startingDeadlineSeconds === undefined ? {} : { startingDeadlineSeconds }),
        },
        status,
      });
    for (const deadline of [3600, undefined])
      assert.equal(
        (await set(suspended(deadline), false)).madeUpFor?.toISOString(),
        '2026-11-26T02:00:00.000Z',
      );
    assert.equal((await set(suspended(600), false)).madeUpFor, undefined);
    assert.equal((await set(aCronJob({ status }), false)).madeUpFor, undefined, 'it was not suspended');
  });

  test('none that was started already', async () => {
    const status = { lastScheduleTime: '2026-11-26T02:00:00Z' };
    assert.equal((await set(aCronJob({ spec: { suspend: true }, status }), false)).madeUpFor, undefined);
  });

  test('a day that does not exist is never due', async () => {
    const cronJob = aCronJob({ spec: { schedule: '0 2 31 2 *', suspend: true } });
    assert.equal((await set(cronJob, false)).next, undefined);
  });
});
