import type { Finding } from '../../model/findings/finding.ts';
import { arrayAt, objectAt, stringAt } from '../../model/json/json.ts';
import { displayName, type KubeObject, refOf } from '../../model/kubernetes/object.ts';
import { isScaledBy, replicasOf, selects } from '../../model/kubernetes/workload.ts';
import { finding } from '../catalogue.ts';
import { edit } from '../flag-command.ts';
import type { CachedPod } from './cached-pod.ts';
import { leadsTo } from './service-port.ts';

/**
 * Several pods behind one address: each connection ends at any of them, so an item that was stored by one
 * connection is missed by another. Clients that hash keys need the pods' own addresses (a headless Service).
 */
export function judgeReplicas(
  pods: readonly CachedPod[],
  services: readonly KubeObject[] | undefined,
): Finding[] {
  const [pod] = pods;
  // While a rollout goes on there are more than it is to have.
  if (pod === undefined || Math.min(pods.length, replicasOf(pod.workload)) < 2) return [];
  const balancing = (services ?? []).filter(
    (service) =>
      selects(objectAt(service, 'spec', 'selector'), pod.pod) &&
      leadsTo(service, pod) &&
      stringAt(service, 'spec', 'clusterIP') !== 'None',
  );
  if (balancing.length === 0) return [];
  return [
    finding('MB660', {
      object: refOf(pod.workload),
      release: pod.release,
      summary: `${pods.length} separate caches are behind one address`,
      evidence: balancing.map((service) => ({
        text: `${displayName(refOf(service))} has the address ${stringAt(service, 'spec', 'clusterIP') ?? '?'} for all of them`,
      })),
      about: pods.map(({ ref }) => ref),
    }),
  ];
}

/** memcached never gives memory back, so that an HPA on memory scales out and never in. */
export function judgeAutoscalers(
  pods: readonly CachedPod[],
  autoscalers: readonly KubeObject[] | undefined,
): Finding[] {
  const [pod] = pods;
  if (pod === undefined) return [];
  return (autoscalers ?? [])
    .filter((hpa) => isScaledBy(pod.workload, hpa))
    .flatMap((hpa) => {
      const metrics = arrayAt(hpa, 'spec', 'metrics').filter(
        (metric) =>
          stringAt(metric, 'resource', 'name') === 'memory' ||
          stringAt(metric, 'containerResource', 'name') === 'memory',
      );
      if (metrics.length === 0) return [];
      return [
        finding('MB661', {
          object: refOf(hpa),
          release: pod.release,
          summary: 'it scales on memory: memcached keeps what it once took, so this never scales in',
          evidence: metrics.map((metric) => ({ text: JSON.stringify(metric) })),
          advice: [edit(hpa)],
          about: [refOf(pod.workload)],
        }),
      ];
    });
}
