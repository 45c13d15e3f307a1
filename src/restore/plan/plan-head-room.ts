import { objectAt } from '../../model/json/json.ts';
import { displayName, keyOf, refOf } from '../../model/kubernetes/object.ts';
import { type PodTurnover, podsBefore } from '../../model/kubernetes/pod-turnover.ts';
import { isWorkload, podsOfWorkload, replicasOf } from '../../model/kubernetes/workload.ts';
import type { Plan, PlannedObject } from '../../model/plan/plan.ts';
import { headRoomWarnings, unevaluatedScopes } from './head-room.ts';
import type { PlanInput } from './plan-input.ts';
import { NO_LIMITS } from './pod-limits.ts';

/** Where the pods of a plan would not fit, and what could not be looked at. Nothing where no pod comes. */
export function headRoom(
  objects: PlannedObject[],
  input: PlanInput,
): { warnings: string[]; unchecked: Plan['unchecked'] } {
  const { limits = NO_LIMITS } = input;
  const turnovers = objects.flatMap((planned) => turnoverOf(planned, input) ?? []);
  if (turnovers.length === 0) return { warnings: [], unchecked: [] };
  const unevaluated = limits.quotas.flatMap((quota) =>
    unevaluatedScopes(quota).map((scope) => ({
      what: displayName(refOf(quota)),
      why: `its scope ${scope} is not evaluated`,
    })),
  );
  return { warnings: headRoomWarnings(turnovers, limits), unchecked: [...limits.unread, ...unevaluated] };
}

/** The pods that a planned object makes come and go; undefined where none does. */
function turnoverOf(planned: PlannedObject, input: PlanInput): PodTurnover | undefined {
  const { source, live, answers } = input;
  const { action, ref } = planned;
  const current = live.find(ref);
  if (action === 'keep' || action === 'delete') return undefined;
  const answer = answers.get(keyOf(ref));
  const raw = source.objects.find((object) => keyOf(object.ref) === keyOf(ref))?.raw;
  const wanted = (answer?.kind === 'accepted' ? answer.object : undefined) ?? raw ?? current;
  const podSpec = objectAt(wanted, 'spec', 'template', 'spec');
  if (wanted === undefined || podSpec === undefined || !isWorkload(wanted)) return undefined;
  const isWritten = action === 'replace' || action === 'create';
  if (action === 'replace' && !planned.changes.some((change) => /^spec\.(template|replicas)/.test(change))) {
    return undefined;
  }
  const pods = current === undefined ? [] : podsOfWorkload(current, live.all('ReplicaSet'), live.all('Pod'));
  const count = replicasOf(current?.kind === 'DaemonSet' ? current : wanted);
  return {
    workload: displayName(ref),
    leaving: pods.map(({ pod }) => objectAt(pod, 'spec') ?? {}),
    arriving: { podSpec, count },
    before: isWritten && pods.length > 0 ? podsBefore(wanted, count) : 0,
  };
}
