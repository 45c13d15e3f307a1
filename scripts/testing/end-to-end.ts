import { availableParallelism } from 'node:os';
import { clusterObstacle, ensureCluster } from '../../test/cluster/cluster.ts';
import { withFilesInMemory } from './memory-folder.ts';
import { runTests, type TestResult, testFiles } from './run-tests.ts';

// Those that take kubectl, Helm or krew wait, in a first run, until all of the cluster's programs are built.
const PACKAGE = {
  folders: ['test/package'],
  // Each has folders of its own, and what they get and build once is built under a lock.
  concurrency: availableParallelism(),
  timeoutMs: 1_800_000,
  first: ['package/release', 'package/image'],
};
/** Every kind of store on the real thing, whose servers the first run builds: they wait as well, and need no cluster. */
const CONTRACT = ['test/contract'];
const ON_CLUSTER = {
  folders: ['test/e2e', 'test/cluster'],
  // Most of them wait, for pods most of all.
  concurrency: availableParallelism() * 2,
  timeoutMs: 1_200_000,
  first: [
    'releases-recover',
    'permissions.',
    'api-faults',
    'rules-of-restore',
    'failing-restore',
    // Starts clusters of its own, one after the other.
    'comes-back',
    'own-schedule',
    'e2e/cut-off.',
    'show-and-verify',
    'doctor/restore',
    'scheduled-run',
    'many-releases',
    'into-namespace',
    'schedule-care',
    'cut-off-undo',
    'pvc-store',
    'unwritable-store',
    'doctor/storage',
    'doctor/rollout',
    'doctor/schedule',
    'warm.',
    // Shorter, and else among the last.
    'no-secret-leaks',
    'paced-restore',
    'e2e/guide.',
    'output-data',
    'restore-json',
    'runbook',
    'e2e/undo.',
    'e2e/rollback.',
    'kinds-of-release',
    'large-records',
    'other-cluster',
    'nothing-to-do',
    'pvc-contract',
    'schedule-drill',
    'schedule-install',
    'rollback-cut-off',
    'without-restart',
    'terminal',
    'permissions-of-kinds',
  ],
};
/** Looks at the whole machine, where other tests mount and start things: last, when it is alone. */
const ALONE = ['test/cluster/leaves-nothing.test.ts'];

/** Of emulated systems, which are slow: one at a time, and only when asked for. */
const ELSEWHERE = { folders: ['test/elsewhere'], concurrency: 1, timeoutMs: 1_800_000 };

export interface EndToEnd {
  results: TestResult[];
  /** Why the tests that need a cluster did not run; each of their files is a result that was skipped. */
  obstacle?: string;
}

/** Tests of what is shipped: of the built package, while the cluster starts, of the stores, then of the tool on it. */
export async function endToEndTests(only: string[]): Promise<EndToEnd> {
  const onCluster = testFiles(ON_CLUSTER.folders, only);
  const needsCluster = onCluster.length > 0;
  const obstacle = process.env.E2E_KUBECONFIG || !needsCluster ? undefined : clusterObstacle();
  const hasCluster = needsCluster && obstacle === undefined;
  const cluster = hasCluster ? ensureCluster((line) => console.log(`cluster: ${line}`)) : undefined;
  // Awaited below, whatever the package's tests come to.
  cluster?.catch(() => {});
  const results = await runTests({ ...PACKAGE, only, withSlow: true });
  await cluster;
  const folders = hasCluster ? [...CONTRACT, ...ON_CLUSTER.folders] : CONTRACT;
  const onIt = { ...ON_CLUSTER, folders, only, not: ALONE, withSlow: true };
  results.push(...(await withFilesInMemory(() => runTests(onIt))));
  const alone = ALONE.filter((file) => onCluster.includes(file));
  if (hasCluster && alone.length > 0)
    results.push(...(await runTests({ ...ON_CLUSTER, only: alone, withSlow: true })));
  if (!hasCluster) results.push(...onCluster.map(skippedFile));
  return obstacle === undefined ? { results } : { results, obstacle };
}

/** Tests of what is built for other systems, as far as they can be had on this machine, with the cluster. */
export async function elsewhereTests(only: string[]): Promise<EndToEnd> {
  const obstacle = clusterObstacle();
  if (obstacle !== undefined)
    return { results: testFiles(ELSEWHERE.folders, only).map(skippedFile), obstacle };
  return { results: await runTests({ ...ELSEWHERE, only, withSlow: true }) };
}

function skippedFile(file: string): TestResult {
  return { file, name: file, outcome: 'skipped', ms: 0 };
}
