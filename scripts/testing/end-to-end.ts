import { availableParallelism } from 'node:os';
import { clusterObstacle, ensureCluster } from '../../test/cluster/cluster.ts';
import { add, type Counts, runTests, testFiles } from './run-tests.ts';

const PACKAGE = { folders: ['test/package'], concurrency: 1, timeoutMs: 300_000 };
const ON_CLUSTER = { folders: ['test/e2e'], concurrency: availableParallelism(), timeoutMs: 1_200_000 };
/** These start and stop clusters of their own: last, and one at a time. */
const OF_CLUSTER = { folders: ['test/cluster'], concurrency: 1, timeoutMs: 900_000 };

export interface EndToEnd extends Counts {
  /** Why the tests that need a cluster did not run. */
  obstacle?: string;
}

/** Tests of what is shipped: of the built package, then of the tool on a real cluster. */
export async function endToEndTests(only: string[]): Promise<EndToEnd> {
  let counts = await runTests({ ...PACKAGE, only, withSlow: true });
  const needsCluster = testFiles([...ON_CLUSTER.folders, ...OF_CLUSTER.folders], only).length > 0;
  if (!needsCluster) return counts;
  const obstacle = process.env.E2E_KUBECONFIG ? undefined : clusterObstacle();
  if (obstacle !== undefined) return { ...counts, obstacle };

  await ensureCluster((line) => console.log(`cluster: ${line}`));
  for (const tests of [ON_CLUSTER, OF_CLUSTER])
    counts = add(counts, await runTests({ ...tests, only, withSlow: true }));
  return counts;
}
