import { describe, test } from 'node:test';
import { ensureCluster } from '../cluster/cluster.ts';
import {
  aDaemonSet,
  aDeploymentWithMountedSettings,
  aReleaseOfArgoCd,
  aReleaseWithAuthentication,
} from './support/fixtures/plain-yaml.ts';
import { type PlainKind, plainSubject } from './support/recovery/plain-subject.ts';
import { recoverFromAll } from './support/recovery/recover-from-all.ts';

const cluster = await ensureCluster();

const guarded = aReleaseWithAuthentication(cluster);

const KINDS: Record<string, PlainKind> = {
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

describe('of each kind of plain release a restore is exact, its pods say so, and kubectl goes on', {
  concurrency: true,
}, () => {
  for (const [what, kind] of Object.entries(KINDS)) {
    test(what, async (context) => {
      await using subject = await plainSubject(cluster, kind);
      await recoverFromAll(subject, context);
    });
  }
});
