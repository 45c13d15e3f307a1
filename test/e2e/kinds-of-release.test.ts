import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { arrayAt, isObject, type JsonObject, parseJson, stringAt } from '../../src/model/json/json.ts';
import { displayName, refOf } from '../../src/model/kubernetes/object.ts';
import type { BackupDocument, Role } from '../../src/model/records/backup-format.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { codesOf, diagnose } from './support/doctor/diagnosis.ts';
import { eventually } from './support/eventually.ts';
import { makeRelease, RELEASE_KINDS, type ReleaseKind } from './support/fixtures/release-kinds.ts';
import { expectCode } from './support/process.ts';
import type { Fixture } from './support/release.ts';
import { resourceVersions } from './support/resource-versions.ts';
import { newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();

interface Expected {
  /** Every object, and why it is there: "manifest", "hook", or what names it. */
  owned: Record<string, string>;
  referenced: Record<string, string>;
  recorded: Record<string, string>;
  helm?: { driver: string; revisions: number[]; status: string };
  settings: BackupDocument['settings'];
  /** Kinds that controllers keep writing as long as the release is as it is. */
  moving?: string[];
  /** What the pods said, beside what memcached has by default. */
  stats?: Record<string, string>;
}

const NAMESPACE = { recorded: { 'namespace/NAMESPACE': 'namespace' } };
const INSTALLED = { driver: 'secret', revisions: [1], status: 'deployed' };
const agree = (pods: number): BackupDocument['settings'] => ({
  verdict: 'agree',
  podsAnswered: pods,
  podsAsked: pods,
  differing: [],
});
const fromManifest = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 'manifest']));

const KINDS: Record<ReleaseKind, Expected> = {
  'a chart with settings in args, HPA, PDB, NetworkPolicy, Role': {
    owned: fromManifest(
      'configmap/my-memcached',
      'deployment.apps/my-memcached',
      'horizontalpodautoscaler.autoscaling/my-memcached',
      'networkpolicy.networking.k8s.io/my-memcached',
      'poddisruptionbudget.policy/my-memcached',
      'role.rbac.authorization.k8s.io/my-memcached',
      'rolebinding.rbac.authorization.k8s.io/my-memcached',
      'secret/my-memcached',
      'service/my-memcached',
      'serviceaccount/my-memcached',
    ),
    referenced: {},
    ...NAMESPACE,
    helm: INSTALLED,
    moving: ['HorizontalPodAutoscaler'],
    settings: agree(1),
    stats: { maxbytes: String(32 * 1024 * 1024), maxconns: '256' },
  },
  'settings in env, a Secret and a hook, and "memcached" in no name': {
    owned: {
      ...fromManifest('deployment.apps/sessions', 'secret/sessions', 'service/sessions-nodes'),
      'configmap/sessions-before': 'hook',
    },
    referenced: {},
    ...NAMESPACE,
    helm: INSTALLED,
    settings: agree(1),
    stats: { maxbytes: String(16 * 1024 * 1024), maxconns: '128' },
  },
  'a StatefulSet with a headless Service and claims': {
    owned: {
      ...fromManifest('service/ring-nodes', 'statefulset.apps/ring'),
      'configmap/ring-before': 'hook',
    },
    referenced: {
      'persistentvolumeclaim/data-ring-0': 'statefulset.apps/ring volumeClaimTemplates',
      'persistentvolumeclaim/data-ring-1': 'statefulset.apps/ring volumeClaimTemplates',
    },
    ...NAMESPACE,
    helm: INSTALLED,
    settings: agree(2),
    stats: { maxbytes: String(16 * 1024 * 1024) },
  },
  'a plain Deployment that mounts its settings': {
    owned: {
      'deployment.apps/hand-made': 'memcached container',
      'service/hand-made': 'selects its pods',
    },
    referenced: { 'configmap/hand-made-settings': 'deployment.apps/hand-made volumes' },
    ...NAMESPACE,
    settings: agree(1),
    stats: { maxbytes: String(12 * 1024 * 1024), maxconns: '96', growth_factor: '1.10' },
  },
  'a plain DaemonSet with an instance label': {
    owned: {
      'daemonset.apps/node-cache': 'memcached container',
      'configmap/node-cache-notes': 'label app.kubernetes.io/instance=per-node',
      'service/node-cache': 'label app.kubernetes.io/instance=per-node',
      'poddisruptionbudget.policy/of-these-pods': 'selects its pods',
    },
    referenced: {},
    ...NAMESPACE,
    settings: agree(1),
    stats: { maxbytes: String(10 * 1024 * 1024) },
  },
  'an umbrella chart with a database beside memcached': {
    owned: fromManifest(
      'configmap/shop-memcached',
      'deployment.apps/shop-database',
      'deployment.apps/shop-memcached',
      'role.rbac.authorization.k8s.io/shop-memcached',
      'rolebinding.rbac.authorization.k8s.io/shop-memcached',
      'service/shop-memcached',
      'serviceaccount/shop-memcached',
    ),
    referenced: {},
    ...NAMESPACE,
    helm: INSTALLED,
    settings: agree(1),
  },
  'a release stuck in pending-upgrade': {
    owned: {
      ...fromManifest('deployment.apps/stuck', 'service/stuck-nodes'),
      'configmap/stuck-before': 'hook',
    },
    referenced: {},
    ...NAMESPACE,
    helm: { driver: 'secret', revisions: [1, 2], status: 'pending-upgrade' },
    moving: ['Pod', 'ReplicaSet', 'Deployment'],
    settings: { verdict: 'partial', podsAnswered: 1, podsAsked: 2, differing: [] },
  },
  "one kept by Helm's ConfigMap driver": {
    owned: {
      ...fromManifest('deployment.apps/mapped', 'secret/mapped', 'service/mapped-nodes'),
      'configmap/mapped-before': 'hook',
    },
    referenced: {},
    ...NAMESPACE,
    helm: { ...INSTALLED, driver: 'configmap' },
    settings: agree(1),
  },
  'one that Argo CD made of a chart': {
    owned: {
      'deployment.apps/shop-cache': 'memcached container',
      'service/shop-cache': 'label app.kubernetes.io/instance=shop-cache',
    },
    referenced: {},
    ...NAMESPACE,
    settings: agree(1),
  },
  'pods with authentication': {
    owned: { 'deployment.apps/guarded': 'memcached container' },
    referenced: { 'secret/guarded-users': 'deployment.apps/guarded volumes' },
    ...NAMESPACE,
    settings: agree(1),
  },
};

