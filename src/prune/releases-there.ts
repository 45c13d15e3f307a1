import { mapLimited } from '../errors/map-limited.ts';
import type { KubeClient } from '../kube/client.ts';
import { Inventory } from '../kube/inventory.ts';
import { isMemcachedWorkload, WORKLOAD_KINDS } from '../model/kubernetes/workload.ts';
import { ownMarkOf, plainNameOf, type ReleaseName } from '../model/release/discover.ts';

/** Namespaces that are read at once. */
const AT_ONCE = 4;

/** What a cluster has. A release is gone only where its namespace was read and it was not seen. */
export interface ReleasesThere {
  isThere(release: ReleaseName): boolean;
  /** Why a namespace could not be read; undefined where it was. */
  whyUnread(namespace: string): string | undefined;
}

/**
 * Which releases have a memcached workload in the cluster, as far as workloads may be listed: everywhere, else namespace by
 * namespace. Reads nothing else: no Secret, and so no record of Helm's.
 * @param namespaces that matter.
 * @throws UnreachableError, ApiError other than a missing permission.
 */
export async function releasesThere(kube: KubeClient, namespaces: readonly string[]): Promise<ReleasesThere> {
  const everywhere = namespaces.length > 1 ? await workloadsIn(kube, undefined) : undefined;
  const isWhole = everywhere !== undefined && everywhere.denied === undefined;
  const seen = new Set<string>(everywhere?.seen);
  const unread = new Map<string, string>();
  if (!isWhole) {
    await mapLimited(namespaces, AT_ONCE, async (namespace) => {
      const inOne = await workloadsIn(kube, namespace);
      for (const place of inOne.seen) seen.add(place);
      if (inOne.denied !== undefined) unread.set(namespace, inOne.denied);
    });
  }
  return {
    isThere: (release) => seen.has(placeOf(release)),
    whyUnread: (namespace) => unread.get(namespace),
  };
}

async function workloadsIn(
  kube: KubeClient,
  namespace: string | undefined,
): Promise<{ seen: string[]; denied: string | undefined }> {
  const inventory = new Inventory(kube, namespace);
  await Promise.all(WORKLOAD_KINDS.map(([apiVersion, kind]) => inventory.read(apiVersion, kind)));
  const workloads = inventory.outlines().filter(isMemcachedWorkload);
  const [denied] = inventory.unlisted;
  return {
    seen: workloads.map((workload) => placeOf(ownMarkOf(workload) ?? plainNameOf(workload))),
    denied: denied?.message,
  };
}

function placeOf({ namespace, release }: ReleaseName): string {
  return `${namespace}/${release}`;
}
