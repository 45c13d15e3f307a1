import type { KubeClient } from '../kube/client.ts';
import { type ClusterIdentity, readClusterIdentity } from '../kube/cluster-identity.ts';
import { type ClusterInUse, clusterName, type KnownCluster } from '../store/cluster-name.ts';
import type { Store } from '../store/store.ts';

/**
 * The cluster in use, as the store knows it.
 * @param named --cluster-name.
 * @throws ToolError where nothing tells the cluster from another.
 */
export async function clusterInUse(
  kube: KubeClient,
  store: () => Promise<Store>,
  named?: string,
): Promise<ClusterInUse> {
  if (named !== undefined) return { name: named };
  return clusterOf(await readClusterIdentity(kube), store);
}

/** The same where the identity has been read. */
export async function clusterOf(
  identity: ClusterIdentity,
  store: () => Promise<Store>,
): Promise<ClusterInUse> {
  const known = identity.uid === undefined ? await knownClusters(await store()) : [];
  return { name: clusterName(identity, known), identity };
}

/** The clusters that a store holds backups of; none where the store does not exist yet. */
async function knownClusters(store: Store): Promise<KnownCluster[]> {
  const listed = await store.list({}).catch(() => []);
  return listed.map(({ address, summary }) => {
    const caDigest = summary?.cluster.caDigest;
    return { name: address.cluster, ...(caDigest === undefined ? {} : { caDigest }) };
  });
}
