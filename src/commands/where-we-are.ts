import { ToolError } from '../errors/tool-error.ts';
import { readClusterIdentity } from '../kube/cluster-identity.ts';
import { clusterName } from '../model/cluster-name.ts';
import type { WhereWeAre } from '../store/locate-backup.ts';
import type { CommandContext } from './context.ts';
import { knownClusters } from './known-clusters.ts';

/**
 * The namespace and the cluster in use, for commands that also work without a cluster: what can't be told is
 * undefined.
 */
export function whereWeAre(context: CommandContext): WhereWeAre {
  return {
    namespace: () => orUndefined(async () => (await context.kube()).namespace),
    clusterName: () =>
      orUndefined(async () => {
        const identity = await readClusterIdentity(await context.kube());
        return clusterName(
          identity,
          identity.uid === undefined ? await knownClusters(await context.store()) : [],
        );
      }),
  };
}

async function orUndefined<T>(step: () => Promise<T>): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return undefined;
  }
}