/** Kinds that are ill by construction, and what doctor says of them. */
const ILL: Partial<Record<ReleaseKind, string[]>> = {
  'a release stuck in pending-upgrade': ['MB450 (MB513, MB520)', 'MB535 (MB626)'],
};

/** Those of which every object can be asked about. */
const WHOLE: ReleaseKind[] = [
  'a StatefulSet with a headless Service and claims',
  "one kept by Helm's ConfigMap driver",
  'a chart with settings in args, HPA, PDB, NetworkPolicy, Role',
  'a plain Deployment that mounts its settings',
  'pods with authentication',
];

describe('of each kind of release a backup holds exactly what belongs to it, and doctor has nothing against it', {
  concurrency: 3,
}, () => {
  for (const kind of RELEASE_KINDS) {
    const expected = KINDS[kind];
    test(kind, async () => {
      await using fixture = await makeRelease(cluster, kind);
      const { cli, kubectl, name, namespace } = fixture;
      const versions = async () =>
        Object.fromEntries(
          Object.entries(await resourceVersions(kubectl, namespace)).filter(
            ([object]) => !expected.moving?.includes(object.split('/')[0] ?? ''),
          ),
        );
      const before = await versions();

      const found = expectCode(await cli.run('backup', '-o', 'name'));

      assert.match(found.stdout, new RegExp(`^\\S+/${name}@\\S+\\n$`), 'it is found without being named');
      const { folder, document } = newestBackup(cli.store);
      const held = (role: Role) =>
        Object.fromEntries(
          document.objects
            .filter((object) => object.role === role)
            .map((object) => [displayName(object).replace(namespace, 'NAMESPACE'), object.from]),
        );
      assert.deepEqual(held('owned'), expected.owned, 'owned');
      assert.deepEqual(held('referenced'), expected.referenced, 'referenced');
      assert.deepEqual(held('recorded'), expected.recorded, 'recorded');
      const { inShort, ...verdict } = document.settings;
      assert.deepEqual(verdict, expected.settings);
      if (verdict.podsAnswered > 0) assert.match(inShort ?? '', /^-m \d+ -c \d+/);
      assert.deepEqual(
        document.helm && {
          driver: document.helm.driver,
          revisions: document.helm.revisions,
          status: document.helm.status,
        },
        expected.helm,
      );
      assert.deepEqual(document.skipped, []);
      assert.equal(document.complete, true);
      if (expected.settings.verdict === 'agree') assert.deepEqual(document.health.drift, [], 'drift');
      assertPods(folder, document, expected);
      await assertAsLive(fixture, folder, document);
      assert.equal(await cli.ok('diff', name), '', 'nothing differs right after');
      assert.deepEqual(await versions(), before, 'nothing in the cluster moved');
      await assertHealthy(fixture, kind);
    });
  }
});

