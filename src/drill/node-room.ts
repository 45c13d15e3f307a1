import type { KubeClient } from '../kube/client.ts';
import { isForbidden } from '../kube/inventory.ts';
import { arrayAt, type JsonObject, objectAt, stringAt } from '../model/json/json.ts';
import { type KubeObject, labelsOf, nameOf, stringMap } from '../model/kubernetes/object.ts';
import { type Amounts, podDemand, quantities } from '../restore/plan/pod-demand.ts';
import type { PodLimits } from '../restore/plan/pod-limits.ts';

/** What a node has left for pods, by resource: "cpu" in cores, "memory" in bytes, "pods". */
export interface NodeRoom {
  node: KubeObject;
  left: Amounts;
}

/** What is left on each node that takes pods; undefined where nodes or pods may not be listed. */
export async function readNodeRoom(kube: KubeClient): Promise<NodeRoom[] | undefined> {
  try {
    const [nodeType, podType] = await Promise.all([
      kube.resourceType('v1', 'Node'),
      kube.resourceType('v1', 'Pod'),
    ]);
    const isRunning = 'status.phase!=Succeeded,status.phase!=Failed';
    const [nodes, pods] = await Promise.all([
      kube.list(nodeType!, {}),
      kube.listAs(podType!, { fieldSelector: isRunning }, (pod) => ({
        node: stringAt(pod, 'spec', 'nodeName'),
        demand: podDemand(objectAt(pod, 'spec') ?? {}),
      })),
    ]);
    const byNode = Map.groupBy(pods, ({ node }) => node);
    return nodes.filter(takesPods).map((node) => ({
      node,
      left: leftOf(
        node,
        (byNode.get(nameOf(node)) ?? []).map(({ demand }) => demand),
      ),
    }));
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return undefined;
  }
}

/**
 * How many of `wanted` such pods fit, by what nodes have left and what they ask for; each is counted against what is left. An affinity is
 * not weighed: whether they are placed, the drill itself shows. Pure, but for `rooms`, which get smaller.
 */
export function podsThatFit(podSpec: JsonObject, wanted: number, rooms: NodeRoom[]): number {
  const demand = [...podDemand(podSpec)].filter(([resource]) => /^(?:cpu|memory|pods)$/.test(resource));
  const fitting = rooms.filter(({ node }) => isFor(node, podSpec));
  for (let placed = 0; placed < wanted; placed++) {
    const room = fitting.find(({ left }) =>
      demand.every(([resource, amount]) => (left.get(resource) ?? 0) >= amount),
    );
    if (room === undefined) return placed;
    for (const [resource, amount] of demand) room.left.set(resource, (room.left.get(resource) ?? 0) - amount);
  }
  return wanted;
}

/** How many such pods the quotas of a namespace have room for; Infinity where they say nothing of them. */
export function podsWithinQuota(podSpec: JsonObject, { quotas, ranges }: PodLimits): number {
  const demand = podDemand(podSpec, ranges);
  const rooms = quotas.flatMap((quota) => {
    const hard = quantities(objectAt(quota, 'status', 'hard') ?? objectAt(quota, 'spec', 'hard'));
    const used = quantities(objectAt(quota, 'status', 'used'));
    return [...hard].flatMap(([resource, limit]) => {
      const each = demand.get(resource) ?? 0;
      return each === 0 ? [] : [Math.max(0, Math.floor((limit - (used.get(resource) ?? 0)) / each))];
    });
  });
  return Math.min(Number.POSITIVE_INFINITY, ...rooms);
}

function takesPods(node: KubeObject): boolean {
  const isReady = arrayAt(node, 'status', 'conditions').some(
    (condition) => stringAt(condition, 'type') === 'Ready' && stringAt(condition, 'status') === 'True',
  );
  return isReady && objectAt(node, 'spec')?.unschedulable !== true;
}

function leftOf(node: KubeObject, demands: Amounts[]): Amounts {
  const left = quantities(objectAt(node, 'status', 'allocatable'));
  for (const demand of demands)
    for (const resource of left.keys())
      left.set(resource, (left.get(resource) ?? 0) - (demand.get(resource) ?? 0));
  return left;
}

/** nodeSelector, and taints that keep pods off (core/v1 Taint, NoSchedule and NoExecute). */
function isFor(node: KubeObject, podSpec: JsonObject): boolean {
  const labels = labelsOf(node);
  const wanted = Object.entries(stringMap(objectAt(podSpec, 'nodeSelector')));
  if (!wanted.every(([key, value]) => labels[key] === value)) return false;
  const tolerations = arrayAt(podSpec, 'tolerations');
  return arrayAt(node, 'spec', 'taints').every((taint) => {
    const [key, value, effect] = ['key', 'value', 'effect'].map((field) => stringAt(taint, field) ?? '');
    if (effect === 'PreferNoSchedule') return true;
    return tolerations.some((each) => {
      const isKey = (stringAt(each, 'key') ?? '') === '' || stringAt(each, 'key') === key;
      const isEffect = (stringAt(each, 'effect') ?? '') === '' || stringAt(each, 'effect') === effect;
      const isValue = stringAt(each, 'operator') === 'Exists' || (stringAt(each, 'value') ?? '') === value;
      return isKey && isEffect && isValue;
    });
  });
}
