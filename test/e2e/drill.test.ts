import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { arrayAt, type JsonObject, numberAt, objectAt, stringAt } from '../../src/model/json/json.ts';
import { toYaml } from '../../src/model/json/yaml.ts';
import { displayName, refOf } from '../../src/model/kubernetes/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { parseDocumented } from '../support/documented-output.ts';
import { type Cli, cliFor } from './support/cli.ts';
import { cutOffAtWrite } from './support/cut-off.ts';
import { type EntryPoint, entryPoints } from './support/entry-points.ts';
import { aStatefulSet } from './support/fixtures/helm-releases.ts';
import { aNamespace } from './support/namespace.ts';
import { withExactly } from './support/permitted-users.ts';
import { expectCode } from './support/process.ts';
import { type RecordedRequest, recordingProxy, refusal, writesAmong } from './support/recording-proxy.ts';
import { aRelease, type TestRelease } from './support/release.ts';
import { resourceVersions } from './support/resource-versions.ts';

const cluster = await ensureCluster();
const helm4 = cluster.helms.at(-1)!;
const DRILLS = 'memcached-backup/drill';

/** What does harm in a second namespace, and which the API server takes there without a word. */
const DANGERS = [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'outside',
      annotations: { 'external-dns.alpha.kubernetes.io/hostname': 'cache.example.com' },
    },
    spec: {
      type: 'LoadBalancer',
      loadBalancerIP: '192.0.2.10',
      externalIPs: ['192.0.2.77'],
      selector: { app: 'x' },
      ports: [{ port: 11211 }],
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'page' },
    spec: {
      rules: [
        {
          host: 'cache.example.com',
          http: {
            paths: [
              {
                path: '/',
                pathType: 'Prefix',
                backend: { service: { name: 'outside', port: { number: 11211 } } },
              },
            ],
          },
        },
      ],
    },
  },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'scaler' },
    spec: {
      minReplicas: 2,
      maxReplicas: 3,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'my-memcached' },
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
        },
      ],
    },
  },
].map((object) => toYaml(object));

const release = await aRelease(cluster, helm4)
  .withPassword()
  .withValues({
    replicaCount: 2,
    podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
    networkPolicy: { enabled: true },
    podAnnotations: { 'prometheus.io/scrape': 'true' },
    extraDeploy: DANGERS,
  })
  .installed();
await release.cli.ok('backup', release.name);
after(() => release[Symbol.asyncDispose]());

/** Namespaces of drills of this file's releases that are there and not going. */
async function drillNamespaces(namespace = release.namespace): Promise<string[]> {
  const text = await release.kubectl.ok('get', 'namespaces', '-l', DRILLS, '-o', 'json');
  return arrayAt(JSON.parse(text) as JsonObject, 'items').flatMap((item) => {
    const of = objectAt(item, 'metadata', 'annotations')?.['memcached-backup/drill-of'];
    const isOurs = typeof of === 'string' && of.startsWith(`${namespace}/`);
    const isGoing = stringAt(item, 'metadata', 'deletionTimestamp') !== undefined;
    return isOurs && !isGoing ? [stringAt(item, 'metadata', 'name') ?? ''] : [];
  });
}

/** What a recording proxy saw being created, by its path and what was sent. */
async function seen(work: (cli: Cli) => Promise<void>): Promise<{ path: string; object: JsonObject }[]> {
  await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
  using through = cliFor(cluster, { ...release, kubeconfig: proxy.kubeconfig });
  const made: { path: string; object: JsonObject }[] = [];
  proxy.mutates = (request, body) => {
    if (writesAmong([request]).length === 1)
      made.push({ path: request.path, object: JSON.parse(body) as JsonObject });
    return undefined;
  };
  await work(through);
  return made;
}

const at = (cli: Cli): string[] => ['--store', cli.store];

/** But for the autoscaler, whose status moves by itself. */
async function versionsOf({ kubectl, namespace }: TestRelease): Promise<[string, string][]> {
  const versions = Object.entries(await resourceVersions(kubectl, namespace));
  return versions.filter(([object]) => !object.startsWith('HorizontalPodAutoscaler/'));
}

const isThere = async (namespace: string): Promise<boolean> =>
  (await release.kubectl.objects.find(`namespace/${namespace}`)) !== undefined;

/** How often a drill is cut off by each signal. */
const CUTS = Number(process.env.MEMCACHED_BACKUP_CUTS ?? 3);

