import { jsonEqual, valueAt } from '../../model/json/json.ts';
import { HELD_LABEL, heldForm } from '../../model/kubernetes/held-rollout.ts';
import {
  displayName,
  type KubeObject,
  keyOf,
  labelsOf,
  type ObjectRef,
} from '../../model/kubernetes/object.ts';
import { isMemcachedWorkload, replicasOf } from '../../model/kubernetes/workload.ts';
import type { Plan, PlannedObject } from '../../model/plan/plan.ts';
import type { PlanInput } from './plan-input.ts';

/** What of a plan is paced where that was asked for: workloads whose pods it replaces one by one. Pure. */
export function planPace(objects: PlannedObject[], input: PlanInput): Pick<Plan, 'paced'> {
  const { pace } = input.options;
  if (pace === undefined) return {};
  const { hitRatio, timeoutMs, warmFromOld } = pace;
  const workloads = objects.filter((object) => isPaced(object, input)).map(({ ref }) => ref);
  const own = [...new Map(workloads.map((ref) => [keyOf(ref), ref])).values()];
  return {
    paced: {
      workloads: own,
      hitRatio,
      timeoutSeconds: timeoutMs / 1000,
      ...(warmFromOld === true ? { warmFromOld } : {}),
    },
  };
}

/** Clients of a StatefulSet spread keys over its pods by their number: of another number, a pod's successor is asked for other keys. */
export function paceRefusals(objects: PlannedObject[], { source, live, options }: PlanInput): string[] {
  if (options.pace?.warmFromOld !== true) return [];
  return objects.flatMap(({ action, ref }) => {
    const current = live.find(ref);
    const raw = rawOf(ref, source.objects);
    if (action !== 'replace' || ref.kind !== 'StatefulSet' || current === undefined || raw === undefined)
      return [];
    const [before, after] = [replicasOf(current), replicasOf(raw)];
    if (!isMemcachedWorkload(current) || before === after) return [];
    return [
      `--warm-from-old: ${displayName(ref)} has ${before} pods and is to have ${after}: clients that spread keys over its pods ask each of them for other keys then`,
    ];
  });
}

/** What can't be: pods of what is made again go all at once. */
export function paceWarnings(objects: PlannedObject[], { live, options }: PlanInput): string[] {
  if (options.pace === undefined) return [];
  return objects.flatMap(({ action, ref }) => {
    const current = live.find(ref);
    const isGone = action === 'recreate' || action === 'delete';
    if (!isGone || current === undefined || !isMemcachedWorkload(current)) return [];
    return [
      `the pods of ${displayName(ref)} go all at once, --paced or not: it is deleted${action === 'recreate' ? ' and made again' : ''}`,
    ];
  });
}

/** Whether writing it would replace pods: its template is another, or a paced restore that was cut off holds it. */
function isPaced({ action, ref }: PlannedObject, { source, live }: PlanInput): boolean {
  const current = live.find(ref);
  if (current === undefined || !isMemcachedWorkload(current)) return false;
  if (action === 'restart') return true;
  const raw = rawOf(ref, source.objects);
  if (action !== 'replace' || raw === undefined || heldForm(raw, '') === undefined) return false;
  const template = (of: KubeObject) => valueAt(of, 'spec', 'template') ?? null;
  return labelsOf(current)[HELD_LABEL] !== undefined || !jsonEqual(template(raw), template(current));
}

function rawOf(
  ref: ObjectRef,
  objects: readonly { ref: ObjectRef; raw: KubeObject }[],
): KubeObject | undefined {
  return objects.find((object) => keyOf(object.ref) === keyOf(ref))?.raw;
}
