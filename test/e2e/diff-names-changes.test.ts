import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { clean } from '../../src/model/forms/clean.ts';
import {
  arrayAt,
  type JsonObject,
  objectAt,
  parseJson,
  stringAt,
  valueAt,
} from '../../src/model/json/json.ts';
import { toYaml } from '../../src/model/json/yaml.ts';
import { displayName, type ObjectRef } from '../../src/model/kubernetes/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { forgeFile } from '../support/small-backup.ts';
import { helmIn } from './support/helm.ts';
import { ask, podsOf } from './support/memcached.ts';
import { expectCode } from './support/process.ts';
import { aRelease, aSecret, CHART, type TestRelease } from './support/release.ts';
import { RICH_VALUES } from './support/rich-values.ts';
import { newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();

/** One change to a release, and all that `diff` may say of it. */
interface Fault {
  what: string;
  change(release: TestRelease): Promise<unknown>;
  /** In any order; see `namedBy`. Nothing: the change is not one that a person made to the release. */
  named: string[];
}

const DEPLOYMENT = 'deployment.apps/my-memcached';
const CONTAINER = `${DEPLOYMENT} spec.template.spec.containers[memcached]`;

const kubectl =
  (...args: string[]) =>
  ({ kubectl }: TestRelease) =>
    kubectl.ok(...args);
const patch = (object: string, change: JsonObject) =>
  kubectl('patch', object, '--type=merge', '-p', JSON.stringify(change));

/** Changes by hand, round after round: what is in one touches different fields, so that each is named on its own. */
const ROUNDS: Fault[][] = [
  [
    {
      what: 'an env value',
      change: kubectl('set', 'env', DEPLOYMENT, 'REGION=south'),
      named: [`${CONTAINER}.env[REGION].value`],
    },
    {
      what: 'an env entry more',
      change: kubectl('set', 'env', DEPLOYMENT, 'DEBUG=1'),
      named: [`${CONTAINER}.env[DEBUG]`],
    },
    {
      what: 'an env entry less',
      change: kubectl('set', 'env', DEPLOYMENT, 'TIER-'),
      named: [`${CONTAINER}.env[TIER]`],
    },
    {
      what: 'a secret env value',
      change: (release) => {
        const rotated = aSecret();
        release.secrets.push(rotated);
        return release.kubectl.ok('set', 'env', DEPLOYMENT, `CACHE_PASSWORD=${rotated}`);
      },
      named: [`${CONTAINER}.env[CACHE_PASSWORD].value`],
    },
    {
      what: 'an argument',
      change: ({ kubectl }) =>
        kubectl.ok(
          ...['patch', DEPLOYMENT, '--type=json', '-p'],
          '[{"op":"replace","path":"/spec/template/spec/containers/0/args/1","value":"16"}]',
        ),
      named: [`${CONTAINER}.args[1]`, 'setting maxbytes'],
    },
    {
      what: 'a memory limit',
      change: kubectl('set', 'resources', DEPLOYMENT, '--limits=memory=80Mi'),
      named: [`${CONTAINER}.resources.limits.memory`],
    },
    {
      what: 'a restart',
      change: kubectl('rollout', 'restart', DEPLOYMENT),
      named: [`${DEPLOYMENT} spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]`],
    },
    {
      what: 'an annotation',
      change: kubectl('annotate', DEPLOYMENT, 'example.org/by-hand=yes'),
      named: [`${DEPLOYMENT} metadata.annotations["example.org/by-hand"]`],
    },
    {
      what: 'a label',
      change: kubectl('label', 'service/my-memcached', 'team=a'),
      named: ['service/my-memcached metadata.labels.team'],
    },
    {
      what: 'a finalizer',
      change: patch('configmap/my-memcached', { metadata: { finalizers: ['example.org/keep'] } }),
      named: ['configmap/my-memcached metadata.finalizers'],
    },
    {
      what: 'a text in a ConfigMap',
      change: patch('configmap/my-memcached', { data: { 'memcached.conf': '# -m 1\n' } }),
      named: ['configmap/my-memcached data["memcached.conf"]'],
    },
    {
      what: 'a rotated Secret',
      change: (release) => {
        const rotated = aSecret();
        release.secrets.push(rotated);
        return patch('secret/my-memcached', { stringData: { 'memcached-password': rotated } })(release);
      },
      named: ['secret/my-memcached data.memcached-password'],
    },
    {
      what: "a Service's affinity",
      change: patch('service/my-memcached', { spec: { sessionAffinity: 'ClientIP' } }),
      named: ['service/my-memcached spec.sessionAffinity', 'service/my-memcached spec.sessionAffinityConfig'],
    },
    {
      what: 'a PodDisruptionBudget',
      change: patch('poddisruptionbudget/my-memcached', { spec: { maxUnavailable: 2 } }),
      named: ['poddisruptionbudget.policy/my-memcached spec.maxUnavailable'],
    },
    {
      what: 'a NetworkPolicy opened',
      change: patch('networkpolicy/my-memcached', { spec: { ingress: [{}] } }),
      named: [
        'networkpolicy.networking.k8s.io/my-memcached spec.ingress[0].from',
        'networkpolicy.networking.k8s.io/my-memcached spec.ingress[0].ports',
      ],
    },
    {
      what: 'a Role',
      change: patch('role/my-memcached', {
        rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }],
      }),
      named: [
        'role.rbac.authorization.k8s.io/my-memcached rules[0].resourceNames',
        'role.rbac.authorization.k8s.io/my-memcached rules[0].verbs[0]',
      ],
    },
    {
      what: 'a RoleBinding',
      change: patch('rolebinding/my-memcached', { subjects: [{ kind: 'ServiceAccount', name: 'default' }] }),
      named: [
        'rolebinding.rbac.authorization.k8s.io/my-memcached subjects[default]',
        'rolebinding.rbac.authorization.k8s.io/my-memcached subjects[my-memcached]',
      ],
    },
    {
      what: 'a ServiceAccount',
      change: patch('serviceaccount/my-memcached', { automountServiceAccountToken: false }),
      named: ['serviceaccount/my-memcached automountServiceAccountToken'],
    },
  ],
  [
    {
      what: 'a scaling',
      change: kubectl('scale', DEPLOYMENT, '--replicas=1'),
      named: [`${DEPLOYMENT} spec.replicas`],
    },
    {
      what: 'a pause',
      change: kubectl('rollout', 'pause', DEPLOYMENT),
      named: [`${DEPLOYMENT} spec.paused`],
    },
    {
      what: 'the finalizer taken away again',
      change: patch('configmap/my-memcached', { metadata: { finalizers: null } }),
      named: ['configmap/my-memcached metadata.finalizers'],
    },
    {
      what: 'a key more in a ConfigMap',
      change: patch('configmap/my-memcached', { data: { extra: '1.0' } }),
      named: ['configmap/my-memcached data.extra'],
    },
    {
      what: 'a key more in a Secret',
      change: patch('secret/my-memcached', { stringData: { user: 'somebody' } }),
      named: ['secret/my-memcached data.user'],
    },
    {
      what: "a Service's type: the port that the server allocates is not a person's",
      change: patch('service/my-memcached', { spec: { type: 'NodePort' } }),
      named: ['service/my-memcached spec.externalTrafficPolicy', 'service/my-memcached spec.type'],
    },
  ],
  [
    {
      what: 'the end of a pause',
      change: kubectl('rollout', 'resume', DEPLOYMENT),
      named: [`${DEPLOYMENT} spec.paused`],
    },
    {
      what: "kubectl's own annotation, which is not the person's",
      change: kubectl('apply', 'set-last-applied', '--create-annotation', '-f', lastApplied()),
      named: [],
    },
  ],
  [
    {
      what: 'a running server told another limit',
      change: async ({ kubectl, name }) => {
        const [pod] = await podsOf(kubectl, name);
        await ask(kubectl, pod!, 'cache_memlimit 20');
      },
      named: ['setting maxbytes'],
    },
  ],
  [
    {
      what: 'a deleted object',
      change: kubectl('delete', 'poddisruptionbudget/my-memcached'),
      named: ['missing poddisruptionbudget.policy/my-memcached'],
    },
    {
      what: "Helm's record lost",
      change: kubectl('delete', 'secret', '-l', 'owner=helm'),
      named: ['helm release'],
    },
  ],
];

