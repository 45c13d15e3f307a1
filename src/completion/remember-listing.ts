import type { BackupAddress, ListedBackup, ListOptions, Store } from '../store/store.ts';
import { storeKind } from '../store/store-kind.ts';
import { placeOf } from './names-of-store.ts';

/**
 * Has what a store far away lists be kept for completion, which asks no such store. A folder is looked at afresh instead. The store
 * itself is as it was.
 * @param env says where the user's state folder is.
 * @param endpoint of S3's server, where it is not Amazon's.
 */
export function rememberListing<S extends Store>(store: S, env: NodeJS.ProcessEnv, endpoint?: string): S {
  if (!['s3', 'git', 'pvc'].includes(storeKind(store.location))) return store;
  const place = placeOf(store.location, endpoint);
  const list = store.list.bind(store);
  store.list = async (filter: Partial<BackupAddress>, options?: ListOptions): Promise<ListedBackup[]> => {
    const listed = await list(filter, options);
    const addresses = listed.map(({ address }) => address);
    const { ListingCache } = await import('./listing-cache.ts');
    await new ListingCache(env).write(place, addresses, filter);
    return listed;
  };
  return store;
}
