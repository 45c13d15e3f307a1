import { isHelmRecord } from '../helm/helm-release.ts';
import { stringAt } from '../json/json.ts';
import { groupOf, isApiVersion, type KubeObject, type ObjectRef, refOf } from '../kubernetes/object.ts';

/**
 * What a restore or an undo may ever write into a namespace. A backup and a journal lie where others can write:
 * neither is asked. An object that is not refused here is written only where the release's own Helm manifest, or
 * for plain YAML its tie to the workload, says that it belongs to the release (release-objects.ts).
 *
 * Of Kubernetes' own kinds those may be written that a release of memcached consists of; this list is closed,
 * because the list of these kinds is. Kinds of custom resources are without number, and charts bring theirs
 * (ServiceMonitor, ExternalSecret, Certificate, ScaledObject, CiliumNetworkPolicy, HTTPRoute): any may be written,
 * but those that run pods by themselves, that a controller makes for another object, or whose controller applies
 * whatever they say with rights of its own, which is as good as cluster-admin.
 */

/** Kubernetes' own namespaced kinds that a release may consist of, by API group. */
const OWN_KINDS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    '',
    [
      'ConfigMap',
      'LimitRange',
      'PersistentVolumeClaim',
      'ResourceQuota',
      'Secret',
      'Service',
      'ServiceAccount',
    ],
  ],
  ['apps', ['DaemonSet', 'Deployment', 'StatefulSet']],
  ['autoscaling', ['HorizontalPodAutoscaler']],
  ['batch', ['CronJob']],
  ['networking.k8s.io', ['Ingress', 'NetworkPolicy']],
  ['policy', ['PodDisruptionBudget']],
  ['rbac.authorization.k8s.io', ['Role', 'RoleBinding']],
]);

/** Groups of Kubernetes itself beside those (Kubernetes API reference), with dots: the others have none. */
const OWN_GROUPS = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'custom.metrics.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'external.metrics.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'metrics.k8s.io',
  'node.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
  'storagemigration.k8s.io',
]);

/** Kinds that run once or belong to a controller, in whatever group (batch.volcano.sh has Jobs, too). */
const NEVER_KINDS = new Set([
  'CiliumEndpoint',
  'ControllerRevision',
  'Endpoints',
  'EndpointSlice',
  'Event',
  'Job',
  'Lease',
  'Pod',
  'PodTemplate',
  'ReplicaSet',
  'ReplicationController',
]);

/**
 * Controllers that apply whatever their objects say, or run it, with rights of their own: "*" is every kind of the
 * group, and a group that begins with a dot means all that end with it.
 */
const APPLIERS: readonly [group: string, kinds: '*' | readonly string[]][] = [
  [
    'argoproj.io',
    ['Application', 'ApplicationSet', 'AppProject', 'CronWorkflow', 'Workflow', 'WorkflowTemplate'],
  ],
  ['.cattle.io', '*'],
  ['.cluster.x-k8s.io', '*'],
  ['cluster.x-k8s.io', '*'],
  ['.crossplane.io', '*'],
  ['.fluxcd.io', '*'],
  ['jobset.x-k8s.io', '*'],
  ['kubevirt.io', '*'],
  ['operators.coreos.com', '*'],
  ['tekton.dev', '*'],
  ['velero.io', '*'],
];

/**
 * Why an object must never be written into `namespace`, by a restore, an undo, or from a journal's pre-image;
 * undefined where it may be. Judges the object alone: whether it belongs to the release is not asked.
 */
export function whyNeverWritten(object: KubeObject, namespace: string): string | undefined {
  return whyNeverThere(refOf(object), namespace) ?? whyNeverThis(object);
}

/** The same for what is known of an object by its name alone: its deletion. */
export function whyNeverThere(ref: ObjectRef, namespace: string): string | undefined {
  if (ref.namespace === undefined) return 'cluster-wide';
  if (ref.namespace !== namespace) return `in namespace ${ref.namespace}`;
  if (!isIdentity(ref)) return 'its name or kind is none that the cluster gives';
  return whyNeverKind(ref);
}

/** Why no object of this kind is ever written; undefined for kinds that a release may consist of. */
export function whyNeverKind({
  apiVersion,
  kind,
}: Pick<ObjectRef, 'apiVersion' | 'kind'>): string | undefined {
  const group = groupOf(apiVersion);
  if (kind === 'Pod') return 'a restore makes no Pods';
  if (kind === 'Job') return 'a restore runs no Jobs';
  const isOwn = !group.includes('.') || OWN_GROUPS.has(group) || OWN_KINDS.has(group);
  const isNever = isOwn ? OWN_KINDS.get(group)?.includes(kind) !== true : isApplied(group, kind);
  return isNever || NEVER_KINDS.has(kind) ? `a restore writes no ${kind}` : undefined;
}

function isApplied(group: string, kind: string): boolean {
  return APPLIERS.some(
    ([of, kinds]) =>
      (of.startsWith('.') ? group.endsWith(of) : group === of) && (kinds === '*' || kinds.includes(kind)),
  );
}

function whyNeverThis(object: KubeObject): string | undefined {
  const { apiVersion, kind, name } = refOf(object);
  const type = stringAt(object, 'type');
  if (groupOf(apiVersion) !== '' || (kind !== 'Secret' && kind !== 'ConfigMap')) return madeByCluster(object);
  // The records of this release are written by themselves; those of another are not ours.
  const isRecord =
    isHelmRecord(object) || type === 'helm.sh/release.v1' || name.startsWith('sh.helm.release.v1.');
  if (isRecord) return "a record of Helm's";
  return type === 'bootstrap.kubernetes.io/token' ? 'a bootstrap token' : madeByCluster(object);
}

/** What every namespace holds, and credentials that the cluster gives out; undefined for what people make. */
export function madeByCluster(object: KubeObject): string | undefined {
  const { apiVersion, kind, name } = refOf(object);
  if (groupOf(apiVersion) !== '') return undefined;
  if (kind === 'Secret' && stringAt(object, 'type') === 'kubernetes.io/service-account-token') {
    return 'a ServiceAccount token';
  }
  if (kind === 'ConfigMap' && name === 'kube-root-ca.crt') return 'made by the cluster';
  if (kind === 'ServiceAccount' && name === 'default') return 'made by the cluster';
  return undefined;
}

/**
 * Whether a reference can be of an object at all: its parts become parts of a URL (Kubernetes, "Object Names and
 * IDs", "Path Segment Names").
 */
function isIdentity({ apiVersion, kind, name }: ObjectRef): boolean {
  return (
    isApiVersion(apiVersion) &&
    /^[A-Za-z][A-Za-z0-9]*$/.test(kind) &&
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    !/[/%\u0000-\u001f\u007f-\u009f]/.test(name)
  );
}
