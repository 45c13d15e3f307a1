import { storeFlags } from '../advice.ts';
import type { Store } from '../store.ts';
import { MountedClaim } from './mounted-claim.ts';
import { ownMount } from './own-mount.ts';
import { ClaimDoor } from './pod/claim-door.ts';
import type { PvcAccess } from './pvc-access.ts';
import { parsePvcLocation, pvcLocation } from './pvc-location.ts';
import { PvcStore } from './pvc-store.ts';

export interface OpenPvcOptions {
  access: PvcAccess;
  env: NodeJS.ProcessEnv;
  /** Breaks off what is asked of it. */
  signal?: AbortSignal;
  /** MEMCACHED_BACKUP_STORE */
  inEnvironment?: string;
}

/**
 * Opens a store on a claim of the cluster in use. In a pod that mounts the claim it is that folder; else a pod is made for it
 * as soon as something is asked. Its location names the namespace, so that it leads to the same claim from another one.
 * @throws UsageError where the location is none, or no cluster is configured.
 */
export async function openPvcStore(
  location: string,
  { access, env, signal, inEnvironment }: OpenPvcOptions,
): Promise<Store> {
  const place = parsePvcLocation(location);
  const kube = await access.kube();
  const namespace = place.namespace ?? kube.namespace;
  const whole = pvcLocation(namespace, place);
  const flags = [...storeFlags(whole, inEnvironment), ...access.imageFlags];
  const folder = await ownMount({ place: { ...place, namespace }, kube, env, location: whole });
  if (folder !== undefined) return new MountedClaim(folder, flags);
  const claim = { location: whole, flags, namespace, claim: place.claim };
  return new PvcStore(claim, new ClaimDoor({ claim, folder: place.folder, access, signal }));
}