/** A file that kubectl takes the annotation's value from. */
function lastApplied(): string {
  const file = join(process.env.TMPDIR ?? '/tmp', `last-applied-${process.pid}.json`);
  const metadata = { name: 'my-memcached' };
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata }));
  return file;
}

/** What Helm itself does later. These start from the release as installed. */
const UPGRADES: (Fault & { values: JsonObject })[] = [
  { what: 'an upgrade that changes nothing', values: RICH_VALUES, change: withChart(), named: [] },
  {
    what: 'an object added by a later revision',
    values: { ...RICH_VALUES, networkPolicy: { enabled: false } },
    change: withChart(RICH_VALUES),
    named: ['added networkpolicy.networking.k8s.io/my-memcached', 'helm manifest', 'helm values'],
  },
  {
    what: 'a value',
    values: RICH_VALUES,
    change: withChart({ ...RICH_VALUES, memcached: { maxMemory: 24, maxConnections: 100 } }),
    named: [
      'configmap/my-memcached data["memcached.conf"]',
      `${CONTAINER}.args[3]`,
      'helm manifest',
      'helm values',
      'setting maxconns',
    ],
  },
  {
    what: 'an HPA, and the replicas that it drives are its own matter',
    values: { ...RICH_VALUES, autoscaling: { enabled: true, minReplicas: 2 } },
    change: async ({ kubectl }) => {
      await kubectl.ok('scale', DEPLOYMENT, '--replicas=3');
      await kubectl.ok('patch', 'hpa/my-memcached', '-p', '{"spec":{"maxReplicas":7}}');
    },
    named: ['horizontalpodautoscaler.autoscaling/my-memcached spec.maxReplicas'],
  },
];

