import { stringAt } from '../../../src/model/json/json.ts';
import { type KubeObject, nameOf } from '../../../src/model/kubernetes/object.ts';
import { isPodReady } from '../../../src/model/kubernetes/workload.ts';
import type { Kubectl } from './kubectl.ts';

/** "kind/name uid" → resourceVersion of every object there is. Two equal ones: nothing was written. */
export type ResourceVersions = Record<string, string>;

/** What moves by itself: controllers write these whenever a pod changes its readiness. */
const MOVES_BY_ITSELF = ['events', 'events.events.k8s.io', 'endpoints', 'endpointslices.discovery.k8s.io'];
/** Cluster-wide kinds that only an administrator (or a tool that shouldn't) writes. */
const CLUSTER_WIDE = 'clusterroles,clusterrolebindings,customresourcedefinitions,storageclasses';

/** Every object in `namespace` and the namespace itself, Leases included, and the quiet cluster-wide kinds. */
export async function resourceVersions({ objects }: Kubectl, namespace: string): Promise<ResourceVersions> {
  // Tests that run beside this one make kinds of their own, named after their namespaces, and apply the
  // cluster-wide part of what `permissions` prints.
  const isAnothers = (name: string) =>
    name.startsWith('memcached-backup-') || (name.includes('e2e-') && !name.includes(namespace));
  const isWanted = (kind: string) =>
    kind !== 'pods' &&
    !MOVES_BY_ITSELF.includes(kind) &&
    !kind.endsWith('.metrics.k8s.io') &&
    !isAnothers(kind);
  const [others, pods, clusterWide, itself] = await Promise.all([
    objects.listEverything(isWanted),
    objects.list('pods'),
    objects.list(CLUSTER_WIDE),
    objects.get(`namespace/${namespace}`),
  ]);
  const ownClusterWide = clusterWide.filter((object) => !isAnothers(nameOf(object)));
  // A pod that an upgrade before the test replaced goes when it likes; one that is deleted now is missed after.
  const staying = pods.filter((pod) => stringAt(pod, 'metadata', 'deletionTimestamp') === undefined);
  return Object.fromEntries(
    [...others, ...staying, ...ownClusterWide, itself].map((object) => {
      const meta = (key: string) => stringAt(object, 'metadata', key) ?? '';
      // The kubelet writes the status of a pod that crashes or pulls whenever it tries again; its uid stays.
      const version = isUnready(object) ? 'not ready' : meta('resourceVersion');
      return [`${stringAt(object, 'kind')}/${meta('name')} ${meta('uid')}`, version];
    }),
  );
}

function isUnready(object: KubeObject): boolean {
  return stringAt(object, 'kind') === 'Pod' && !isPodReady(object);
}
