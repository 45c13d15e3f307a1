import type { KubeClient } from '../kube/client.ts';
import { releaseNames } from '../kube/helm-history.ts';
import { Inventory } from '../kube/inventory.ts';
import { readKinds } from '../kube/read-release.ts';
import type { BackupDocument } from '../model/backup.ts';
import { displayName, refOf, uidOf } from '../model/object.ts';
import { recordedOnly } from '../model/release-objects.ts';

/** The manager that the tool writes as what is its own: a namespace, a Lease. */
export const OWN_MANAGER = 'memcached-backup';

/** Set by the API server itself on every namespace. */
export const SERVER_LABEL = 'kubernetes.io/metadata.name';

/** Creates a namespace with the labels and annotations that the backup's had. @returns its uid. */
export async function createNamespace(
  kube: KubeClient,
  namespace: BackupDocument['namespace'],
): Promise<string> {
  const { [SERVER_LABEL]: _server, ...labels } = namespace.labels;
  const created = await kube.create(
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace.name, labels, annotations: { ...namespace.annotations } },
    },
    { fieldManager: OWN_MANAGER },
  );
  return uidOf(created)!;
}

/** What every namespace holds, and what goes by itself with what is being removed. */
const PASSING = new Set(['Pod', 'ReplicaSet', 'Endpoints', 'EndpointSlice', 'Event']);

/**
 * Deletes a namespace that a restore had created, unless it holds something else by now.
 * @returns what it holds, where it stays; empty where it was deleted or is gone.
 */
export async function removeNamespace(
  kube: KubeClient,
  name: string,
  uid: string,
  release: string,
): Promise<string[]> {
  const ref = { apiVersion: 'v1', kind: 'Namespace', name };
  const namespace = await kube.get(ref);
  if (namespace === undefined || uidOf(namespace) !== uid) return [];
  const inventory = new Inventory(kube, name);
  await readKinds(inventory);
  const others = inventory
    .outlines(name)
    .filter((object) => !PASSING.has(String(object.kind)) && recordedOnly(object, name) === undefined)
    .map((object) => displayName(refOf(object)));
  const releases = await releaseNames(kube, name);
  others.push(...releases.filter((other) => other !== release).map((other) => `Helm release ${other}`));
  if (inventory.unlisted.length > 0) others.push('something that may not be read');
  if (others.length > 0) return others;
  await kube.delete(ref, { uid });
  return [];
}
