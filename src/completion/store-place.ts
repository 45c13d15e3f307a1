import { storeKind } from '../store/store-kind.ts';

/** Which store. */
export interface StorePlace {
  /** As --store names it. */
  location: string;
  /** Where a store of the same name is another one on another server. */
  server?: string | undefined;
}

/** The servers in use that a store may be on without its location naming them. */
export interface ServersInUse {
  /** S3's endpoint, where it is not Amazon's. */
  s3?: string | undefined;
  /** The address of the API server, which is asked for a claim's alone. */
  kubernetes(): Promise<string>;
}

/**
 * Under what the listing of a store is kept. `s3://bucket/` is `s3://bucket`.
 * @param location that the store calls itself by. @throws what `kubernetes` throws.
 */
export async function placeOf(location: string, servers: ServersInUse): Promise<StorePlace> {
  const place = { location: location.replace(/\/+$/, '') };
  const kind = storeKind(location);
  if (kind === 's3') return { ...place, server: servers.s3 };
  return kind === 'pvc' ? { ...place, server: await servers.kubernetes() } : place;
}
