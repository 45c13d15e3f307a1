import type { CachedPod } from '../../../../src/doctor/cache/cached-pod.ts';
import type { PodObservation } from '../../../../src/memcached/observe-pods.ts';
import { arrayAt, isObject, type JsonObject } from '../../../../src/model/json/json.ts';
import { refOf } from '../../../../src/model/kubernetes/object.ts';
import { aContainer, aDeployment, aPod, withContainer } from '../../../support/objects.ts';

export const NOW = new Date('2026-11-24T12:00:00Z');

/** What is out of the ordinary. */
export interface Said {
  /** Counters and gauges of `stats`: one value, or before and after. */
  stats?: Record<string, number | [before: number, after: number]>;
  settings?: Record<string, string>;
  /** Of the memcached container: args, resources … */
  container?: JsonObject;
  /** Its entry in status.containerStatuses. */
  status?: JsonObject;
  /** Merged into the pod. */
  pod?: JsonObject;
  seen?: Partial<PodObservation>;
}

/** A pod with -m 64 and -c 1024 that answered. */
export function aCachedPod({ stats = {}, settings, container, status, pod, seen }: Said = {}): CachedPod {
  const changes = container ?? {};
  const workload = withContainer(aDeployment('cart').served(), changes).object;
  const object = aPod('cart-1', workload)
    .with({ spec: { containers: [aContainer(changes)] } })
    .with(pod ?? {}).object;
  const side = (index: 0 | 1) =>
    Object.fromEntries(
      Object.entries(stats).map(([key, value]) => [key, String(Array.isArray(value) ? value[index] : value)]),
    );
  const args = arrayAt(aContainer(changes), 'args').map(String);
  const known = {
    name: 'cart-1',
    workload: 'deployment.apps/cart',
    current: true,
    container: 'memcached',
    image: 'memcached:1.6.39',
    command: [],
    args,
    env: [],
    ready: true,
  };
  const answer =
    seen?.cause === undefined ? { version: '1.6.39', stats: settings ?? {} } : { error: seen.cause.message };
  return {
    release: { namespace: 'shop', name: 'cart' },
    workload,
    pod: object,
    ref: refOf(object),
    container: arrayAt(object, 'spec', 'containers').find(isObject)!,
    status,
    seen: {
      target: { namespace: 'shop', pod: 'cart-1', port: 11211, known },
      settings: { ...known, ...answer },
      before: side(0),
      after: side(1),
      seconds: 1,
      answerMs: 5,
      ...seen,
    },
  };
}