describe('a drill', { concurrency: 3 }, () => {
  test('restores a backup beside the original so that it can do no harm, proves it, times it and removes all of it', async () => {
    const { cli, name } = release;
    const before = await versionsOf(release);
    const plain = await cli.json([
      'restore',
      name,
      '--into',
      `${release.namespace}-copy`,
      '--dry-run=server',
    ]);
    const warnings = arrayAt(plain, 'plan', 'warnings').join('\n');
    for (const danger of [
      'beside the original, service/outside (loadBalancerIP 192.0.2.10): the cloud gives',
      'service/outside (externalIPs 192.0.2.77): the copy takes requests',
      "service/outside (cache.example.com): external-dns points the original's name",
      "ingress.networking.k8s.io/page (cache.example.com): the copy answers for the original's host",
    ]) {
      assert.ok(warnings.includes(danger), `${danger} in ${warnings}`);
    }
    const file = `${cli.store}-drill.md`;
    let report: JsonObject = {};

    const made = await seen(async (through) => {
      const outcome = expectCode(
        await through.run(
          'drill',
          name,
          '--yes',
          '--target',
          '5m',
          '--report',
          file,
          ...at(cli),
          '-o',
          'json',
        ),
      );
      report = parseDocumented(outcome.stdout) as JsonObject;
    });

    assert.equal(report.outcome, 'passed');
    assert.equal(report.met, true);
    assert.deepEqual(report.pods, { proved: 2, of: 2, inBackup: 2 });
    assert.ok((numberAt(report, 'settings') ?? 0) > 50);
    assert.deepEqual(report.unproved, []);
    assert.deepEqual(
      arrayAt(report, 'phases').map((phase) => stringAt(phase, 'name')),
      ['read', 'namespace', 'plan', 'apply', 'ready', 'proof', 'removal'],
    );
    const total = arrayAt(report, 'phases').reduce<number>(
      (sum, phase) => sum + (numberAt(phase, 'seconds') ?? 0),
      0,
    );
    assert.ok((numberAt(report, 'seconds') ?? 0) < total, 'the removal is no part of the recovery');
    const kinds = made.map(({ object }) => stringAt(object, 'kind'));
    assert.deepEqual(
      kinds.filter((kind) =>
        ['Ingress', 'PodDisruptionBudget', 'HorizontalPodAutoscaler'].includes(kind ?? ''),
      ),
      [],
    );
    const policies = made
      .filter(({ object }) => object.kind === 'NetworkPolicy')
      .map(({ object }) => object.spec);
    assert.deepEqual(
      policies,
      [{ podSelector: {}, policyTypes: ['Ingress', 'Egress'] }],
      'the only one, and it lets nothing',
    );
    assert.ok(kinds.indexOf('NetworkPolicy') < kinds.indexOf('Deployment'), 'before there is a pod');
    for (const { object } of made.filter(({ object: each }) => each.kind === 'Service')) {
      const spec = objectAt(object, 'spec');
      assert.deepEqual(
        [spec?.type, spec?.loadBalancerIP, spec?.externalIPs],
        ['ClusterIP', undefined, undefined],
      );
      assert.ok(!JSON.stringify(objectAt(object, 'metadata', 'annotations') ?? {}).includes('external-dns'));
    }
    const into = stringAt(report, 'into');
    for (const { path, object } of made) {
      assert.ok(
        object.kind === 'Namespace' || path.includes(`/namespaces/${into}/`),
        `${path} is in the drill's namespace`,
      );
      const labels = objectAt(object, 'metadata', 'labels') ?? {};
      const isMarked = labels[DRILLS] === report.id;
      assert.ok(
        isMarked || objectAt(object, 'metadata')?.labels === undefined,
        `${path} bears the drill's id`,
      );
    }
    const deployment = made.find(({ object }) => object.kind === 'Deployment')?.object;
    assert.equal(numberAt(deployment, 'spec', 'replicas'), 2, "the autoscaler's minimum");
    assert.equal(JSON.stringify(deployment).includes('prometheus.io'), false);
    const changed = arrayAt(report, 'changed').map(
      (each) => `${stringAt(each, 'what')}: ${stringAt(each, 'change')}`,
    );
    for (const line of [
      'service/outside: type ClusterIP instead of LoadBalancer',
      'service/outside: without loadBalancerIP 192.0.2.10',
      'service/outside: without externalIPs 192.0.2.77',
      'service/outside: without annotation external-dns.alpha.kubernetes.io/hostname',
      `deployment.apps/${name}: without annotation prometheus.io/scrape`,
    ]) {
      assert.ok(changed.includes(line), `${line} in ${changed.join('\n')}`);
    }
    const left = arrayAt(report, 'changed').flatMap((each) =>
      objectAt(each)?.left === true ? [stringAt(each, 'what')?.split('/')[0]] : [],
    );
    assert.deepEqual(left.sort(), [
      'horizontalpodautoscaler.autoscaling',
      'ingress.networking.k8s.io',
      'networkpolicy.networking.k8s.io',
      'poddisruptionbudget.policy',
    ]);
    assert.match(readFileSync(file, 'utf8'), /^# Drill of my-memcached\n[\s\S]*\| Recovery took \| \d/);
    assert.equal(await isThere(into!), false, 'gone when it ends');
    assert.deepEqual(await versionsOf(release), before, 'the original never moved');
  });

  test('that takes too long ends with 3, one that fails with 1; each is kept in the store, whatever it was called by', async () => {
    const { cli, name, namespace } = release;
    using stack = new DisposableStack();
    const points = (await entryPoints(cluster, cluster.kubeconfig)).map((point) => stack.use(point));
    const drill = (point: EntryPoint, ...words: string[]) =>
      point.run(['memcached-backup', 'drill', name, '-n', namespace, '--replicas', '1', '--yes', ...words], {
        MEMCACHED_BACKUP_STORE: cli.store,
      });

    const failed = expectCode(await drill(points.at(-1)!, '--timeout', '100ms', '-o', 'json'), 1);

    const report = parseDocumented(failed.stdout) as JsonObject;
    assert.equal(report.outcome, 'failed');
    assert.match(stringAt(report, 'failure') ?? '', /^the rollout did not finish: deployment/);
    assert.doesNotMatch(failed.stderr, / undo | restore /, 'nothing is left to take back');
    assert.equal(await isThere(stringAt(report, 'into')!), false);

    const late = expectCode(await drill(points[0]!, '--target', '1ms', '-o', 'json'), 3);

    const second = parseDocumented(late.stdout) as JsonObject;
    assert.deepEqual([second.outcome, second.met, second.verdict], ['passed', false, 'late']);
    assert.deepEqual(second.pods, { proved: 1, of: 1, inBackup: 2 });
    assert.ok(arrayAt(second, 'earlier').some((each) => stringAt(each, 'id') === report.id));
    const kept = globSync(`${cli.store}/*/${namespace}/${name}/drills/${String(second.id)}.json`);
    assert.equal((JSON.parse(readFileSync(kept[0] ?? '', 'utf8')) as JsonObject).met, false);
    const status = await cli.json(['status', name]);
    assert.notEqual(objectAt(arrayAt(status, 'items')[0], 'drill'), undefined);
    assert.equal(await isThere(stringAt(second, 'into')!), false);
  });

  test('of each release of a namespace comes one after the other; a StatefulSet gets empty directories', async () => {
    await using stateful = await aStatefulSet(cluster, cluster.helms[0]!).installed();
    await using beside = await aRelease(cluster, helm4).named('zz-small').beside(stateful).installed();
    const { cli, namespace } = stateful;
    await cli.ok('backup');
    const report = await cli.json(['drill', '--all', '--yes', '--target', '5m']);

    const items = arrayAt(report, 'items');
    assert.deepEqual(
      items.map((item) => [stringAt(item, 'release'), stringAt(item, 'verdict')]),
      [stateful.name, beside.name].sort().map((name) => [name, 'passed']),
    );
    assert.deepEqual(report.notHeld, []);
    const own = items.find((item) => stringAt(item, 'release') === stateful.name);
    const changed = arrayAt(own, 'changed').map((each) => stringAt(each, 'change'));
    assert.ok(
      changed.some((change) => /^an empty directory for each pod instead of its claim/.test(change ?? '')),
      changed.join(),
    );
    assert.ok(
      arrayAt(own, 'onTop').some((line) => /^wait for the volumes of statefulset/.test(String(line))),
    );
    assert.deepEqual(await drillNamespaces(namespace), []);
  });

  test('in a namespace that is there takes the printed Role alone, and leaves what it found; two come after each other', async () => {
    await using place = await aNamespace(cluster, 'stage');
    const { cli, name } = release;
    const into = ['--into', place.namespace];
    const mine = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mine' } };
    await place.kubectl.objects.create(mine);
    await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
    const isService = ({ method, path }: RecordedRequest): boolean =>
      method === 'POST' && path.includes('/services?');
    const drill = ['drill', name, ...into, '--replicas', '1', '--yes'];
    await cutOffAtWrite(release, proxy, drill, { signal: 'SIGKILL', write: isService, side: 'after' });
    const left = await ofDrills(place.kubectl);
    assert.ok(left.length > 2, `it left ${left.join(', ')}`);

    const beside = { ...release, ...place, cli };
    const as = ['--as', `system:serviceaccount:${place.namespace}:only-drill`];
    await withExactly(cluster, beside, 'drill', [name, ...into], async () => {
      const { stdout, stderr } = expectCode(await cli.run(...drill, ...as, '-o', 'json'));
      const report = parseDocumented(stdout) as JsonObject;
      assert.deepEqual([report.outcome, report.madeNamespace, report.removed], ['passed', false, true]);
      assert.deepEqual(report.unproved, [], 'what is left out may be tried, too');
      for (const object of left) assert.ok(stderr.includes(object), `${object} in ${stderr}`);
      expectCode(await cli.run('permissions', 'drill', name, ...into, '--check', ...as));
    });

    assert.deepEqual(await ofDrills(place.kubectl), []);
    assert.notEqual(await place.kubectl.objects.find('configmap/mine'), undefined);
    assert.equal(await isThere(place.namespace), true);

    await place.kubectl.objects.create({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'theirs' },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'theirs' } },
        template: {
          metadata: { labels: { app: 'theirs' } },
          spec: { containers: [{ name: 'x', image: cluster.images.memcached }] },
        },
      },
    });
    const refused = expectCode(await cli.run(...drill), 2);
    assert.match(refused.stderr, /holds deployment\.apps\/theirs/);
    assert.match(
      expectCode(await cli.run('drill', name, '--into', release.namespace, '--yes'), 2).stderr,
      /release itself/,
    );
  });
});

