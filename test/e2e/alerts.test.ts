import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { arrayAt, type JsonObject, stringAt } from '../../src/model/json/json.ts';
import { parseYamlStream } from '../../src/model/json/yaml.ts';
import { scheduleLabels } from '../../src/model/schedule/schedule-objects.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { startKubeStateMetrics } from '../support/metrics/kube-state-metrics.ts';
import { type Prometheus, startPrometheus } from '../support/metrics/prometheus.ts';
import { promtool } from '../support/metrics/promtool.ts';
import { type Pushgateway, startPushgateway } from '../support/metrics/pushgateway.ts';
import { aCache } from './support/doctor/a-cache.ts';
import { eventually } from './support/eventually.ts';
import { applied } from './support/fixtures/plain-yaml.ts';
import type { Kubectl } from './support/kubectl.ts';
import { withExactly } from './support/permitted-users.ts';
import { expectCode } from './support/process.ts';
import type { Fixture } from './support/release.ts';
import { hasCondition } from './support/wait-for.ts';

const cluster = await ensureCluster();

const DAY_MS = 86_400_000;
/** Twelve hours from now, on the hour: neither due while this runs, nor so lately that it would still be started. */
const FAR = `0 ${(new Date().getUTCHours() + 12) % 24} * * *`;
const SECONDS = ['--max-age', '1s', '--max-duration', '1s'];

