import { describe, test } from 'node:test';
import type { Helm, TestCluster } from '../../../cluster/cluster.ts';
import {
  anUmbrella,
  aReleaseByAnotherName,
  aReleaseWithEverything,
  aStatefulSet,
} from '../fixtures/helm-releases.ts';
import { aRelease } from '../release.ts';
import { argumentValues, environmentValues, type HelmKind, helmSubject, merged } from './helm-subject.ts';
import { recoverFromAll } from './recover-from-all.ts';

const withArguments: HelmKind['values'] = ({ values }, content, objects) =>
  merged(values, argumentValues(content, objects));
const withEnvironment: HelmKind['values'] = ({ values }, content, objects) =>
  merged(values, environmentValues(content, objects));

const kindsOn = (cluster: TestCluster): Record<string, HelmKind> => ({
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
});

/**
 * The tests of one Helm: each kind of release, from every kind of damage. Each Helm's are in a file of their own,
 * because together they would take longer than one file may.
 */
export function testRecovery(cluster: TestCluster, name: Helm['name']): void {
  const helm = cluster.helms.find((each) => each.name === name);
  describe(`of each kind of ${name} release a restore is exact, its pods say so, and Helm goes on`, {
    concurrency: 5,
    skip: helm === undefined ? `there is no ${name} here` : false,
  }, () => {
    for (const [what, kind] of Object.entries(kindsOn(cluster))) {
      test(what, async (context) => {
        await using subject = await helmSubject(kind, helm!);
        await recoverFromAll(subject, context);
      });
    }
  });
}
