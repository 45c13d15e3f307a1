import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { displayName } from '../../src/model/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { exactObjectsNamed, withoutAllocations } from './support/exact-objects.ts';
import {
  anUmbrella,
  aReleaseByAnotherName,
  aReleaseWithEverything,
  aStatefulSet,
} from './support/fixtures/helm-releases.ts';
import {
  aDaemonSet,
  aDeploymentWithMountedSettings,
  aReleaseOfArgoCd,
  aReleaseWithAuthentication,
} from './support/fixtures/plain-yaml.ts';
import { expectCode } from './support/process.ts';
import { EARLIER, LATEST } from './support/recovery/content.ts';
import {
  argumentValues,
  environmentValues,
  type HelmKind,
  helmSubject,
  merged,
} from './support/recovery/helm-subject.ts';
import { type PlainKind, plainSubject } from './support/recovery/plain-subject.ts';
import { assertRunsWith, type Subject } from './support/recovery/subject.ts';
import { aRelease } from './support/release.ts';
import { backupsIn, manifestsOf, newestBackup, type StoredBackup } from './support/store-files.ts';

const cluster = await ensureCluster();

const withArguments: HelmKind['values'] = ({ values }, content, objects) =>
  merged(values, argumentValues(content, objects));
const withEnvironment: HelmKind['values'] = ({ values }, content, objects) =>
  merged(values, environmentValues(content, objects));

const HELM_KINDS: Record<string, HelmKind> = {
  'a chart with settings in args, HPA, PDB, NetworkPolicy, Role': {
    install: (helm) => aReleaseWithEverything(cluster, helm).installed(),
    values: withArguments,
    workload: 'deployment/my-memcached',
  },
  'settings in env, a Secret and a hook, and "memcached" in no name': {
    install: (helm) => aReleaseByAnotherName(cluster, helm).installed(),
    values: withEnvironment,
    workload: 'deployment/sessions',
    leaves: ['ConfigMap/sessions-before'],
  },
  'a StatefulSet with a headless Service and claims': {
    install: (helm) => aStatefulSet(cluster, helm).installed(),
    values: withEnvironment,
    workload: 'statefulset/ring',
    pods: 2,
    leaves: [
      'ConfigMap/ring-before',
      'PersistentVolumeClaim/data-ring-0',
      'PersistentVolumeClaim/data-ring-1',
    ],
  },
  'two releases in one namespace': {
    install: (helm) => aRelease(cluster, helm).named('front').installed(),
    values: withArguments,
    workload: 'deployment/front-memcached',
    neighbour: (release, helm) => aRelease(cluster, helm).named('back').beside(release).installed(),
  },
  'an umbrella chart with a database beside memcached': {
    install: (helm) => anUmbrella(cluster, helm),
    values: ({ values }, content, objects) => merged(values, { memcached: argumentValues(content, objects) }),
    workload: 'deployment/shop-memcached',
    label: 'app.kubernetes.io/instance=shop,app.kubernetes.io/name=memcached',
    flags: ['--whole-release'],
    refusal: /deployment\.apps\/shop-database; --whole-release restores them too/,
  },
  'a release stuck in pending-upgrade': {
    install: (helm) => aReleaseByAnotherName(cluster, helm).named('stuck').installed(),
    values: withEnvironment,
    workload: 'deployment/stuck',
    flags: ['--force'],
    refusal: /Helm revision 3 has been pending-upgrade .*somebody may be at work/,
    leaves: ['ConfigMap/stuck-before'],
    stuck: true,
  },
  "one kept by Helm's ConfigMap driver": {
    install: (helm) => aReleaseByAnotherName(cluster, helm).named('mapped').keptInConfigMaps().installed(),
    values: withEnvironment,
    workload: 'deployment/mapped',
    leaves: ['ConfigMap/mapped-before'],
  },
};

const guarded = aReleaseWithAuthentication(cluster);

const PLAIN_KINDS: Record<string, PlainKind> = {
  'a plain Deployment that mounts its settings': {
    release: aDeploymentWithMountedSettings(cluster),
    settingsIn: 'configmap',
    flags: ['--include-referenced'],
    whom: { label: 'app=hand-made' },
    others: ['of-somebody-else', 'for-everybody'],
  },
  'a plain DaemonSet with an instance label': { release: aDaemonSet(cluster) },
  'one that Argo CD made of a chart': {
    release: aReleaseOfArgoCd(cluster),
    flags: ['--force'],
    refusal: /Argo CD application "shop-cache" manages deployment\.apps\/shop-cache/,
  },
  'pods with authentication': {
    release: guarded,
    code: 5,
    whom: { label: 'app=guarded', login: { user: 'app', password: guarded.secrets![0]! } },
  },
};

