import { ToolError } from '../errors/tool-error.ts';
import type { ResourceType } from './client.ts';

/** Plurals of the kinds every supported cluster serves (Kubernetes API reference): no discovery needed. */
const NAMESPACED: Record<string, Record<string, string>> = {
  v1: {
    ConfigMap: 'configmaps',
    Endpoints: 'endpoints',
    Event: 'events',
    LimitRange: 'limitranges',
    PersistentVolumeClaim: 'persistentvolumeclaims',
    Pod: 'pods',
    PodTemplate: 'podtemplates',
    ReplicationController: 'replicationcontrollers',
    ResourceQuota: 'resourcequotas',
    Secret: 'secrets',
    Service: 'services',
    ServiceAccount: 'serviceaccounts',
  },
  'apps/v1': {
    ControllerRevision: 'controllerrevisions',
    DaemonSet: 'daemonsets',
    Deployment: 'deployments',
    ReplicaSet: 'replicasets',
    StatefulSet: 'statefulsets',
  },
  'autoscaling/v1': { HorizontalPodAutoscaler: 'horizontalpodautoscalers' },
  'autoscaling/v2': { HorizontalPodAutoscaler: 'horizontalpodautoscalers' },
  'batch/v1': { CronJob: 'cronjobs', Job: 'jobs' },
  'coordination.k8s.io/v1': { Lease: 'leases' },
  'discovery.k8s.io/v1': { EndpointSlice: 'endpointslices' },
  'networking.k8s.io/v1': { Ingress: 'ingresses', NetworkPolicy: 'networkpolicies' },
  'policy/v1': { PodDisruptionBudget: 'poddisruptionbudgets' },
  'rbac.authorization.k8s.io/v1': { Role: 'roles', RoleBinding: 'rolebindings' },
};

const CLUSTER_WIDE: Record<string, Record<string, string>> = {
  v1: { Namespace: 'namespaces', Node: 'nodes', PersistentVolume: 'persistentvolumes' },
  'apiextensions.k8s.io/v1': { CustomResourceDefinition: 'customresourcedefinitions' },
  'authentication.k8s.io/v1': { SelfSubjectReview: 'selfsubjectreviews' },
  'authorization.k8s.io/v1': {
    SelfSubjectAccessReview: 'selfsubjectaccessreviews',
    SelfSubjectRulesReview: 'selfsubjectrulesreviews',
    SubjectAccessReview: 'subjectaccessreviews',
  },
  'networking.k8s.io/v1': { IngressClass: 'ingressclasses' },
  'rbac.authorization.k8s.io/v1': { ClusterRole: 'clusterroles', ClusterRoleBinding: 'clusterrolebindings' },
  'scheduling.k8s.io/v1': { PriorityClass: 'priorityclasses' },
  'storage.k8s.io/v1': { StorageClass: 'storageclasses' },
};

/** A built-in kind; undefined for every other, which discovery may know. */
export function builtInType(apiVersion: string, kind: string): ResourceType | undefined {
  const inNamespace = lookUp(NAMESPACED, apiVersion, kind);
  if (inNamespace !== undefined) return { apiVersion, kind, plural: inNamespace, namespaced: true };
  const clusterWide = lookUp(CLUSTER_WIDE, apiVersion, kind);
  if (clusterWide !== undefined) return { apiVersion, kind, plural: clusterWide, namespaced: false };
  return undefined;
}

/** Own entries only: a manifest may name a kind "constructor". */
function lookUp(table: Record<string, Record<string, string>>, apiVersion: string, kind: string) {
  const kinds = Object.hasOwn(table, apiVersion) ? table[apiVersion] : undefined;
  return kinds !== undefined && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
}

/** Kinds that are listed by who knows them by name. */
export const PODS = namespaced('v1', 'Pod', 'pods');
export const EVENTS = namespaced('v1', 'Event', 'events');
export const JOBS = namespaced('batch/v1', 'Job', 'jobs');
export const CRON_JOBS = namespaced('batch/v1', 'CronJob', 'cronjobs');

function namespaced(apiVersion: string, kind: string, plural: string): ResourceType {
  return { apiVersion, kind, plural, namespaced: true };
}

/**
 * The path of a collection, or of one object of it: "/apis/apps/v1/namespaces/x/deployments/y". Without a
 * namespace a namespaced kind's path spans all namespaces.
 */
export function resourcePath(type: ResourceType, namespace?: string, name?: string): string {
  const root = type.apiVersion.includes('/') ? `/apis/${type.apiVersion}` : `/api/${type.apiVersion}`;
  const scope = type.namespaced && namespace !== undefined ? `/namespaces/${pathSegment(namespace)}` : '';
  return `${root}${scope}/${type.plural}${name === undefined ? '' : `/${pathSegment(name)}`}`;
}

/**
 * Whether a name can stand in a path of the API (k8s.io/apimachinery/pkg/api/validation/path,
 * IsValidPathSegmentName). A forged one would lead elsewhere: ".." to the namespace, "" to the collection.
 */
export function isPathSegment(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/%]/.test(name);
}

function pathSegment(name: string): string {
  if (isPathSegment(name)) return encodeURIComponent(name);
  throw new ToolError(`"${name}" can name nothing in a cluster`, { untouched: 'nothing was sent' });
}
