import { groupOf, type ObjectRef } from '../../model/kubernetes/object.ts';

type Kind = Pick<ObjectRef, 'apiVersion' | 'kind'>;

/** kubectl's short names of Kubernetes' own kinds (`kubectl api-resources`); those of others only a cluster knows. */
const SHORT: Record<string, string> = {
  cm: 'ConfigMap',
  cj: 'CronJob',
  deploy: 'Deployment',
  ds: 'DaemonSet',
  hpa: 'HorizontalPodAutoscaler',
  ing: 'Ingress',
  netpol: 'NetworkPolicy',
  pdb: 'PodDisruptionBudget',
  pvc: 'PersistentVolumeClaim',
  sa: 'ServiceAccount',
  sts: 'StatefulSet',
  svc: 'Service',
};

/**
 * Whether a word names a kind as kubectl's arguments do, in any case: the kind or its resource, alone or with
 * ".GROUP" or ".VERSION.GROUP". The plural is kubectl's own guess (apimachinery, UnsafeGuessKindToResource), so that
 * it is known of a kind that no cluster serves.
 */
export function namesKind(word: string, { apiVersion, kind }: Kind): boolean {
  const [resource = '', ...rest] = word.toLowerCase().split('.');
  const singular = kind.toLowerCase();
  const isIt = resource === singular || resource === plural(singular) || SHORT[resource] === kind;
  const suffix = rest.join('.');
  const group = groupOf(apiVersion);
  const version = apiVersion.slice(group === '' ? 0 : group.length + 1);
  return isIt && ['', group, group === '' ? version : `${version}.${group}`].includes(suffix);
}

/** A word that names just this kind: "servicemonitor.monitoring.coreos.com". */
export function kindWord({ apiVersion, kind }: Kind): string {
  const group = groupOf(apiVersion);
  return `${kind.toLowerCase()}${group === '' ? '' : `.${group}`}`;
}

function plural(singular: string): string {
  if (singular.endsWith('endpoints')) return singular;
  if (singular.endsWith('s')) return `${singular}es`;
  return singular.endsWith('y') ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}
