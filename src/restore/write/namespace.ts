import type { KubeClient } from '../../kube/client.ts';
import { uidOf } from '../../model/kubernetes/object.ts';
import type { BackupDocument } from '../../model/records/backup-format.ts';
import { othersIn } from './namespace-contents.ts';

/** The manager that the tool writes as what is its own: a namespace, a Lease. */
export const OWN_MANAGER = 'memcached-backup';

/** Set by the API server itself on every namespace. */
export const SERVER_LABEL = 'kubernetes.io/metadata.name';

/**
 * Creates a namespace with the labels and annotations that the backup's had.
 * @param manager the field manager that tells whose it is. @returns its uid.
 */
export async function createNamespace(
  kube: KubeClient,
  namespace: BackupDocument['namespace'],
  manager: string,
): Promise<string> {
  const { [SERVER_LABEL]: _server, ...labels } = namespace.labels;
  const created = await kube.create(
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace.name, labels, annotations: { ...namespace.annotations } },
    },
    { fieldManager: manager },
  );
  return uidOf(created)!;
}

/** So many things that keep a namespace are named. */
const MAX_NAMED = 8;

/**
 * Deletes a namespace that a restore had created, unless it holds something else by now, or may: what one may
 * not list is nobody's to delete.
 * @returns why it stays, or what became of it.
 */
export async function removeNamespace(
  kube: KubeClient,
  name: string,
  uid: string,
  release: string,
): Promise<{ stays: string } | 'deleted' | 'gone'> {
  const ref = { apiVersion: 'v1', kind: 'Namespace', name };
  const namespace = await kube.get(ref);
  if (namespace === undefined || uidOf(namespace) !== uid) return 'gone';
  const { names, unseen } = await othersIn(kube, name, release);
  if (names.length > 0) return { stays: `it holds ${enumerate(names)}` };
  if (unseen.length > 0) {
    return { stays: `it may hold what could not be listed: ${enumerate(unseen)}` };
  }
  await kube.delete(ref, { uid });
  return 'deleted';
}

function enumerate(names: string[]): string {
  const more = names.length - MAX_NAMED;
  return names.slice(0, MAX_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
