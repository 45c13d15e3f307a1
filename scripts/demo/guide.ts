import type { JsonObject } from '../../src/model/json/json.ts';

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
    guideLooks({ namespace }).help,
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

/** Method 2 also exports the objects. */
export function guideObjectExport({ namespace }: Place): string {
  return `kubectl get all,cm,secret,pdb,networkpolicy -n ${namespace} -l app.kubernetes.io/name=memcached -o yaml > memcached-k8s-backup.yaml`;
}

/** "Recovery Scenario 3", after `git checkout` of the older files. */
export function guideRollback({ release, namespace }: Place): string[] {
  return [
    'kubectl apply -f memcached-config-backup.yaml',
    'kubectl apply -f memcached-values-backup.yaml',
    `kubectl rollout restart deployment/${release} -n ${namespace}`,
    `kubectl rollout status deployment/${release} -n ${namespace}`,
  ];
}

/** How its scenarios look into a pod: "Test cache functionality" and "updated config". */
export function guideLooks({
  namespace,
}: Pick<Place, 'namespace'>): Record<'help' | 'laptop' | 'environment', string> {
  return {
    help: `${firstPod(namespace)}\nkubectl exec -n ${namespace} $POD -- memcached -h | grep -E "^-m|-c|-f"`,
    laptop: 'echo -e "set test 0 60 5\\r\\nhello\\r\\nget test\\r\\nquit\\r" | nc localhost 11211',
    environment: `${firstPod(namespace)}\nkubectl describe pod -n ${namespace} $POD | grep -A5 "Environment:"`,
  };
}

/** What its CronJob runs, into `folder`. */
export function guideCronScript({ release, namespace }: Place, folder: string): string {
  return `
kubectl get configmap -n ${namespace} ${release} -o yaml > ${folder}/config-$(date +%Y%m%d).yaml
helm get values ${release} -n ${namespace} > ${folder}/values-$(date +%Y%m%d).yaml
find ${folder} -name "config-*.yaml" -mtime +30 -delete
find ${folder} -name "values-*.yaml" -mtime +30 -delete
echo "Backup completed successfully"`;
}

/** Its ServiceAccount, Role and RoleBinding for that CronJob. */
export function guideRole({ namespace }: Place): JsonObject[] {
  const account = { name: 'memcached-backup-sa', namespace };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: account },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'memcached-backup-role', namespace },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'memcached-backup-rolebinding', namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'memcached-backup-role' },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    },
  ];
}

/** Its retention-cleanup.sh, over `folder`. */
export function guideRetention(folder: string): string {
  return `find ${folder} -name "*.yaml" -type f -mtime +30 -delete`;
}

/** The end of its test-backup.sh, which tries a backup in the namespace `other`. */
export function guideTestScript({ namespace }: Place, other: string): string {
  return `
kubectl create namespace ${other} 2>/dev/null || true
cat memcached-config-backup.yaml | sed "s/namespace: ${namespace}/namespace: ${other}/g" | kubectl apply -f -
if [ $? -eq 0 ]; then
  echo "✓ Backup restore test successful"
  kubectl delete namespace ${other}
else
  echo "✗ Backup restore test failed"
  kubectl delete namespace ${other}
  exit 1
fi`;
}
