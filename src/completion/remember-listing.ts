import type { BackupAddress, ListedBackup, ListOptions, Store } from '../store/store.ts';
import { storeKind } from '../store/store-kind.ts';
import { placeOf, type ServersInUse } from './store-place.ts';

/**
 * Has what a store far away lists be kept for completion, which asks no such store. A folder is looked at afresh instead. The store
 * itself is as it was.
 * @param env says where the user's state folder is.
 */
export function rememberListing<S extends Store>(store: S, env: NodeJS.ProcessEnv, servers: ServersInUse): S {
  if (!['s3', 'git', 'pvc'].includes(storeKind(store.location))) return store;
  const list = store.list.bind(store);
  store.list = async (filter: Partial<BackupAddress>, options?: ListOptions): Promise<ListedBackup[]> => {
    const listed = await list(filter, options);
    const addresses = listed.map(({ address }) => address);
    const { ListingCache } = await import('./listing-cache.ts');
    await new ListingCache(env).write(await placeOf(store.location, servers), addresses, filter);
    return listed;
  };
  return store;
}
