import { createHash } from 'node:crypto';
import { type JsonObject, stringAt } from '../../../src/model/json/json.ts';
import { type KubeObject, nameOf } from '../../../src/model/kubernetes/object.ts';
import type { Kubectl } from './kubectl.ts';

/** "kind/name uid" → resourceVersion of every object there is; of a pod a digest of all but its status. Two equal ones: nothing was written. */
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
      const version = stringAt(object, 'kind') === 'Pod' ? withoutStatus(object) : meta('resourceVersion');
      return [`${stringAt(object, 'kind')}/${meta('name')} ${meta('uid')}`, version];
    }),
  );
}

/** The kubelet writes the status of a pod whenever it likes, from Kubernetes 1.37 on also of one that goes on as it was. */
function withoutStatus({ metadata, spec }: KubeObject): string {
  const { resourceVersion: _version, managedFields: _fields, ...meta } = metadata as JsonObject;
  return createHash('sha256')
    .update(JSON.stringify([meta, spec]))
    .digest('hex');
}
