import type { RestoreSource } from '../backup/source.ts';
import { checksOf } from '../doctor/checks.ts';
import type { KubeClient, ResourceType } from '../kube/client.ts';
import { builtInType } from '../kube/resource-types.ts';
import { isMemcachedWorkload } from '../model/kubernetes/workload.ts';
import type { BackupKinds } from '../model/permissions/command-permissions.ts';
import type { ObjectEntry } from '../model/records/backup-format.ts';
import { isAbroad } from '../model/release/object-abroad.ts';
import { RELEASE_KINDS } from '../model/release/release-kinds.ts';

/** How the kinds that every release is read for are served: built-in ones, known without a cluster. */
export const releaseKinds = (): ResourceType[] =>
  RELEASE_KINDS.flatMap(([apiVersion, kind]) => builtInType(apiVersion, kind) ?? []);

/** What doctor lists beyond those. */
export const doctorKinds = (): ResourceType[] => {
  const known = new Set(releaseKinds().map(({ kind }) => kind));
  const kinds = checksOf([]).flatMap((check) => check.kinds);
  const types = kinds.flatMap(([apiVersion, kind]) => builtInType(apiVersion, kind) ?? []);
  return types.filter(({ kind }) => !known.has(kind));
};

/**
 * What a backup holds, as far as permissions depend on it.
 * @param kube asked for kinds that are not built in.
 * @returns also the kinds that the cluster does not serve.
 */
export async function backupKinds(
  { document, objects }: RestoreSource,
  kube: () => Promise<KubeClient>,
): Promise<{ kinds: BackupKinds; unserved: string[] }> {
  const types = new Map<string, ResourceType>();
  const unserved = new Set<string>();
  for (const { apiVersion, kind } of document.objects) {
    const key = `${apiVersion} ${kind}`;
    if (types.has(key) || unserved.has(key)) continue;
    const type = builtInType(apiVersion, kind) ?? (await (await kube()).resourceType(apiVersion, kind));
    if (type === undefined) unserved.add(key);
    else types.set(key, type);
  }
  const typeOf = ({ apiVersion, kind }: ObjectEntry): ResourceType | undefined =>
    types.get(`${apiVersion} ${kind}`);
  const typesOf = (test: (entry: ObjectEntry) => boolean): ResourceType[] => [
    ...new Set(document.objects.filter(test).flatMap((entry) => typeOf(entry) ?? [])),
  ];
  const { helm, namespace } = document;
  // The namespace itself is read by its name.
  const isElsewhere = (entry: ObjectEntry): boolean =>
    entry.from !== 'namespace' && isAbroad(entry, namespace.name);
  const kinds: BackupKinds = {
    all: typesOf((entry) => entry.namespace === namespace.name),
    created: typesOf(({ role }) => role !== 'recorded'),
    replaced: typesOf(({ role, kind }) => role === 'owned' && kind !== 'PersistentVolumeClaim'),
    deleted: typesOf(({ role, kind }) => role !== 'recorded' && kind !== 'PersistentVolumeClaim'),
    helmRecords:
      helm === undefined ? undefined : builtInType('v1', helm.driver === 'secret' ? 'Secret' : 'ConfigMap'),
    workloads: objects.some(({ raw }) => isMemcachedWorkload(raw)),
    statefulSets: objects.some(({ raw }) => raw.kind === 'StatefulSet' && isMemcachedWorkload(raw)),
    elsewhere: document.objects.filter(isElsewhere).flatMap((entry) => {
      const kind = typeOf(entry);
      return kind === undefined ? [] : [{ kind, namespace: entry.namespace, name: entry.name }];
    }),
  };
  return { kinds, unserved: [...unserved] };
}
