import { type JsonObject, objectAt } from '../../model/json/json.ts';
import { displayName, type KubeObject, refOf } from '../../model/kubernetes/object.ts';
import type { PodTurnover } from '../../model/kubernetes/pod-turnover.ts';
import { formatQuantity } from '../../model/kubernetes/quantity.ts';
import { containerResources, podDemand, quantities, rangesFor } from './pod-demand.ts';

/** The rules of the LimitRanger admission plugin: max over limits, min under requests, for containers and pods. */
export function outsideRanges({ workload, arriving }: PodTurnover, ranges: KubeObject[]): string[] {
  if (arriving.count === 0) return [];
  const containers = containerResources(arriving.podSpec, ranges);
  const demand = podDemand(arriving.podSpec, ranges);
  const ofPod = (part: 'requests' | 'limits'): Map<string, number> =>
    new Map(
      [...demand].flatMap(([key, amount]) =>
        key.startsWith(`${part}.`) ? [[key.slice(part.length + 1), amount]] : [],
      ),
    );
  const pod = { name: 'the pod', requests: ofPod('requests'), limits: ofPod('limits') };
  return ranges.flatMap((range) => {
    const name = displayName(refOf(range));
    const check = (
      type: 'Container' | 'Pod',
      who: string,
      { requests, limits }: Omit<typeof pod, 'name'>,
    ): string[] =>
      rangesFor([range], type).flatMap((item) =>
        [...outsideBound(item, MAX, limits), ...outsideBound(item, MIN, requests)].map(
          (what) => `${name} allows ${what}, which ${who} of ${workload} breaks: its pods will be refused`,
        ),
      );
    return [
      ...containers.flatMap((container) => check('Container', `container ${container.name}`, container)),
      ...check('Pod', 'a pod', pod),
    ];
  });
}

/** One bound of a LimitRange's item, and what it is held against. */
interface Bound {
  field: 'max' | 'min';
  isOutside(amount: number, limit: number): boolean;
  words: string;
  what: 'limit' | 'request';
}

const MAX: Bound = {
  field: 'max',
  isOutside: (limit, max) => limit > max,
  words: 'at most',
  what: 'limit',
};
const MIN: Bound = {
  field: 'min',
  isOutside: (request, min) => request < min,
  words: 'at least',
  what: 'request',
};

function outsideBound(
  item: JsonObject,
  { field, isOutside, words, what }: Bound,
  said: ReadonlyMap<string, number>,
): string[] {
  return [...quantities(objectAt(item, field))].flatMap(([resource, limit]) => {
    const amount = said.get(resource);
    if (amount !== undefined && !isOutside(amount, limit)) return [];
    const has = amount === undefined ? `no ${what}` : `a ${what} of ${formatQuantity(amount, resource)}`;
    return [`${words} ${formatQuantity(limit, resource)} of ${resource} (there is ${has})`];
  });
}
