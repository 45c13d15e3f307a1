import { describe, test } from 'node:test';
import { ensureCluster } from '../cluster/cluster.ts';
import {
  aDaemonSet,
  aDeploymentWithMountedSettings,
  aReleaseOfArgoCd,
  aReleaseWithAuthentication,
} from './support/fixtures/plain-yaml.ts';
import { type PlainKind, plainSubject } from './support/recovery/plain-subject.ts';
import { ALL_SCENARIOS, recover, type ScenarioName } from './support/recovery/scenarios.ts';

const cluster = await ensureCluster();

const guarded = aReleaseWithAuthentication(cluster);

/** The richest kind goes through all scenarios, the others through two. */
const KINDS: Record<string, PlainKind & { scenarios: readonly ScenarioName[] }> = {
  'a plain Deployment that mounts its settings': {
    release: aDeploymentWithMountedSettings(cluster),
    scenarios: ALL_SCENARIOS,
    settingsIn: 'configmap',
    flags: ['--include-referenced'],
    whom: { label: 'app=hand-made' },
    others: ['of-somebody-else', 'for-everybody'],
  },
  'a plain DaemonSet with an instance label': {
    release: aDaemonSet(cluster),
    scenarios: ['earlier', 'namespace'],
  },
  'one that Argo CD made of a chart': {
    release: aReleaseOfArgoCd(cluster),
    scenarios: ['configuration', 'removed'],
    flags: ['--force'],
    refusal: /Argo CD application "shop-cache" manages deployment\.apps\/shop-cache/,
  },
  'pods with authentication': {
    release: guarded,
    scenarios: ['configuration', 'workload'],
    whom: { label: 'app=guarded', login: { user: 'app', password: guarded.secrets![0]! } },
  },
};

describe('of each kind of plain release a restore is exact, its pods say so, and kubectl goes on', {
  concurrency: 2,
}, () => {
  for (const [what, { scenarios, ...kind }] of Object.entries(KINDS)) {
    test(what, async (context) => {
      await using subject = await plainSubject(cluster, kind);
      await recover(subject, scenarios, context);
    });
  }
});