/** `helm upgrade` with these values, or with those of the installation. */
function withChart(values?: JsonObject) {
  return (release: TestRelease) => release.upgrade({ ...release.values, ...values });
}

/** What a diff names: "OBJECT PATH", "missing OBJECT", "added OBJECT", "setting NAME", "helm WHAT". */
function namedBy(diff: JsonObject): string[] {
  const objects = arrayAt(diff, 'objects').flatMap((object) => {
    const name = displayName(object as unknown as ObjectRef);
    const fields = arrayAt(object, 'fields').map((field) => `${name} ${stringAt(field, 'path')}`);
    return valueAt(object, 'change') === 'changed' ? fields : [`${stringAt(object, 'change')} ${name}`];
  });
  const settings = arrayAt(diff, 'settings').map((row) => `setting ${stringAt(row, 'setting')}`);
  const helm = arrayAt(objectAt(diff, 'helm'), 'changes')
    .filter((change) => change !== 'revision')
    .map((change) => `helm ${change}`);
  return [...objects, ...settings, ...helm].sort();
}

async function assertNamed(release: TestRelease, ...changes: Fault[]): Promise<void> {
  const { cli, kubectl, name } = release;
  await cli.ok('backup', name);
  for (const { change } of changes) await change(release);
  const named = changes.flatMap((each) => each.named);
  const what = changes.map((each) => each.what).join(', ');
  await kubectl.run('rollout', 'status', DEPLOYMENT, '--timeout=60s');
  const diff = await cli.json(['diff', name], named.length > 0 ? 3 : 0);
  assert.deepEqual(namedBy(diff), named.toSorted(), what);
}