describe('alerts and metrics, by a real kube-state-metrics and a real Prometheus', () => {
  const started = new AsyncDisposableStack();
  let fixture: Fixture;
  let prometheus: Prometheus;
  let gateway: Pushgateway;

  before(async () => {
    fixture = started.use(await applied(cluster, aCache(cluster).release));
    const { kubectl, namespace, cli } = fixture;
    await kubectl.objects.create(
      aSchedule('good', { script: 'sleep 2' }),
      aSchedule('failing', { script: 'exit 1' }),
      aSchedule('missed'),
      aSchedule('never-due', { spec: { schedule: '0 2 31 2 *' } }),
      aSchedule('resting', { spec: { suspend: true } }),
    );
    const twoDaysAgo = new Date(Date.now() - 2 * DAY_MS).toISOString().replace(/\.\d+/, '');
    const status = JSON.stringify({ status: { lastScheduleTime: twoDaysAgo } });
    const patch = ['patch', 'cronjob', 'missed', '--subresource=status', '--type=merge', '-p', status];
    await Promise.all([
      kubectl.ok(...patch),
      ran(kubectl, 'good', 'Complete'),
      ran(kubectl, 'failing', 'Failed'),
    ]);
    const rules = await cli.ok('alerts', '-o', 'rules');
    gateway = started.use(await startPushgateway());
    const states = started.use(await startKubeStateMetrics(cluster.kubeconfig, namespace));
    prometheus = started.use(await startPrometheus([states.url, gateway.url], rules));
  });
  after(() => started.disposeAsync());

  test('a run that failed, one that was missed, one that never comes and a suspended one are told, and no other', async () => {
    await eventually(async () =>
      assert.deepEqual(await prometheus.alerts('cronjob', 'namespace'), [
        `MemcachedBackupFailed failing ${fixture.namespace}`,
        `MemcachedBackupMissed missed ${fixture.namespace}`,
        `MemcachedBackupMissed never-due ${fixture.namespace}`,
        `MemcachedBackupSuccessRate failing ${fixture.namespace}`,
        `MemcachedBackupSuspended resting ${fixture.namespace}`,
      ]),
    );
    const groups = arrayAt(await prometheus.api('rules'), 'groups');
    assert.equal(groups.length, 5);
    for (const rule of groups.flatMap((group) => arrayAt(group, 'rules')))
      assert.equal(stringAt(rule, 'health'), 'ok', JSON.stringify(rule));
  });

  test('age, duration and a schedule that never succeeded are measured, each of its own schedule', async () => {
    const [file] = parseYamlStream(await fixture.cli.ok('alerts', '-o', 'rules', ...SECONDS));
    const rules = arrayAt(file, 'groups').flatMap((group) => arrayAt(group, 'rules'));
    const held = new Map<string, string[]>();
    for (const rule of rules) {
      const [alert, cronJob] = [stringAt(rule, 'alert')!, stringAt(rule, 'labels', 'cronjob')!];
      const found = await prometheus.query(stringAt(rule, 'expr')!);
      assert.ok(found.length < 2, `${alert}: ${JSON.stringify(found)}`);
      if (found.length === 1) held.set(alert, [...(held.get(alert) ?? []), cronJob]);
    }
    assert.deepEqual(held.get('MemcachedBackupTooOld'), ['good']);
    assert.deepEqual(held.get('MemcachedBackupSlow'), ['good']);
    assert.deepEqual(held.get('MemcachedBackupNever'), ['failing', 'missed', 'never-due', 'resting']);
    assert.equal(held.get('MemcachedBackupScheduleGone'), undefined);
  });

  test('alerts work under exactly the Role that "permissions alerts" prints, and without it for --name', async () => {
    await withExactly(cluster, fixture, 'alerts', [], async (cli) => {
      const seen = expectCode(await cli.run('alerts', '-o', 'rules'));
      assert.equal(seen.stdout.match(/^ *- name: memcached-backup\//gm)?.length, 5);
      assert.equal(seen.stderr, '');
      expectCode(await cli.run('permissions', 'alerts', '--check'));
    });
    const blind = expectCode(await fixture.cli.run('alerts', '--name', 'good', '--as', 'nobody'));
    assert.match(blind.stderr, /can't be told: .*cannot list resource "cronjobs"/);
    assert.match(blind.stdout, /cronjob="good"/);
  });

  test('a failure is told until a run succeeds, although the Job that failed is still there', async () => {
    const { kubectl } = fixture;
    const command = [{ op: 'replace', path: `${CONTAINER}/command`, value: ['true'] }];
    await kubectl.ok('patch', 'cronjob', 'failing', '--type=json', '-p', JSON.stringify(command));
    await ran(kubectl, 'failing', 'Complete');
    await eventually(async () => {
      const alerts = await prometheus.alerts('cronjob');
      assert.ok(!alerts.includes('MemcachedBackupFailed failing'), `${alerts}`);
      assert.ok(alerts.includes('MemcachedBackupSuccessRate failing'), `${alerts}`);
    });
    const guide = await prometheus.query('kube_job_failed{job_name=~"failing.*"} > 0');
    assert.equal(guide.length, 1, "the guide's rule goes on");
  });

  test('what runs push, and what status prints, is told of each release, and a failed run is one', async () => {
    const { cli, name, namespace } = fixture;
    const push = ['--push-gateway', gateway.url];
    await cli.ok('backup', name, '--verify', ...push);
    const size = await eventually(async () => {
      const [found] = await prometheus.query('memcached_backup_newest_size_bytes');
      assert.ok(found);
      return found;
    });
    const [run] = await prometheus.query('memcached_backup_last_run_success');
    assert.deepEqual([run?.labels.namespace, run?.value], [namespace, 1]);
    assert.deepEqual(
      [size.labels.namespace, size.labels.release, size.labels.store],
      [namespace, name, 'folder'],
    );
    assert.ok(size.value > 500, `${size.value}`);

    const saved = await gateway.metrics();
    expectCode(await cli.run('backup', 'no-such-release', ...push), 1);
    const pushed = await gateway.metrics();
    const stamp = /^memcached_backup_last_success_timestamp_seconds.*$/m;
    assert.match(pushed, /^memcached_backup_last_run_success\{.*\} 0$/m);
    assert.equal(stamp.exec(pushed)?.[0], stamp.exec(saved)?.[0]);

    const printed = await cli.ok('status', '-o', 'prometheus');
    const { isGood, said } = await promtool({}, ['check', 'metrics'], printed);
    assert.ok(isGood, said);
    const of = `{namespace="${namespace}",release="${name}",store="folder"}`;
    assert.ok(printed.includes(`memcached_backup_newest_size_bytes${of} ${size.value}\n`), printed);
    assert.ok(printed.includes(`memcached_backup_newest_verified${of} 1\n`), printed);
  });

  test('each query of the dashboard is one, and those of what was seen give what was seen', async () => {
    const board = JSON.parse(await fixture.cli.ok('alerts', '-o', 'grafana')) as JsonObject;
    const silent: string[] = [];
    for (const panel of arrayAt(board, 'panels')) {
      for (const target of arrayAt(panel, 'targets')) {
        const chosen = stringAt(target, 'expr')!.replaceAll('$namespace', '.+').replaceAll('$cronjob', '.+');
        const found = await prometheus.query(chosen);
        if (found.length === 0) silent.push(stringAt(panel, 'title')!);
      }
    }
    // None has failed since its last success, none is running, and of all backups only a textfile collector tells.
    assert.deepEqual(silent.sort(), [
      'Failed since the last success',
      'Size of all backups',
      'Time to complete a backup',
    ]);
    const variables = arrayAt(board, 'templating', 'list').map((each) => stringAt(each, 'definition') ?? '');
    for (const [, series = ''] of variables.join('\n').matchAll(/label_values\((.*), \w+\)/g))
      assert.equal((await prometheus.query(series.replaceAll('$namespace', '.+'))).length, 5, series);
  });
});

const CONTAINER = '/spec/jobTemplate/spec/template/spec/containers/0';

/** Marked as this tool's; its pods stand in for a run. */
function aSchedule(
  name: string,
  { spec = {}, script = 'true' }: { spec?: JsonObject; script?: string } = {},
): JsonObject {
  const container = {
    name: 'backup',
    image: cluster.images.toolbox ?? cluster.images.memcached,
    command: ['/bin/sh', '-c', script],
  };
  const pod = { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [container] };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, labels: scheduleLabels(name) },
    spec: {
      schedule: FAR,
      timeZone: 'Etc/UTC',
      startingDeadlineSeconds: 3600,
      ...spec,
      jobTemplate: { spec: { backoffLimit: 0, template: { spec: pod } } },
    },
  };
}

async function ran(kubectl: Kubectl, name: string, outcome: 'Complete' | 'Failed'): Promise<void> {
  const job = `${name}-${outcome.toLowerCase()}`;
  await kubectl.ok('create', 'job', `--from=cronjob/${name}`, job);
  await hasCondition(kubectl, `job/${job}`, outcome, 90_000);
}
