import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ToolError, UsageError } from '../../../src/errors/tool-error.ts';
import type { JsonPatchOperation, KubeClient, WriteOptions } from '../../../src/kube/client.ts';
import { objectAt, stringAt } from '../../../src/model/json/json.ts';
import { type KubeObject, nameOf } from '../../../src/model/kubernetes/object.ts';
import {
  type InstallPlan,
  installSchedule,
  type WantedInstall,
} from '../../../src/schedule/install-schedule.ts';
import { assertReplaces, suspendReplaced } from '../../../src/schedule/replaced-cronjob.ts';
import type { Store } from '../../../src/store/store.ts';
import { aPushContext } from '../../support/metrics/push-context.ts';
import { aCronJob } from '../doctor/schedule/objects.ts';
import { spelled } from '../spelled.ts';

const WANTED: WantedInstall = {
  releases: [],
  allNamespaces: false,
  cron: '0 2 * * *',
  timeZone: 'Etc/UTC',
  backupFlags: [],
  recipients: [],
  image: 'memcached-backup:0.1.0',
  accountAnnotations: {},
  storage: '1Gi',
  firstRun: true,
  yes: true,
  dryRun: false,
};

/** Takes everything and keeps nothing. */
function aCluster(there: Map<string, KubeObject> = new Map()) {
  const written: string[] = [];
  const kube: Pick<KubeClient, 'namespace' | 'get' | 'list' | 'apply'> = {
    namespace: 'cache',
    get: async ({ kind, namespace, name }) => {
      const object = there.get(`${kind} ${namespace}`);
      return object !== undefined && nameOf(object) === name ? object : undefined;
    },
    list: async () => [],
    apply: async (object, { dryRun }) => {
      if (dryRun !== true) written.push(String(object.kind));
      return object;
    },
  };
  const store = { location: 's3://b1/f' } as Store;
  const { context } = aPushContext({ kube: async () => kube as KubeClient, store: async () => store });
  return { context, written };
}

function made(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...objectAt(object, 'metadata'), uid: `of-${nameOf(object)}` } };
}

describe('an install says that it is done, and suspends what it replaces, by proof alone', () => {
  test('a CronJob that was deleted before its first run is no schedule that works', async () => {
    const { context, written } = aCluster();
    await assert.rejects(
      installSchedule(WANTED, () => {}, context),
      (error: ToolError) =>
        error instanceof ToolError && /cronjob\/memcached-backup is gone/.test(error.message),
    );
    assert.ok(written.includes('CronJob'));
  });

  test('the same command after a first run that failed starts another; after one that succeeded it does nothing', async () => {
    const there = new Map<string, KubeObject>();
    const { context } = aCluster(there);
    const kube = await context.kube();
    const apply = kube.apply.bind(kube);
    // What is applied is there from then on; of the runs that an install starts, none is let through.
    Object.assign(kube, {
      apply: async (object: KubeObject, options: WriteOptions) => {
        if (options.dryRun !== true)
          there.set(`${object.kind} ${stringAt(object, 'metadata', 'namespace')}`, made(object));
        return apply(object, options);
      },
      create: async () => {
        throw new ToolError('no Job today');
      },
    });
    const plans: InstallPlan[] = [];
    const again = () => installSchedule(WANTED, (plan) => plans.push(plan), context);
    await assert.rejects(again(), /no Job today/);
    await assert.rejects(again(), /no Job today/);
    assert.match(String(plans.at(-1)?.notes), /no run of it has succeeded yet/);
    Object.assign(there.get('CronJob cache')!, { status: { lastSuccessfulTime: '2026-11-29T02:00:00Z' } });
    assert.equal((await again()).written, false);
    assert.equal(plans.at(-1)?.nothingToDo, true);
  });

  test('--replace without a first run is refused before anything is asked', async () => {
    const { context, written } = aCluster();
    const wanted = { ...WANTED, replace: 'old', firstRun: false };
    await assert.rejects(
      installSchedule(wanted, () => {}, context),
      (error: ToolError) => error instanceof UsageError && /--no-first-run/.test(error.message),
    );
    assert.deepEqual(written, []);
  });

  test('a schedule that is suspended takes nobody’s place: both would be', () => {
    const replaced = { cronJob: aCronJob(), isSuspended: false, findings: [] };
    const suspended = aCronJob({ spec: { suspend: true } });
    assert.throws(
      () => assertReplaces(replaced, suspended),
      (error: ToolError) =>
        /is suspended/.test(error.message) &&
        spelled(error.next).startsWith(`kubectl memcached-backup schedule resume --name `) === true,
    );
    assertReplaces({ ...replaced, isSuspended: true }, suspended);
    assertReplaces(replaced, aCronJob());
    assertReplaces(replaced, undefined);
  });

  test('the CronJob that is suspended is the one that was explained', async () => {
    const sent: JsonPatchOperation[][] = [];
    const kube = {
      patch: async (_ref: unknown, operations: JsonPatchOperation[]) => {
        sent.push(operations);
        return {};
      },
    };
    await suspendReplaced({ cronJob: aCronJob(), isSuspended: false, findings: [] }, kube);
    assert.deepEqual(sent, [
      [
        { op: 'test', path: '/metadata/uid', value: 'cron' },
        { op: 'add', path: '/spec/suspend', value: true },
      ],
    ]);
  });
});
