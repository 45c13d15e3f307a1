import { displayName } from '../../model/kubernetes/object.ts';
import { type PausedRollout, pausedRollout } from '../../model/kubernetes/paused-rollout.ts';
import { isMemcachedWorkload } from '../../model/kubernetes/workload.ts';
import type { Imposed } from '../../model/plan/imposed.ts';
import type { Proof } from '../../model/plan/proof.ts';
import { prove } from '../pods/prove.ts';
import { rolloutToAwait } from '../pods/rollout-to-await.ts';
import type { PlanInput } from './plan-input.ts';

/**
 * What the pods prove as they are, where a restore has nothing to write: judged as after a restore, without the
 * canary. Undefined where there is something to wait for, a rollout under way or a pod that is not as it should be:
 * the restore goes on then, and judges afterwards. Pure.
 */
export function standingProof(
  { source, live, livePods, options }: PlanInput,
  imposed: readonly Imposed[],
): Proof | undefined {
  const workloads = live.classified.filter(
    ({ role, object }) => role === 'owned' && isMemcachedWorkload(object),
  );
  if (!workloads.every(({ object }) => rolloutToAwait(object).done)) return undefined;
  const { operation: by = 'restore' } = options;
  const held = workloads.flatMap(({ ref, object }): [string, PausedRollout][] => {
    const why = pausedRollout(object, by);
    return why === undefined ? [] : [[displayName(ref), why]];
  });
  const proof = prove(
    livePods.map((settings) => ({ settings })),
    source.pods,
    { held: new Map(held), by, imposed, withoutCanary: true, withoutWorkload: !holdsMemcached(source) },
  );
  return proof.verdict === 'differs' ? undefined : proof;
}

/** Whether a backup holds a workload whose pods can be asked. */
export function holdsMemcached({ objects }: PlanInput['source']): boolean {
  return objects.some(({ entry, raw }) => entry.role === 'owned' && isMemcachedWorkload(raw));
}