// After the others: every drill removes what one that is over has left.
describe('a drill that is broken off', () => {
  test('or whose namespace may not be deleted, says so, and how to have it removed', async () => {
    const { cli, name } = release;
    await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
    using through = cliFor(cluster, { ...release, kubeconfig: proxy.kubeconfig });
    proxy.fault = ({ method, path }) =>
      method === 'DELETE' && /^\/api\/v1\/namespaces\/[^/]+$/.test(path)
        ? refusal(403, 'Forbidden')
        : undefined;

    const outcome = expectCode(
      await through.run('drill', name, '--replicas', '1', '--yes', ...at(cli), '-o', 'json'),
      5,
    );

    const report = parseDocumented(outcome.stdout) as JsonObject;
    assert.deepEqual([report.outcome, report.removed], ['passed', false]);
    assert.match(outcome.stderr, /not all that the drill made is gone: .*made up by a test/);
    assert.match(outcome.stderr, /Next: remove it: .* drill --clean/);
    const into = stringAt(report, 'into')!;
    assert.equal((await drillNamespaces()).includes(into), true);
    await cli.ok('drill', '--clean', '--yes');
    assert.equal((await drillNamespaces()).includes(into), false);
  });

  test('is cut off at any write, leaves nothing that drill --clean does not remove, and nothing of anybody else', async () => {
    const { cli, name } = release;
    await using labelled = await aNamespace(cluster, 'labelled');
    await labelled.kubectl.ok('label', 'namespace', labelled.namespace, `${DRILLS}=20261130T001330Z`);
    await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
    const drill = ['drill', name, '--replicas', '1', '--yes', ...at(cli)];
    const before = await versionsOf(release);
    // Up to the proof; it is followed by Helm's record and the deletion.
    const writes = 20;
    const killed: string[] = [];
    for (let cut = 0; cut < CUTS; cut++) {
      const write = 1 + Math.round((cut * (writes - 1)) / Math.max(1, CUTS - 1));
      const side = cut % 2 === 0 ? 'after' : 'before';
      const dead = await cutOffAtWrite(release, proxy, drill, { signal: 'SIGKILL', write, side });
      const there = await drillNamespaces();
      assert.ok(dead.request !== undefined, `killed at write ${write}`);
      killed.push(...there);

      const interrupted = await cutOffAtWrite(release, proxy, drill, { signal: 'SIGINT', write, side });
      // It removed what the one before had left, and all of its own.
      expectCode(interrupted, 130);
      const mine = (await drillNamespaces()).filter((each) => !there.includes(each));
      assert.deepEqual(mine, [], `nothing is left at write ${write}: ${interrupted.stderr}`);
    }
    assert.ok(
      killed.length >= CUTS - 1,
      `they were killed while their namespace was there: ${killed.join()}`,
    );

    const report = await cli.json(['drill', '--clean', '--yes']);

    assert.equal(report.kind, 'DrillCleanUp');
    assert.deepEqual(await drillNamespaces(), []);
    assert.equal(await isThere(labelled.namespace), true, 'a label alone makes it no drill');
    assert.deepEqual(await versionsOf(release), before, 'the original never moved');
  });
});

/** What of drills a namespace holds, by name. */
async function ofDrills(kubectl: TestRelease['kubectl']): Promise<string[]> {
  const kinds = 'configmaps,secrets,services,serviceaccounts,deployments,networkpolicies,roles,rolebindings';
  const objects = await kubectl.objects.list(kinds, DRILLS);
  return objects
    .filter((object) => stringAt(object, 'metadata', 'deletionTimestamp') === undefined)
    .map((object) => displayName(refOf(object)));
}
