import type { KubeClient, ListQuery, ResourceType } from '../kube/client.ts';
import { outlineOf } from '../kube/outline.ts';
import { builtInType, CRON_JOBS, JOBS, PODS } from '../kube/resource-types.ts';
import { nameOf } from '../model/kubernetes/object.ts';
import { WORKLOAD_KINDS } from '../model/kubernetes/workload.ts';
import { discoverReleases, type ReleaseName } from '../model/release/discover.ts';
import { SCHEDULE_SELECTOR } from '../model/schedule/scheduled-store.ts';

/** What names of the cluster are asked for, beside those of releases. */
export const NAMED = {
  namespaces: { type: builtIn('v1', 'Namespace') },
  pods: { type: PODS },
  secrets: { type: builtIn('v1', 'Secret') },
  configMaps: { type: builtIn('v1', 'ConfigMap') },
  serviceAccounts: { type: builtIn('v1', 'ServiceAccount') },
  storageClasses: { type: builtIn('storage.k8s.io/v1', 'StorageClass') },
  cronJobs: { type: CRON_JOBS },
  schedules: { type: CRON_JOBS, labelSelector: SCHEDULE_SELECTOR },
  runs: { type: JOBS, labelSelector: SCHEDULE_SELECTOR },
} as const satisfies Record<string, { type: ResourceType; labelSelector?: string }>;

export type Named = keyof typeof NAMED;

/**
 * The names of objects, of which nothing but the metadata is asked for.
 * @throws as KubeClient.list
 */
export async function liveNames(kube: KubeClient, what: Named, namespace: string): Promise<string[]> {
  const { type, ...selected } = { labelSelector: undefined, ...NAMED[what] };
  const query: ListQuery = {
    metadataOnly: true,
    ...(type.namespaced ? { namespace } : {}),
    ...(selected.labelSelector === undefined ? {} : { labelSelector: selected.labelSelector }),
  };
  return kube.listAs(type, query, nameOf);
}

/**
 * The memcached releases of a namespace, or of all, by what their workloads say of themselves: Helm's records are not asked for, so
 * that a copy of another release's object may count for it. A kind that may not be listed is passed over.
 */
export async function liveReleases(kube: KubeClient, namespace: string | undefined): Promise<ReleaseName[]> {
  const lists = await Promise.all(
    WORKLOAD_KINDS.map(([apiVersion, kind]) =>
      kube
        .listAs(builtIn(apiVersion, kind), namespace === undefined ? {} : { namespace }, outlineOf)
        .catch(() => []),
    ),
  );
  return discoverReleases(lists.flat(), () => undefined).releases.map(({ namespace, release }) => ({
    namespace,
    release,
  }));
}

function builtIn(apiVersion: string, kind: string): ResourceType {
  return builtInType(apiVersion, kind)!;
}
