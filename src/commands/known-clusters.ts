import type { KnownCluster } from '../model/cluster-name.ts';
import type { Store } from '../store/store.ts';

/** The clusters that a store holds backups of; none where the store does not exist yet. */
export async function knownClusters(store: Store): Promise<KnownCluster[]> {
  const listed = await store.list({}).catch(() => []);
  return listed.map(({ address, document }) => {
    const caDigest = document?.cluster.caDigest;
    return { name: address.cluster, ...(caDigest === undefined ? {} : { caDigest }) };
  });
}
