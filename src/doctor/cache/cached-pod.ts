import { ApiError } from '../../kube/api-error.ts';
import type { PodObservation } from '../../memcached/observe-pods.ts';
import { arrayAt, isObject, type JsonObject, objectAt, stringAt } from '../../model/json/json.ts';
import { displayName, type KubeObject, type ObjectRef, refOf } from '../../model/kubernetes/object.ts';
import { explicitSettings } from '../../model/settings/explicit-settings.ts';
import type { ExaminedRelease } from '../doctor-context.ts';

/** A memcached pod as the cluster has it, and what it says of itself at two moments. */
export interface CachedPod {
  release: { namespace: string; name: string };
  workload: KubeObject;
  pod: KubeObject;
  ref: ObjectRef;
  /** Its memcached container's entry in the pod's spec. */
  container: JsonObject;
  /** The entry of the same name in status.containerStatuses. */
  status: JsonObject | undefined;
  seen: PodObservation;
}

/** The pods of a release with what they answered. One that went away meanwhile is left out. */
export async function cachedPods(
  release: Pick<ExaminedRelease, 'namespace' | 'name' | 'workloads' | 'observe'> & {
    live: Pick<ExaminedRelease['live'], 'find'>;
  },
): Promise<CachedPod[]> {
  const { namespace, name, live, workloads } = release;
  const observations = await release.observe();
  return observations.flatMap((seen) => {
    if (seen.cause instanceof ApiError && seen.cause.status === 404) return [];
    const { known } = seen.target;
    const workload = workloads.find((each) => displayName(refOf(each)) === known.workload);
    const pod = live.find({ apiVersion: 'v1', kind: 'Pod', namespace, name: seen.target.pod });
    const named = (entry: unknown): entry is JsonObject =>
      isObject(entry) && stringAt(entry, 'name') === known.container;
    const container = arrayAt(pod, 'spec', 'containers').find(named);
    if (workload === undefined || pod === undefined || container === undefined) return [];
    const status = arrayAt(pod, 'status', 'containerStatuses').find(named);
    return [{ release: { namespace, name }, workload, pod, ref: refOf(pod), container, status, seen }];
  });
}

/** A counter or gauge of `stats` now; undefined where memcached does not know it. */
export function gauge({ seen }: Pick<CachedPod, 'seen'>, key: string): number | undefined {
  return numberOf(seen.after[key]);
}

/** By how much a counter grew between the two looks; 0 where it is not known or began anew. */
export function growth({ seen }: Pick<CachedPod, 'seen'>, key: string): number {
  const [before, after] = [numberOf(seen.before[key]), numberOf(seen.after[key])];
  return before === undefined || after === undefined ? 0 : Math.max(0, after - before);
}

/** "12 in 0.3 s" */
export function inInterval({ seen }: Pick<CachedPod, 'seen'>, count: number): string {
  return `${count} in ${seen.seconds.toFixed(1)} s`;
}

/** A setting as memcached says it, else as its arguments do; undefined where neither tells. */
export function setting({ seen }: Pick<CachedPod, 'seen'>, key: string): string | undefined {
  const { stats } = seen.settings;
  if (stats !== undefined) return Object.hasOwn(stats, key) ? stats[key] : undefined;
  return explicitSettings(seen.settings).settings.get(key);
}

/** memcached's memory for items in bytes: what it says, what it was told, or its default (-m 64). */
export function maxBytes(pod: Pick<CachedPod, 'seen'>): number {
  return numberOf(setting(pod, 'maxbytes')) ?? 64 * 2 ** 20;
}

export function isAnswering({ seen }: Pick<CachedPod, 'seen'>): boolean {
  return seen.settings.stats !== undefined;
}

/** The container's memory limit or request as it is written, else its pod's as a whole (spec.resources). */
export function memoryOf({ container, pod }: CachedPod, kind: 'limits' | 'requests'): string | undefined {
  const own = objectAt(container, 'resources', kind)?.memory;
  const amount = own ?? objectAt(pod, 'spec', 'resources', kind)?.memory;
  return typeof amount === 'string' || typeof amount === 'number' ? String(amount) : undefined;
}

function numberOf(text: string | undefined): number | undefined {
  const number = Number(text);
  return text === undefined || !Number.isFinite(number) ? undefined : number;
}
