import { resolve } from 'node:path';
import { assertHoldsNoCredentials } from '../store/location-secrets.ts';
import { parsePvcLocation, pvcLocation } from '../store/pvc/pvc-location.ts';
import { storeKind } from '../store/store-kind.ts';
import { NamesInFolder } from './names-in-folder.ts';
import { placeOf, type ServersInUse } from './store-place.ts';
import { NO_NAMES, type StoredNames } from './stored-names.ts';

/**
 * What a store is known to hold without asking it: a folder by its names, one far away by what a command found there lately.
 * @param location as --store names it.
 * @param namespace in use, which a claim may be of.
 * @param env says where the user's state folder is.
 * @throws UsageError where the location is none.
 */
export async function namesOfStore(
  location: string,
  namespace: string,
  servers: ServersInUse,
  env: NodeJS.ProcessEnv,
): Promise<StoredNames> {
  assertHoldsNoCredentials(location);
  const kind = storeKind(location);
  if (kind === 'folder') return new NamesInFolder(resolve(location));
  if (kind === 'archive') return NO_NAMES;
  // What hashes its files' names takes milliseconds to load.
  const { ListingCache, namesIn } = await import('./listing-cache.ts');
  const place = await placeOf(listedAs(location, namespace), servers);
  const listing = await new ListingCache(env).read(place);
  return listing === undefined ? NO_NAMES : namesIn(listing);
}

/** The location that the store calls itself by. */
function listedAs(location: string, namespace: string): string {
  if (storeKind(location) !== 'pvc') return location;
  const place = parsePvcLocation(location);
  return pvcLocation(place.namespace ?? namespace, place);
}
