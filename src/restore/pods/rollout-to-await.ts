import type { KubeObject } from '../../model/kubernetes/object.ts';
import { pausedRollout } from '../../model/kubernetes/paused-rollout.ts';
import { type RolloutState, rolloutOf } from '../../model/kubernetes/rollout.ts';
import { isSeenByController } from '../../model/kubernetes/workload.ts';

/** How far a rollout is; one that somebody holds back is over once the controller has seen the change. */
export function rolloutToAwait(workload: KubeObject): RolloutState {
  const state = rolloutOf(workload);
  const held = pausedRollout(workload);
  if (held === undefined || state.done || !isSeenByController(workload)) return state;
  return { done: true, failed: false, message: `${state.message}, because ${held.why}` };
}
