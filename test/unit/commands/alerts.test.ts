import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AlertsOptions, alerts } from '../../../src/commands/alerts.ts';
import { UnreachableError } from '../../../src/errors/tool-error.ts';
import type { JsonObject } from '../../../src/model/json/json.ts';
import type { KubeObject } from '../../../src/model/kubernetes/object.ts';
import { DEFAULT_THRESHOLDS } from '../../../src/model/metrics/thresholds.ts';
import { scheduleLabels } from '../../../src/model/schedule/schedule-objects.ts';
import { aPushContext } from '../../support/metrics/push-context.ts';
import { aSmallCluster } from '../../support/small-cluster.ts';

function aSchedule(namespace: string, name: string, labels: JsonObject = scheduleLabels(name)): KubeObject {
  const volumes = [{ name: 'tmp' }, { name: 'store', persistentVolumeClaim: { claimName: `${name}-claim` } }];
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { namespace, name, labels },
    spec: { jobTemplate: { spec: { template: { spec: { volumes } } } } },
  };
}

const SCHEDULES = [
  aSchedule('shop', 'nightly'),
  aSchedule('shop', 'hourly'),
  aSchedule('shop', 'theirs', { app: 'memcached-backup' }),
  aSchedule('ops', 'nightly'),
];

async function run(options: Partial<AlertsOptions>, objects = SCHEDULES, forbidden: string[] = []) {
  const { kube } = aSmallCluster(objects, forbidden);
  const { context, io } = aPushContext({ kube: async () => kube });
  const defaults = {
    allNamespaces: false,
    output: 'rules',
    thresholds: DEFAULT_THRESHOLDS,
    labels: {},
  } as const;
  const code = await alerts({ ...defaults, ...options }, context);
  const groups = [...io.stdout.matchAll(/^ *- name: (\S+)$/gm)].map(([, name]) => name);
  return { code, groups, io };
}

test('the schedules of the namespace are watched, by their marks, and each with the claim it mounts', async () => {
  const { code, groups, io } = await run({});
  assert.equal(code, 0);
  assert.deepEqual(groups, ['memcached-backup/shop/hourly', 'memcached-backup/shop/nightly']);
  assert.match(io.stdout, /persistentvolumeclaim="nightly-claim"/);
  assert.equal(io.stderr, '');
});

test('-A watches those of every namespace, --name one', async () => {
  assert.deepEqual((await run({ allNamespaces: true })).groups, [
    'memcached-backup/ops/nightly',
    'memcached-backup/shop/hourly',
    'memcached-backup/shop/nightly',
  ]);
  assert.deepEqual((await run({ name: 'hourly' })).groups, ['memcached-backup/shop/hourly']);
  const { io } = await run({ allNamespaces: true, output: 'prometheusrule' });
  assert.equal(io.stdout.match(/^kind: PrometheusRule$/gm)?.length, 2);
});

test('what is not there, or nobody can tell, is watched by its name, and that is said', async () => {
  const none = await run({}, []);
  assert.deepEqual(none.groups, ['memcached-backup/shop/memcached-backup']);
  assert.match(none.io.stderr, /there is no schedule of this tool in namespace shop; this is for/);
  const other = await run({ name: 'weekly' });
  assert.deepEqual(other.groups, ['memcached-backup/shop/weekly']);
  assert.match(other.io.stderr, /no schedule of this tool of the name weekly/);
  const denied = await run({}, SCHEDULES, ['list cronjobs in shop']);
  assert.deepEqual(denied.groups, ['memcached-backup/shop/memcached-backup']);
  assert.match(denied.io.stderr, /can't be told: .*may not list cronjobs/);
});

test('without a cluster they are for the namespace and the name that were given', async () => {
  const { context, io } = aPushContext({
    kube: async () => {
      throw new UnreachableError('no cluster');
    },
  });
  const options = { allNamespaces: false, thresholds: DEFAULT_THRESHOLDS, labels: {} } as const;
  await alerts({ ...options, output: 'grafana', namespace: 'cache', name: 'nightly' }, context);
  const text = JSON.stringify(JSON.parse(io.stdout));
  assert.match(text, /namespace=\\"cache\\",cronjob=\\"nightly\\"/);
  assert.match(io.stderr, /no cluster is configured/);
});

test('for every namespace, none is an error: no alert could be meant', async () => {
  await assert.rejects(run({ allNamespaces: true }, []), /no schedule of this tool in any namespace/);
});
