import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { advice } from '../../../src/advice/advice.ts';
import { kubectl } from '../../../src/advice/command.ts';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { ApiError } from '../../../src/kube/api-error.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { type KubeObject, keyOf, type ObjectRef, refOf } from '../../../src/model/kubernetes/object.ts';
import { scheduleLabels, scheduleObjects } from '../../../src/model/schedule/schedule-objects.ts';
import type { ScheduleSpec } from '../../../src/model/schedule/schedule-spec.ts';
import { applySchedule, planSchedule } from '../../../src/schedule/plan-schedule.ts';

function aSpec(over: Partial<ScheduleSpec> = {}): ScheduleSpec {
  return {
    name: 'nightly',
    namespace: 'cache',
    cron: '0 2 * * *',
    timeZone: 'Etc/UTC',
    image: 'memcached-backup:0.1.0',
    account: { name: 'nightly', isOurs: true, annotations: {} },
    args: ['backup', '-n', 'cache', '--store', 's3://b1/f'],
    env: {},
    secrets: [],
    activeDeadlineSeconds: 1800,
    ttlSeconds: 691_200,
    rules: [],
    ...over,
  };
}

const ACCOUNT: ObjectRef = { apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'cache', name: 'nightly' };

function made(ref: ObjectRef, labels: Record<string, string>): KubeObject {
  const { apiVersion, kind, namespace = '', name } = ref;
  return { apiVersion, kind, metadata: { name, namespace, uid: `uid of ${keyOf(ref)}`, labels } };
}

/** A cluster of a few objects, and what was written to it. */
function aCluster(...objects: KubeObject[]) {
  const there = new Map(objects.map((object) => [keyOf(refOf(object)), object]));
  const written: string[] = [];
  const kube: Pick<KubeClient, 'get' | 'apply' | 'delete'> = {
    get: async (ref) => there.get(keyOf(ref)),
    apply: async (object, { dryRun }) => {
      if (dryRun !== true) written.push(`apply ${keyOf(refOf(object))}`);
      return object;
    },
    delete: async (ref) => {
      written.push(`delete ${keyOf(ref)}`);
      return true;
    },
  };
  return { kube: kube as KubeClient, there, written };
}

const applying = { spec: aSpec(), signal: new AbortController().signal, onWritten: () => {} };

describe('what an install writes and deletes', () => {
  test('the account that it made goes once runs have another, and stays where --service-account names it', async () => {
    const own = made(ACCOUNT, scheduleLabels('nightly'));
    const deleted = async (account: string): Promise<string[]> => {
      const spec = aSpec({ account: { name: account, isOurs: false, annotations: {} } });
      const planned = await planSchedule(spec, aCluster(own).kube);
      return planned.filter(({ action }) => action === 'delete').map(({ ref }) => ref.kind);
    };
    assert.deepEqual(await deleted('deployer'), ['ServiceAccount']);
    assert.deepEqual(await deleted('nightly'), []);
  });

  test('what somebody else made or took over between the plan and the answer is not written over', async () => {
    const { kube, there, written } = aCluster();
    const planned = await planSchedule(aSpec(), kube);
    assert.ok(planned.every(({ action }) => action === 'create'));
    const cronJob = scheduleObjects(aSpec()).at(-1)!.object;
    there.set(keyOf(refOf(cronJob)), made(refOf(cronJob), { app: 'theirs' }));
    await assert.rejects(applySchedule(planned, kube, applying), (error: ToolError) => {
      assert.ok(error instanceof ToolError);
      assert.match(error.message, /cronjob.*nightly.*is not of the schedule/i);
      return true;
    });
    assert.deepEqual(written, [`apply ${keyOf(ACCOUNT)}`]);
  });

  test('what another install of this name wrote meanwhile is brought to what was planned', async () => {
    const { kube, there, written } = aCluster();
    const planned = await planSchedule(aSpec(), kube);
    there.set(keyOf(ACCOUNT), made(ACCOUNT, scheduleLabels('nightly')));
    await applySchedule(planned, kube, applying);
    assert.equal(written.length, planned.length);
  });
});

test('a namespace that does not exist is told, with both ways out of it', async () => {
  const call = { verb: 'patch', resource: 'serviceaccounts', group: '', namespace: 'cache' };
  const refusal = { status: 404, reason: 'NotFound', message: 'namespaces "cache" not found' };
  const kube = {
    ...aCluster().kube,
    apply: async () => {
      throw new ApiError(refusal, call);
    },
  } as unknown as KubeClient;
  await assert.rejects(planSchedule(aSpec(), kube), {
    untouched: 'nothing was changed',
    next: advice`another -n, or ${kubectl('create', 'namespace', 'cache')}`,
  });
});