/** That doctor says no failure and no warning, but of what is ill by construction. */
async function assertHealthy(fixture: Fixture, kind: ReleaseKind): Promise<void> {
  const isIll = ILL[kind] !== undefined;
  if (isIll) await untilItCrashes(fixture);

  const diagnosis = await diagnose(fixture);

  const said = JSON.stringify(diagnosis.findings, null, 1);
  assert.deepEqual(codesOf(diagnosis), ILL[kind] ?? [], said);
  const codes = diagnosis.findings.map(({ code }) => code);
  for (const code of WHOLE.includes(kind) ? ['MB100', 'MB300', 'MB400'] : ['MB100'])
    assert.ok(codes.includes(code), `${code} is not among ${said}`);
  // Whoever runs it without the JSON reads one screen.
  const { stdout } = await fixture.cli.run('doctor');
  if (!isIll) assert.ok(stdout.split('\n').length <= 45, stdout);
}

async function untilItCrashes({ kubectl }: Fixture): Promise<void> {
  const path = 'jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}';
  await eventually(async () => assert.match(await kubectl.ok('get', 'pods', '-o', path), /CrashLoopBackOff/));
}

/** settings.json: one entry a pod, with what it answered or why it did not. */
function assertPods(folder: string, document: BackupDocument, { settings, stats = {} }: Expected): void {
  const { pods } = JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8')) as {
    pods: { stats?: Record<string, string>; error?: string }[];
  };
  assert.equal(pods.length, settings.podsAsked);
  for (const pod of pods) {
    assert.notEqual(pod.stats === undefined, pod.error === undefined, 'an answer, or why there is none');
    if (pod.stats === undefined) continue;
    for (const [setting, value] of Object.entries(stats)) assert.equal(pod.stats[setting], value, setting);
  }
  assert.equal(document.settings.podsAsked, pods.length);
}

/** raw/ is what the server says, to the digit; manifests/ hold the same objects. */
async function assertAsLive(fixture: Fixture, folder: string, document: BackupDocument): Promise<void> {
  const own = document.objects.filter(({ role }) => role !== 'recorded');
  const names = own.map((object) => displayName(object));
  // kubectl prints a List of several and the object alone of one.
  const printed = parseJson(await fixture.kubectl.ok('get', ...names, '-o', 'json', '--show-managed-fields'));
  const live = isObject(printed) && Array.isArray(printed.items) ? printed.items : [printed];
  const byName = new Map(live.map((object) => [displayName(refOf(object as JsonObject)), object]));
  for (const object of own) {
    const raw = parseJson(readFileSync(join(folder, object.raw), 'utf8')) as JsonObject;
    const same = byName.get(displayName(object)) as JsonObject;
    for (const version of [raw, same]) leaveStatusOut(version);
    assert.equal(stringAt(raw, 'metadata', 'uid'), stringAt(same, 'metadata', 'uid'));
    assert.deepEqual(sorted(raw), sorted(same), object.raw);
    assert.ok(object.manifest, `${displayName(object)} has a manifest`);
  }
}

/** What a controller writes whenever a pod comes or goes, be it between the backup and this look. */
function leaveStatusOut(object: JsonObject): void {
  delete object.status;
  const metadata = object.metadata as JsonObject;
  delete metadata.resourceVersion;
  metadata.managedFields = arrayAt(metadata, 'managedFields').filter(
    (entry) => stringAt(entry, 'subresource') !== 'status',
  );
}

/** The JSON text with every object's keys in order: kubectl sorts them, the server does not. */
function sorted(value: JsonObject): string {
  return JSON.stringify(value, (_key, item) =>
    isObject(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
  );
}
