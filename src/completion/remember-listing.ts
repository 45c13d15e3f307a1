import type { BackupAddress, ListedBackup, ListOptions, Store } from '../store/store.ts';
import { storeKind } from '../store/store-kind.ts';
import type { ListingCache } from './listing-cache.ts';
import { withoutSlash } from './names-of-store.ts';

/**
 * Has what a store far away lists be kept for completion, which asks no such store. A folder is looked at afresh instead. The store
 * itself is as it was.
 */
export function rememberListing<S extends Store>(store: S, cache: ListingCache): S {
  if (!['s3', 'git', 'pvc'].includes(storeKind(store.location))) return store;
  const list = store.list.bind(store);
  store.list = async (filter: Partial<BackupAddress>, options?: ListOptions): Promise<ListedBackup[]> => {
    const listed = await list(filter, options);
    const addresses = listed.map(({ address }) => address);
    await cache.write(withoutSlash(store.location), addresses, filter);
    return listed;
  };
  return store;
}
