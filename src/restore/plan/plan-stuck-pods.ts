import { jsonEqual, valueAt } from '../../model/json/json.ts';
import { displayName, type KubeObject, keyOf, refOf } from '../../model/kubernetes/object.ts';
import { rolloutBlockingReasons } from '../../model/kubernetes/rollout.ts';
import { isMadeFrom, neverReadyPods } from '../../model/kubernetes/stuck-pods.ts';
import { isMemcachedWorkload, podsOfWorkload, podTemplateOf } from '../../model/kubernetes/workload.ts';
import type { PlannedObject, StuckPod } from '../../model/plan/plan.ts';
import type { PlanInput } from './plan-input.ts';

/**
 * Pods that have to be deleted for a StatefulSet to become what the plan makes of it: never ready, and of another
 * template than it then has. They serve nothing, and its controller would wait for them for ever. Pure.
 */
export function planStuckPods(objects: readonly PlannedObject[], input: PlanInput): StuckPod[] {
  const { live, options } = input;
  return objects.flatMap((planned) => {
    const current = live.find(planned.ref);
    const stays = planned.action === 'keep' || planned.action === 'replace';
    if (!stays || current === undefined || !isMemcachedWorkload(current)) return [];
    if (options.mayWrite?.(planned.ref) === false) return [];
    const wanted = planned.action === 'replace' ? wantedOf(planned, current, input) : current;
    const template = podTemplateOf(wanted);
    const isNew = !jsonEqual(valueAt(current, 'spec', 'template'), valueAt(wanted, 'spec', 'template'));
    const pods = podsOfWorkload(current, live.all('ReplicaSet'), live.all('Pod'));
    return neverReadyPods(wanted, pods)
      .filter(({ pod, current: isOfPresent }) => (isNew ? !isMadeFrom(pod, template) : !isOfPresent))
      .map(({ pod }) => ({ ref: refOf(pod), workload: planned.ref, why: whyNot(current, pod) }));
  });
}

function wantedOf({ ref }: PlannedObject, current: KubeObject, { source, answers }: PlanInput): KubeObject {
  const answer = answers.get(keyOf(ref));
  if (answer?.kind === 'accepted') return answer.object;
  return source.objects.find((object) => keyOf(object.ref) === keyOf(ref))?.raw ?? current;
}

/** What keeps it from being ready, without its name. */
function whyNot(workload: KubeObject, pod: KubeObject): string {
  const [reason] = rolloutBlockingReasons({ ...workload, status: {} }, [pod]);
  return reason?.replace(`${displayName(refOf(pod))}: `, '') ?? 'it is not ready';
}
