import { ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { type ClusterIdentity, readClusterIdentity } from '../kube/cluster-identity.ts';
import type { ReleaseHoldings } from '../retention/holdings.ts';
import { clusterOf } from '../session/cluster-in-use.ts';
import type { CommandContext } from '../session/context.ts';
import { type ClusterInUse, isOtherCluster } from '../store/cluster-name.ts';
import { ownBackups } from '../store/find/own-backups.ts';

/** The cluster in use, as far as it could be asked. */
export type ClusterScope =
  | { kube: KubeClient; identity: ClusterIdentity; cluster: ClusterInUse }
  | {
      /** Why it could not. */
      unknown: string;
      /** Where --cluster-name says it. */
      cluster: ClusterInUse | undefined;
    };

/** @param named --cluster-name. */
export async function clusterScope(
  named: string | undefined,
  context: CommandContext,
): Promise<ClusterScope> {
  const given = named === undefined ? undefined : { name: named };
  try {
    const kube = await context.kube();
    const identity = await readClusterIdentity(kube);
    return { kube, identity, cluster: given ?? (await clusterOf(identity, context.store)) };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { unknown: error.message, cluster: given };
  }
}

/** The releases in this cluster's folders; those of every folder where it can't be told. */
export function ownReleases(
  holdings: readonly ReleaseHoldings[],
  cluster: ClusterInUse | undefined,
): ReleaseHoldings[] {
  if (cluster === undefined) return [...holdings];
  const backups = holdings.flatMap((each) => each.holdings.map(({ backup }) => backup));
  const own = new Set(ownBackups(backups, cluster).map(({ address }) => address.cluster));
  return holdings.filter(({ address }) => own.has(address.cluster));
}

/** Whether any backup of a release is certainly of another cluster: what this one has says nothing of it then. */
export function isOfAnother({ holdings }: ReleaseHoldings, identity: ClusterIdentity): boolean {
  return holdings.some(
    ({ backup: { summary } }) => summary !== undefined && isOtherCluster(summary.cluster, identity),
  );
}