describe('diff', { concurrency: true }, () => {
  const binary = cluster.helms.at(-1)!;

  test(`names exactly each of ${ROUNDS.flat().length} changes made by hand, and nothing before`, async () => {
    await using release = await aRelease(cluster, binary)
      .withPassword()
      .withValues(richValuesWithSecret())
      .installed();
    release.secrets.push(...plainSecrets(release));
    await release.cli.ok('backup', release.name);
    for (const output of ['table', 'name']) {
      assert.equal(await release.cli.ok('diff', release.name, '-o', output), '', 'nothing before');
    }
    for (const changes of ROUNDS) await assertNamed(release, ...changes);
  });

  for (const upgrade of UPGRADES) {
    test(`names exactly what a later revision brings: ${upgrade.what}`, async () => {
      await using release = await aRelease(cluster, binary).withValues(upgrade.values).installed();
      await assertNamed(release, upgrade);
    });
  }

  test('names the chart where its version moved, and not the blank lines of another Helm', async () => {
    await using release = await aRelease(cluster, cluster.helms[0]!)
      .withValues({ extraDeploy: [''] })
      .installed();
    await release.cli.ok('backup', release.name);
    using other = helmIn(cluster, binary, release.namespace);
    const values = join(release.helm.home, 'values.json');
    await other.ok('upgrade', release.name, CHART, '-f', values, '--wait', '--timeout', '60s');
    const manifest = (revision: string) => other.ok('get', 'manifest', release.name, '--revision', revision);
    // With one Helm alone there are no others' blank lines.
    if (cluster.helms.length > 1) assert.notEqual(await manifest('2'), await manifest('1'));
    assert.equal(await release.cli.ok('diff', release.name), '');

    const chart = join(release.helm.home, 'chart');
    cpSync(CHART, chart, { recursive: true });
    const file = join(chart, 'Chart.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^version: .*$/m, 'version: 9.9.9'));
    await release.helm.ok('upgrade', release.name, chart, '--reuse-values', '--wait', '--timeout', '60s');
    const { stdout } = expectCode(await release.cli.run('diff', release.name), 3);
    assert.match(stdout, /^Helm chart: memcached-0\.1\.0 → memcached-9\.9\.9$/m);
  });

  test('takes what only this server fills in for no difference', async () => {
    await using release = await aRelease(cluster, binary).installed();
    const { cli, name } = release;
    await cli.ok('backup', name);
    const { folder } = newestBackup(cli.store);
    // As an API server would have saved it that did not know the fields yet.
    const path = 'raw/service-my-memcached.json';
    const service = parseJson(readFileSync(join(folder, path), 'utf8')) as JsonObject;
    for (const field of ['internalTrafficPolicy', 'ipFamilies', 'ipFamilyPolicy']) {
      assert.ok(field in (service.spec as JsonObject));
      delete (service.spec as JsonObject)[field];
    }
    forgeFile(folder, path, JSON.stringify(service));
    forgeFile(folder, 'manifests/service-my-memcached.yaml', toYaml(clean(service).object));
    assert.equal(await cli.ok('diff', name), '');
  });

  test('compares two backups, also when the cluster is away', async () => {
    await using release = await aRelease(cluster, binary).withPassword().installed();
    const { cli, kubectl, name } = release;
    await cli.ok('backup', name);
    await kubectl.ok('annotate', DEPLOYMENT, 'example.org/by-hand=yes');
    await cli.ok('backup', name);
    const away = ['--server', 'https://127.0.0.1:1', '--against', '@latest'];
    const diff = await cli.json(['diff', `${name}@previous`, ...away], 3);
    assert.deepEqual(namedBy(diff), [`${DEPLOYMENT} metadata.annotations["example.org/by-hand"]`]);
    const text = expectCode(await cli.run('diff', `${name}@previous`, ...away), 3).stdout;
    assert.match(text, /^\+ {4}example\.org\/by-hand: "yes"$/m);
    assert.equal((await cli.run('diff', `${name}@latest`, ...away)).code, 0, 'the same backup twice');
    assert.equal((await cli.run('diff', name, '--server', 'https://127.0.0.1:1')).code, 4);
  });
});

function richValuesWithSecret(): JsonObject {
  const extraEnv = [...arrayAt(RICH_VALUES, 'extraEnv'), { name: 'CACHE_PASSWORD', value: aSecret() }];
  return { ...RICH_VALUES, replicaCount: 2, extraEnv };
}

/** Passwords that stand in the environment as they are. */
function plainSecrets({ values }: TestRelease): string[] {
  return arrayAt(values, 'extraEnv')
    .filter((entry) => stringAt(entry, 'name') === 'CACHE_PASSWORD')
    .map((entry) => stringAt(entry, 'value') ?? '');
}
