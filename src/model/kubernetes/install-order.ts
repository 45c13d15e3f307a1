/** Helm's install order (helm.sh/helm/v3/pkg/release/util/kind_sorter.go): what others need comes first. */
const ORDER = [
  'PriorityClass',
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodSecurityPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'SecretList',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'StatefulSet',
  'Job',
  'CronJob',
  'IngressClass',
  'Ingress',
  'APIService',
];

/** Sorts by kind in install order, unknown kinds last, keeping the given order within a kind. */
export function inInstallOrder<T>(items: readonly T[], kindOf: (item: T) => string): T[] {
  const rank = (item: T): number => {
    const index = ORDER.indexOf(kindOf(item));
    return index < 0 ? ORDER.length : index;
  };
  return [...items].sort((a, b) => rank(a) - rank(b));
}
