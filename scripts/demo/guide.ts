/**
 * The procedures of the backup guide that many charts carry, as they stand there: only the namespace and
 * the chart's place are filled in. What asks the operator's own machine instead of the cluster
 * (`nc localhost 11211`) is left out.
 */

interface Place {
  release: string;
  namespace: string;
  chart: string;
}

/** Its backups: method 1 (the ConfigMap) and method 2 (the Helm values). */
export function guideBackup({ release, namespace }: Place): string[] {
  return [
    `kubectl get configmap -n ${namespace} ${release} -o yaml > memcached-config-backup.yaml`,
    `helm get values ${release} -n ${namespace} > memcached-values-backup.yaml`,
  ];
}

/** "Recovery Scenario 1: Configuration-Only Recovery". */
export function guideConfigurationRecovery({ release, namespace }: Place): string[] {
  return [
    'kubectl apply -f memcached-config-backup.yaml',
    `kubectl rollout restart deployment/${release} -n ${namespace}`,
    `kubectl wait --for=condition=ready pod -l app.kubernetes.io/name=memcached -n ${namespace} --timeout=120s`,
    `${firstPod(namespace)}\nkubectl exec -n ${namespace} $POD -- memcached -h | grep -E "^-m|-c|-f"`,
  ];
}

/** "Recovery Scenario 2: Full Cluster Recreation". */
export function guideRecreation({ release, namespace, chart }: Place): string[] {
  return [
    `kubectl create namespace ${namespace}`,
    'kubectl apply -f memcached-config-backup.yaml',
    `helm install ${release} ${chart} -f memcached-values-backup.yaml -n ${namespace}`,
    `kubectl wait --for=condition=ready pod -l app.kubernetes.io/name=memcached -n ${namespace} --timeout=300s`,
    `kubectl get pods,svc -n ${namespace} -l app.kubernetes.io/name=memcached`,
  ];
}

function firstPod(namespace: string): string {
  return `POD=$(kubectl get pods -n ${namespace} -l app.kubernetes.io/name=memcached -o jsonpath='{.items[0].metadata.name}')`;
}
