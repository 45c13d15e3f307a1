import { describe, test } from 'node:test';
import type { Helm, TestCluster } from '../../../cluster/cluster.ts';
import {
  anUmbrella,
  aReleaseByAnotherName,
  aReleaseWithEverything,
  aStatefulSet,
} from '../fixtures/helm-releases.ts';
import { aRelease } from '../release.ts';
import { argumentValues, environmentValues, type HelmKind, helmSubject } from './helm-subject.ts';
import { ALL_SCENARIOS, recover, type ScenarioName } from './scenarios.ts';

const inArguments = { values: argumentValues };
const inEnvironment = { values: environmentValues };

interface Kind extends HelmKind {
  /** The two richest go through all of them on each Helm; the others through two, on one Helm in turn. */
  scenarios: readonly ScenarioName[];
  on: readonly Helm['name'][];
}

const BOTH = ['helm3', 'helm4'] as const;

const kindsOn = (cluster: TestCluster): Record<string, Kind> => ({
  'a chart with settings in args, HPA, PDB, NetworkPolicy, Role': {
    install: (helm, values) => aReleaseWithEverything(cluster, helm).withValues(values).installed(),
    ...inArguments,
    workload: 'deployment/my-memcached',
    scenarios: ALL_SCENARIOS,
    on: BOTH,
  },
  'settings in env, a Secret and a hook, and "memcached" in no name': {
    install: (helm, values) => aReleaseByAnotherName(cluster, helm).withValues(values).installed(),
    ...inEnvironment,
    workload: 'deployment/sessions',
    scenarios: ['removed', 'earlier'],
    on: ['helm4'],
    leaves: ['ConfigMap/sessions-before'],
  },
  'a StatefulSet with a headless Service and claims': {
    install: (helm, values) => aStatefulSet(cluster, helm).withValues(values).installed(),
    ...inEnvironment,
    workload: 'statefulset/ring',
    scenarios: ALL_SCENARIOS,
    on: BOTH,
    pods: 2,
    leaves: [
      'ConfigMap/ring-before',
      'PersistentVolumeClaim/data-ring-0',
      'PersistentVolumeClaim/data-ring-1',
    ],
  },
  'two releases in one namespace': {
    install: (helm, values) => aRelease(cluster, helm).named('front').withValues(values).installed(),
    ...inArguments,
    workload: 'deployment/front-memcached',
    scenarios: ['configuration', 'namespace'],
    on: ['helm4'],
    neighbour: (release, helm) => aRelease(cluster, helm).named('back').beside(release).installed(),
  },
  'an umbrella chart with a database beside memcached': {
    install: (helm, values) => anUmbrella(cluster, helm, values),
    values: (content, objects) => ({ memcached: argumentValues(content, objects) }),
    workload: 'deployment/shop-memcached',
    scenarios: ['workload', 'configuration'],
    on: ['helm3'],
    label: 'app.kubernetes.io/instance=shop,app.kubernetes.io/name=memcached',
    flags: ['--whole-release'],
    refusal: /deployment\.apps\/shop-database; --whole-release restores them too/,
  },
  'a release stuck in pending-upgrade': {
    install: (helm, values) =>
      aReleaseByAnotherName(cluster, helm).named('stuck').withValues(values).installed(),
    ...inEnvironment,
    workload: 'deployment/stuck',
    scenarios: ['configuration', 'removed'],
    on: ['helm3'],
    flags: ['--force'],
    refusal: /Helm revision 2 has been pending-upgrade .*somebody may be at work/,
    leaves: ['ConfigMap/stuck-before'],
    stuck: true,
  },
  "one kept by Helm's ConfigMap driver": {
    install: (helm, values) =>
      aReleaseByAnotherName(cluster, helm).named('mapped').keptInConfigMaps().withValues(values).installed(),
    ...inEnvironment,
    workload: 'deployment/mapped',
    scenarios: ['configuration', 'namespace'],
    on: ['helm4'],
    leaves: ['ConfigMap/mapped-before'],
  },
});

/**
 * The tests of one Helm: kinds of release, and kinds of damage, in pairs. Each Helm's are in a file of their own,
 * because together they would take longer than one file may. A Helm that stands alone takes all of them.
 */
export function testRecovery(cluster: TestCluster, name: Helm['name']): void {
  const helm = cluster.helms.find((each) => each.name === name);
  const isAlone = cluster.helms.length === 1;
  describe(`of each kind of ${name} release a restore is exact, its pods say so, and Helm goes on`, {
    concurrency: 3,
    skip: helm === undefined ? `there is no ${name} here` : false,
  }, () => {
    for (const [what, { scenarios, on, ...kind }] of Object.entries(kindsOn(cluster))) {
      if (!on.includes(name) && !isAlone) continue;
      test(what, async (context) => {
        await using subject = await helmSubject(kind, helm!);
        await recover(subject, scenarios, context);
      });
    }
  });
}
