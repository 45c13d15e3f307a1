import { arrayAt, type JsonObject, numberAt, objectAt, stringAt } from '../../model/json/json.ts';
import { displayName, type KubeObject, refOf } from '../../model/kubernetes/object.ts';
import type { PodTurnover } from '../../model/kubernetes/pod-turnover.ts';
import { formatQuantity } from '../../model/kubernetes/quantity.ts';
import { outsideRanges } from './limit-ranges.ts';
import { type Amounts, containerResources, podDemand, quantities } from './pod-demand.ts';

/** What keeps pods from being created in a namespace. */
export interface NamespaceLimits {
  quotas: KubeObject[];
  ranges: KubeObject[];
}

/**
 * What of the namespace's ResourceQuotas and LimitRanges the pods would not fit in, one sentence each. Pure.
 * What webhooks add to pods, nobody knows beforehand.
 */
export function headRoomWarnings(turnovers: PodTurnover[], { quotas, ranges }: NamespaceLimits): string[] {
  return [
    ...turnovers.flatMap((turnover) => outsideRanges(turnover, ranges)),
    ...quotas.flatMap((quota) => overQuota(turnovers, quota, ranges)),
  ];
}

/** Scopes of a quota that this does not evaluate: what it counts can't be told. */
export function unevaluatedScopes(quota: KubeObject): string[] {
  const known = new Set(['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating']);
  const selected = arrayAt(quota, 'spec', 'scopeSelector', 'matchExpressions').map(
    (expression) => stringAt(expression, 'scopeName') ?? '',
  );
  return [...scopesOf(quota).filter((scope) => !known.has(scope)), ...selected];
}

function overQuota(turnovers: PodTurnover[], quota: KubeObject, ranges: KubeObject[]): string[] {
  const hard = quantities(objectAt(quota, 'status', 'hard') ?? objectAt(quota, 'spec', 'hard'));
  const used = quantities(objectAt(quota, 'status', 'used'));
  const name = displayName(refOf(quota));
  const left = new Map([...hard].map(([resource, limit]) => [resource, limit - (used.get(resource) ?? 0)]));
  return turnovers.flatMap((turnover) => {
    const { workload, arriving, leaving, before } = turnover;
    if (arriving.count === 0 || !counts(quota, arriving.podSpec, ranges)) return [];
    const unsaid = wantedAndUnsaid(hard, arriving.podSpec, ranges);
    if (unsaid.length > 0) {
      return [
        `${name} wants ${unsaid.join(', ')} of every container, and ${workload} does not say it: its pods will be refused`,
      ];
    }
    const each = podDemand(arriving.podSpec, ranges);
    const freed = total(leaving.filter((spec) => counts(quota, spec, ranges)));
    return [...left].flatMap(([resource, room]) => {
      const needed = each.get(resource) ?? 0;
      if (needed === 0) return [];
      const say = (amount: number): string => formatQuantity(amount, resource);
      const atTheEnd = arriving.count * needed - (freed.get(resource) ?? 0);
      // Taken in turn: what one workload needs is gone for the next.
      left.set(resource, room - atTheEnd);
      if (room < 0) {
        return [
          `${name} is ${say(-room)} of ${resource} over its limit: pods of ${workload} that go will not all come back`,
        ];
      }
      if (atTheEnd > room) {
        return [
          `${name} has ${say(room)} of ${resource} left and ${workload} needs ${say(atTheEnd)} more: not all of its pods will be created`,
        ];
      }
      if (before * needed <= room) return [];
      return [
        `${name} has ${say(room)} of ${resource} left, no room for one more pod of ${workload} (${say(needed)}), and its strategy lets no old pod go before: the rollout will hang`,
      ];
    });
  });
}

/** requests.* and limits.* of cpu and memory that a quota limits have to be said by every container. */
function wantedAndUnsaid(hard: Map<string, number>, podSpec: JsonObject, ranges: KubeObject[]): string[] {
  const containers = containerResources(podSpec, ranges);
  return [...hard.keys()].filter((resource) => {
    const [, part = 'requests', what = ''] = /^(?:(requests|limits)\.)?(cpu|memory)$/.exec(resource) ?? [];
    return (
      what !== '' && !containers.every((container) => container[part as 'requests' | 'limits'].has(what))
    );
  });
}

/** Whether a quota is about such pods. Those of scopes that nobody evaluates are not. */
function counts(quota: KubeObject, podSpec: JsonObject, ranges: KubeObject[]): boolean {
  if (unevaluatedScopes(quota).length > 0) return false;
  const isBestEffort = containerResources(podSpec, ranges).every(
    ({ requests, limits }) => requests.size === 0 && limits.size === 0,
  );
  const terminates = numberAt(podSpec, 'activeDeadlineSeconds') !== undefined;
  const fits: Record<string, boolean> = {
    BestEffort: isBestEffort,
    NotBestEffort: !isBestEffort,
    Terminating: terminates,
    NotTerminating: !terminates,
  };
  return scopesOf(quota).every((scope) => fits[scope] === true);
}

function scopesOf(quota: KubeObject): string[] {
  return arrayAt(quota, 'spec', 'scopes').map(String);
}

function total(podSpecs: JsonObject[]): Amounts {
  const sum: Amounts = new Map();
  for (const spec of podSpecs)
    for (const [resource, amount] of podDemand(spec)) sum.set(resource, (sum.get(resource) ?? 0) + amount);
  return sum;
}