/** A way in which a release is damaged, and what is restored then. Each ends with the removal of the release. */
interface Scenario {
  what: string;
  /** Whether it starts with the release in place. */
  from: 'live' | 'removed';
  damage?(subject: Subject): Promise<void>;
  /** After the restore. */
  assert?(subject: Subject): Promise<void>;
  backup: 'latest' | 'earlier';
  /** One step after the other, each with new pods, instead of all that an upgrade can do at once. */
  stepByStep?: true;
}

const SCENARIOS: Scenario[] = [
  {
    what: 'configuration only: changed by an upgrade, which also added objects, and by hand',
    from: 'live',
    damage: (subject) => subject.misconfigure(),
    assert: (subject) => subject.assertTidied(),
    backup: 'latest',
    stepByStep: true,
  },
  { what: 'full recreation: the release was removed', from: 'removed', backup: 'latest' },
  {
    what: 'full recreation: the workload was deleted',
    from: 'live',
    damage: async ({ fixture: { kubectl }, workload }) => {
      await kubectl.ok('delete', workload);
    },
    backup: 'latest',
  },
  { what: 'return to an earlier backup', from: 'live', backup: 'earlier' },
  {
    what: 'full recreation: the namespace was deleted',
    from: 'removed',
    damage: async ({ fixture: { kubectl, namespace } }) => {
      await kubectl.ok('delete', 'namespace', namespace, '--timeout=90s');
    },
    assert: (subject) => subject.restoreNeighbour(),
    backup: 'latest',
  },
];

const FLOWS: Record<string, () => Promise<Subject>> = {
  ...Object.fromEntries(
    Object.entries(HELM_KINDS).flatMap(([what, kind]) =>
      cluster.helms.map((helm) => [`${what} (${helm.name})`, () => helmSubject(kind, helm)]),
    ),
  ),
  ...Object.fromEntries(
    Object.entries(PLAIN_KINDS).map(([what, kind]) => [what, () => plainSubject(cluster, kind)]),
  ),
};

describe('of each kind of release a restore is exact, its pods say so, and Helm and kubectl go on', {
  concurrency: 5,
}, () => {
  for (const [kind, make] of Object.entries(FLOWS)) {
    test(kind, async (context) => {
      await using subject = await make();
      await recoverFromAll(subject, context);
    });
  }
});

async function recoverFromAll(subject: Subject, context: TestContext): Promise<void> {
  const { cli, kubectl, name } = subject.fixture;
  const backups = { latest: newestBackup(cli.store), earlier: backupsIn(cli.store)[0]! };
  const own = backups.latest.document.objects.filter(({ role }) => role !== 'recorded').map(displayName);
  const exact = () => exactObjectsNamed(kubectl, own);
  const asBackedUp = { objects: await exact(), record: await subject.record() };
  const restore = (backup: StoredBackup, ...flags: string[]) =>
    cli.run('restore', `${name}@${backup.document.id}`, '--yes', ...flags);
  let live = true;
  let sound = true;

  for (const scenario of SCENARIOS) {
    // One that failed leaves a state that says nothing about the next.
    if (!sound) return;
    const { what, from, backup: which, stepByStep = false } = scenario;
    await context.test(what, async () => {
      sound = false;
      const backup = backups[which];
      const content = { latest: LATEST, earlier: EARLIER }[which];
      if (from === 'live' && !live) expectCode(await restore(backups.latest, ...subject.flags), subject.code);
      const before = from === 'live' ? await exact() : asBackedUp.objects;
      await scenario.damage?.(subject);
      const neighbour = from === 'live' ? await subject.neighbour() : undefined;
      if (stepByStep && subject.refusal !== undefined) {
        const damaged = await exact();
        assert.match(expectCode(await restore(backup), 1).stderr, subject.refusal);
        assert.deepEqual(await exact(), damaged, 'a refused restore writes nothing');
      }

      expectCode(await restore(backup, ...subject.flags), subject.code);

      await assertRunsWith(subject, content);
      await scenario.assert?.(subject);
      if (from === 'removed') {
        await assertSameBackup(subject, backup);
        assert.deepEqual(await subject.record(), asBackedUp.record, "Helm's history");
        assert.deepEqual(withoutAllocations(await exact()), withoutAllocations(before), EXACT);
      } else if (which === 'latest') {
        assert.deepEqual(await exact(), before, EXACT);
      } else await assertSameBackup(subject, backup);
      await subject.goesOn(content, stepByStep);
      if (from === 'live') assert.deepEqual(await subject.neighbour(), neighbour, 'the release beside it');
      live = false;
      sound = true;
    });
  }
}

const EXACT = 'every object, and who owns which field';

/** The restored release, backed up again, gives the same manifests to the byte. */
async function assertSameBackup({ fixture: { cli, name } }: Subject, backup: StoredBackup): Promise<void> {
  const store = join(cli.store, '..', 'again');
  await cli.ok('backup', name, '--store', store);
  assert.deepEqual(manifestsOf(newestBackup(store)), manifestsOf(backup), 'manifests/');
}
