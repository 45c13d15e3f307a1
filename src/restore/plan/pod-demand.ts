import { arrayAt, isObject, type JsonObject, numberAt, objectAt, stringAt } from '../../model/json/json.ts';
import { parseQuantity } from '../../model/kubernetes/quantity.ts';

/** Amounts by resource, as a ResourceQuota names them: "requests.cpu" in cores, "limits.memory" in bytes, "pods". */
export type Amounts = Map<string, number>;

/** requests and limits of one container, by resource. */
export interface ContainerResources {
  name: string;
  requests: Map<string, number>;
  limits: Map<string, number>;
}

/**
 * What each container asks for, once the namespace's LimitRanges and the API server have filled in what it
 * leaves out: a limit stands in for a request that is missing (Kubernetes, "Resource Management for Pods and
 * Containers", "Limit Ranges").
 */
export function containerResources(podSpec: JsonObject, ranges: JsonObject[]): ContainerResources[] {
  return allContainers(podSpec).map((container) => {
    const requests = quantities(objectAt(container, 'resources', 'requests'));
    const limits = quantities(objectAt(container, 'resources', 'limits'));
    for (const [resource, limit] of limits) if (!requests.has(resource)) requests.set(resource, limit);
    for (const item of rangesFor(ranges, 'Container')) {
      for (const [resource, limit] of quantities(objectAt(item, 'default')))
        if (!limits.has(resource)) limits.set(resource, limit);
      for (const [resource, request] of quantities(objectAt(item, 'defaultRequest')))
        if (!requests.has(resource)) requests.set(resource, request);
    }
    return { name: stringAt(container, 'name') ?? '', requests, limits };
  });
}

/** The entries of LimitRanges that are about containers, or about pods. */
export function rangesFor(ranges: JsonObject[], type: 'Container' | 'Pod'): JsonObject[] {
  return ranges
    .flatMap((range) => arrayAt(range, 'spec', 'limits'))
    .filter(isObject)
    .filter((item) => stringAt(item, 'type') === type);
}

/**
 * What a pod counts for in a ResourceQuota: the sum of its containers and of the init containers that go on
 * beside them, or the largest of the other init containers where that is more, and its overhead
 * (k8s.io/component-helpers/resource, PodRequests).
 */
export function podDemand(podSpec: JsonObject, ranges: JsonObject[] = []): Amounts {
  const resources = containerResources(podSpec, ranges);
  const demand: Amounts = new Map([
    ['pods', 1],
    ['count/pods', 1],
  ]);
  const containers = allContainers(podSpec);
  for (const part of ['requests', 'limits'] as const) {
    const running = new Map<string, number>();
    const highest = new Map<string, number>();
    containers.forEach((container, index) => {
      const isInit = index < arrayAt(podSpec, 'initContainers').length;
      const goesOn = !isInit || stringAt(container, 'restartPolicy') === 'Always';
      for (const [resource, amount] of resources[index]![part]) {
        const beside = running.get(resource) ?? 0;
        if (goesOn) running.set(resource, beside + amount);
        else highest.set(resource, Math.max(highest.get(resource) ?? 0, beside + amount));
      }
    });
    for (const resource of new Set([...running.keys(), ...highest.keys()])) {
      const overhead = quantities(objectAt(podSpec, 'overhead')).get(resource) ?? 0;
      const amount = Math.max(running.get(resource) ?? 0, highest.get(resource) ?? 0) + overhead;
      demand.set(`${part}.${resource}`, amount);
      // A quota's "cpu" and "memory" are other names for the requests.
      if (part === 'requests') demand.set(resource, amount);
    }
  }
  return demand;
}

/** Init containers first, as they run. */
function allContainers(podSpec: JsonObject): JsonObject[] {
  return [...arrayAt(podSpec, 'initContainers'), ...arrayAt(podSpec, 'containers')].filter(isObject);
}

/** Quantities by resource; what is no quantity is left out. A number is as good as its text. */
export function quantities(resources: JsonObject | undefined): Map<string, number> {
  return new Map(
    Object.keys(resources ?? {}).flatMap((resource): [string, number][] => {
      const text = stringAt(resources, resource) ?? String(numberAt(resources, resource) ?? '');
      const amount = parseQuantity(text);
      return amount === undefined ? [] : [[resource, amount]];
    }),
  );
}
