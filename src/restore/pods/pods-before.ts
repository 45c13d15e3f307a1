import type { RestoreSource } from '../../backup/source.ts';
import { keyOf } from '../../model/kubernetes/object.ts';
import { pausedRollout } from '../../model/kubernetes/paused-rollout.ts';
import { rolloutOf } from '../../model/kubernetes/rollout.ts';
import type { RolloutOutcome } from './wait.ts';

/**
 * The rollouts of an undo that did not finish although those pods were up before the restore. One that leads back
 * to pods that never came up (a bad upgrade, say) has done all that an undo can do. Pure.
 * @param before the state before, each workload with the status that it had.
 */
export function notUpAgain(rollouts: RolloutOutcome[], before: RestoreSource): RolloutOutcome[] {
  return rollouts.filter(({ ref, done }) => {
    const workload = before.objects.find((object) => keyOf(object.ref) === keyOf(ref))?.raw;
    if (done || workload === undefined) return false;
    return rolloutOf(workload).done || pausedRollout(workload) !== undefined;
  });
}
