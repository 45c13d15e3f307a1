import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { type JsonObject, objectAt } from '../../src/model/json/json.ts';
import { displayName } from '../../src/model/kubernetes/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { BINARY, cliFor } from './support/cli.ts';
import { eventually } from './support/eventually.ts';
import { aReleaseByAnotherName } from './support/fixtures/helm-releases.ts';
import { ownKinds } from './support/fixtures/own-kinds.ts';
import { aCrashLoop, applied } from './support/fixtures/plain-yaml.ts';
import { aNamespace } from './support/namespace.ts';
import { expectCode, run } from './support/process.ts';
import { aRelease, CACHE_CHART } from './support/release.ts';
import { backupsIn, newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();
const helm = cluster.helms[0]!;

describe('backup finds releases', { concurrency: 3 }, () => {
  test('two in one namespace are never mixed; names, -l and -A choose among them', async () => {
    const team = `t-${randomBytes(4).toString('hex')}`;
    await using first = await aRelease(cluster, helm).installed();
    await using second = await aRelease(cluster, helm).named('my-memcached-2').beside(first).installed();
    await using third = await aReleaseByAnotherName(cluster, helm)
      .withValues({ commonLabels: { team } })
      .beside(first)
      .installed();
    const { cli, namespace } = first;
    first.secrets.push(...third.secrets);
    const names = async (...args: string[]) =>
      (await cli.ok('backup', ...args, '-o', 'name'))
        .split('\n')
        .flatMap((line) => line.split('@')[0]?.split('/')[1] || []);

    assert.deepEqual(await names(), [first.name, second.name, third.name]);
    const owners = new Map<string, string>();
    for (const { document } of backupsIn(cli.store)) {
      for (const object of document.objects.filter(({ role }) => role !== 'recorded')) {
        const name = displayName(object);
        assert.equal(owners.get(name), undefined, `${name} is also in ${document.release}`);
        owners.set(name, document.release);
      }
    }
    assert.equal(owners.get('deployment.apps/my-memcached'), 'my-memcached');
    assert.equal(owners.get('deployment.apps/my-memcached-2'), 'my-memcached-2');
    assert.equal(owners.size, 6 + 6 + 4);

    assert.deepEqual(await names(second.name), [second.name]);
    assert.deepEqual(await names(third.name, first.name), [third.name, first.name]);
    assert.deepEqual(await names('-l', `team=${team}`), [third.name]);
    assert.deepEqual(await names('-A', '-l', `team in (${team})`), [third.name]);
    assert.deepEqual(await names(third.name, '-l', `team=${team}`), [third.name]);

    const other = expectCode(await cli.run('backup', first.name, '-l', `team=${team}`), 1);
    assert.match(other.stderr, /^error: no release my-memcached found in namespace .* with labels team=/m);
    const none = expectCode(await cli.run('backup', '-l', 'team=nobody'), 1);
    assert.match(none.stderr, /^error: no memcached release found in namespace .* with labels team=nobody/m);
    const unknown = expectCode(await cli.run('backup', 'nope'), 1);
    assert.match(unknown.stderr, /^error: release "nope" not found .*Helm's releases here: my-memcached, /m);
    const before = backupsIn(cli.store).length;
    const oneOfTwo = expectCode(await cli.run('backup', first.name, 'nope'), 1);
    assert.match(oneOfTwo.stderr, /^error: release "nope" not found/m);
    assert.equal(backupsIn(cli.store).length, before + 1, 'the one that exists is saved');
    const everywhere = expectCode(await cli.run('backup', '-A', '-l', `team=${team}`, third.name, 'nope'), 1);
    assert.match(everywhere.stderr, /^error: no release nope found in any namespace/m);

    for (const words of [['backup'], ['restore', first.name, '--yes']]) {
      const sql = await run(BINARY, [...words, '-n', namespace, '--store', cli.store], {
        env: { ...process.env, KUBECONFIG: cluster.kubeconfig, HELM_DRIVER: 'sql' },
      });
      assert.match(expectCode(sql, 1).stderr, /^error: .*HELM_DRIVER=sql/m);
    }
  });

  test("a chart's own kinds are kept to the digit, and its objects elsewhere are recorded", async () => {
    await using other = await aNamespace(cluster, 'other');
    await using kinds = await ownKinds(other.kubectl);
    const clusterRole = `${other.namespace}-reader`;
    const extraDeploy = [
      `apiVersion: ${kinds.exact.apiVersion}
kind: Exact
metadata: {name: numbers}
spec:
  big: 1152921504606846977
  ratio: 1.0
  small: 0.1
  nothing: null
  empty: {}
  list: []
  text: "1e3"
  "on": "yes"
  x-unknown: {deep: [{a: [1, 2.50]}]}
`,
      `apiVersion: ${kinds.serviceMonitor.apiVersion}
kind: ServiceMonitor
metadata: {name: sessions}
spec: {selector: {app: sessions}, endpoints: [{port: metrics, interval: 30s}]}
`,
      `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${clusterRole}}
rules: [{apiGroups: [""], resources: [nodes], verbs: [get]}]
`,
      `apiVersion: v1
kind: ConfigMap
metadata: {name: abroad, namespace: ${other.namespace}}
data: {a: b}
`,
    ];
    try {
      await using release = await aReleaseByAnotherName(cluster, helm)
        .withValues({ extraDeploy })
        .installed();
      await release.cli.ok('backup');
      const { folder, document } = newestBackup(release.cli.store);
      const file = (path: string) => readFileSync(join(folder, path), 'utf8');
      const entry = (name: string) => document.objects.find((object) => object.name === name)!;

      assert.deepEqual(
        document.objects.filter(({ role }) => role === 'recorded').map((o) => [displayName(o), o.from]),
        [
          [`configmap/abroad`, `manifest; in namespace ${other.namespace}`],
          [`clusterrole.rbac.authorization.k8s.io/${clusterRole}`, 'manifest; cluster-wide'],
          [`namespace/${release.namespace}`, 'namespace'],
        ].sort((a, b) => names(document).indexOf(a[0]!) - names(document).indexOf(b[0]!)),
      );
      assert.deepEqual(document.health.drift, []);
      assert.equal(document.complete, true);
      assert.equal(entry('sessions').role, 'owned');

      // The server writes JSON without spaces; a backup is indented for people. No text here has a space.
      const server = await release.kubectl.ok(
        'get',
        '--raw',
        `/apis/${kinds.exact.apiVersion}/namespaces/${release.namespace}/exacts/numbers`,
      );
      const { raw, manifest } = entry('numbers');
      assert.equal(file(raw).replaceAll(/\s/g, ''), server.replaceAll(/\s/g, ''));
      assert.match(file(raw), /"big": 1152921504606846977,/);
      assert.match(file(manifest!), /^ {2}big: 1152921504606846977$/m);
      const spec = (parse(file(manifest!)) as { spec: Record<string, unknown> }).spec;
      assert.deepEqual(spec['x-unknown'], { deep: [{ a: [1, 2.5] }] });
      assert.deepEqual([spec.empty, spec.list, spec.text, spec.on], [{}, [], '1e3', 'yes']);

      // What kubectl makes of manifests/ is what the cluster has.
      const diff = ['diff', '--server-side', '--field-manager=helm', '--force-conflicts'];
      expectCode(await release.kubectl.run(...diff, '-f', join(folder, 'manifests')));
    } finally {
      await other.kubectl.run('delete', 'clusterrole', clusterRole, '--ignore-not-found');
    }
  });

  test('a pod that crashes again and again is recorded and warned of, and nothing waits for it', async () => {
    await using release = await applied(cluster, aCrashLoop(cluster));
    await eventually(async () => {
      const restarts = await release.kubectl.ok(
        'get',
        'pods',
        '-o',
        'jsonpath={..containerStatuses[0].restartCount}',
      );
      assert.ok(Number(restarts) > 0);
    });

    const outcome = expectCode(await release.cli.run('backup'));

    assert.match(outcome.stderr, /^Warning: 1 of 1 pods did not answer "stats settings"/m);
    const { folder, document } = newestBackup(release.cli.store);
    assert.equal(document.complete, true);
    assert.equal(document.settings.verdict, 'unreachable');
    assert.equal(document.health.podsReady, 0);
    const { pods } = JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8'));
    assert.match(pods[0].error, /./);
    assert.deepEqual(pods[0].command, ['memcached', '-m', '8', '-c', '1']);
    assert.ok(document.durationMs < 20_000, `${document.durationMs} ms`);
  });

  test('a release whose records somebody deleted is still found, by the marks that Helm left', async () => {
    await using release = await aRelease(cluster, helm)
      .named('orphan')
      .fromChart(CACHE_CHART, { image: cluster.images.memcached })
      .installed();
    await release.kubectl.ok('delete', 'secret', '-l', 'owner=helm,name=orphan');

    await release.cli.ok('backup');

    const { document } = newestBackup(release.cli.store);
    const owned = document.objects
      .filter(({ role }) => role === 'owned')
      .map((object) => displayName(object));
    assert.deepEqual(owned.sort(), ['deployment.apps/orphan', 'service/orphan-nodes']);
  });

  test('copies, namesakes and odd names: each workload is saved where it lies, or named as not saved', async () => {
    const team = `t-${randomBytes(4).toString('hex')}`;
    await using other = await aNamespace(cluster, 'copy');
    const far = `apiVersion: apps/v1
kind: Deployment
metadata: {name: far, namespace: ${other.namespace}, labels: {team: ${team}}}
spec:
  replicas: 0
  selector: {matchLabels: {app: far}}
  template:
    metadata: {labels: {app: far}}
    spec: {containers: [{name: memcached, image: ${cluster.images.memcached}, command: [memcached]}]}
`;
    await using release = await aRelease(cluster, helm)
      .named('cache')
      .fromChart(CACHE_CHART, {
        image: cluster.images.memcached,
        commonLabels: { team },
        extraDeploy: [far],
      })
      .installed();
    const { kubectl, namespace } = release;
    const original = await kubectl.objects.get('deployment/cache');
    const spec = { ...objectAt(original, 'spec'), replicas: 0 };
    const labels = objectAt(original, 'metadata', 'labels')!;
    const annotations = objectAt(original, 'metadata', 'annotations')!;
    const like = (name: string, metadata: JsonObject): JsonObject => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, ...metadata },
      spec,
    });
    const instance = (value: string) => ({ 'app.kubernetes.io/instance': value });
    await other.kubectl.apply(
      like('cache', { labels, annotations }),
      like('blank', { labels: instance('') }),
      like('odd', { labels: instance('My_App'), annotations: { 'meta.helm.sh/release-name': 'x y' } }),
    );
    await kubectl.apply(like('memo', { labels: instance('cache') }));

    using elsewhere = cliFor(cluster, { namespace: other.namespace });
    const there = expectCode(await elsewhere.run('backup'));
    const copies = backupsIn(elsewhere.store).map(({ document }) => document);
    assert.deepEqual(
      copies.map((document) => [document.namespace.name, document.release, document.helm]).sort(),
      ['blank', 'cache', 'far', 'odd'].map((name) => [other.namespace, name, undefined]),
    );
    for (const { release: name, objects } of copies) {
      const owned = objects.filter(({ role }) => role === 'owned').map((object) => displayName(object));
      assert.deepEqual(owned, [`deployment.apps/${name}`]);
      await elsewhere.ok('diff', name);
    }
    for (const name of ['cache', 'far']) {
      assert.match(
        there.stderr,
        new RegExp(
          `^Warning: deployment.apps/${name} in .* saved as plain YAML.*of namespace ${namespace}`,
          'm',
        ),
      );
    }

    const here = expectCode(await release.cli.run('backup'), 5);
    assert.match(here.stderr, /^Warning: deployment.apps\/memo in namespace \S+ is not saved: .*label/m);
    const ofHelm = backupsIn(release.cli.store).map(({ document }) => document);
    assert.deepEqual(
      ofHelm.map((document) => [document.release, document.helm?.revision, document.complete]),
      [['cache', 1, true]],
    );
    assert.ok(!ofHelm[0]!.objects.some(({ name }) => name === 'memo'));

    using everywhere = cliFor(cluster, release);
    await everywhere.ok('backup', '-A', '-l', `team=${team}`);
    const all = backupsIn(everywhere.store).map(({ document }) => document);
    assert.deepEqual(
      all.map((document) => [document.namespace.name, document.release, document.helm?.revision]).sort(),
      [
        [namespace, 'cache', 1],
        [other.namespace, 'cache', undefined],
      ].sort(),
    );
    const whole = all.find(({ helm: record }) => record !== undefined)!;
    assert.equal(
      whole.objects.find(({ name }) => name === 'far')?.from,
      `manifest; in namespace ${other.namespace}`,
    );
  });
});

function names({ objects }: { objects: { apiVersion: string; kind: string; name: string }[] }): string[] {
  return objects.map((object) => displayName(object));
}
