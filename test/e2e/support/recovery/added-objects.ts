import type { JsonObject } from '../../../../src/model/json/json.ts';

/** What a later revision brings, as templates: an HPA, a NetworkPolicy, a claim, and something to be kept. */
export function laterObjects(workload: string): string[] {
  const [kind, name] = workload.split('/');
  const later = '{{ .Release.Name }}-later';
  return [
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: later },
      spec: {
        scaleTargetRef: {
          apiVersion: 'apps/v1',
          kind: kind === 'statefulset' ? 'StatefulSet' : 'Deployment',
          name: name!,
        },
        minReplicas: 1,
        maxReplicas: 2,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 90 } },
          },
        ],
      },
    },
    networkPolicy(later),
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: later },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: '{{ .Release.Name }}-kept', annotations: { 'helm.sh/resource-policy': 'keep' } },
      data: { a: 'b' },
    },
  ].map((object) => JSON.stringify(object));
}

/** What somebody made beside the release, with the release's own label on it. */
export function byHand(release: string): JsonObject[] {
  const labels = { 'app.kubernetes.io/instance': release };
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${release}-by-hand`, labels },
      data: { a: 'b' },
    },
    networkPolicy(`${release}-by-hand`, labels),
  ];
}

/** That lets everything through. */
function networkPolicy(name: string, labels: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, labels },
    spec: { podSelector: { matchLabels: { app: 'something-else' } }, ingress: [{}] },
  };
}
