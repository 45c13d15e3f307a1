import { advice } from '../advice/advice.ts';
import { ToolError } from '../errors/tool-error.ts';
import { keyOf } from '../model/kubernetes/object.ts';
import type { Plan } from '../model/plan/plan.ts';
import { planLines } from '../output/plan-text.ts';
import { targetInWords } from '../output/target-in-words.ts';
import { askFirst } from '../session/ask-first.ts';
import { restoreCommand } from './restore-command.ts';
import { adviceScopeOf, type RestoreSession } from './restore-session.ts';

/** What is true until the first write. */
export const UNTOUCHED = 'the cluster was not changed';

/**
 * Whether a plan does what was shown; what could be checked beforehand may differ. That it empties fewer caches, because pods
 * crashed meanwhile, is nothing to ask about again.
 */
export function isSamePlan(now: Plan, shown: Plan): boolean {
  const steps = ({ helm, objects, stuckPods = [], refusals, runtime }: Plan): string =>
    JSON.stringify([
      helm,
      objects.map(({ action, ref, changes, grants }) => [action, keyOf(ref), changes, grants]),
      stuckPods.map(({ ref }) => keyOf(ref)),
      refusals,
      runtime?.changes.map(({ uid, commands }) => [uid, commands]),
      runtime?.left.map(({ ref }) => keyOf(ref)),
    ]);
  return steps(now) === steps(shown) && now.cachesEmptied <= shown.cachesEmptied;
}

/** Shows the plan on standard error. @throws ToolError where it has refusals. */
export function showPlan(plan: Plan, session: RestoreSession): void {
  const { io } = session.context;
  for (const line of planLines(plan, io.style)) io.say(line);
  if (plan.refusals.length > 0) throw refused(plan, session);
}

/** Asks, unless --yes was given. @throws UsageError without a terminal, InterruptedError for a no. */
export async function agreeOn(
  plan: Plan,
  { options, notes, context: { io } }: RestoreSession,
): Promise<void> {
  if (options.yes) return;
  const grants = [plan.namespace, ...plan.objects].some((each) => (each.grants ?? []).length > 0);
  const told = grants ? [...notes, 'it grants what the live release does not, see above'] : notes;
  const note = told.map((text) => ` (${text})`).join('');
  const target = plan.target === undefined ? '' : ` in ${targetInWords(plan.target)}`;
  const question = `Restore ${plan.backup.release} in namespace ${plan.namespace.name}${target}${note}?`;
  await askFirst(io, question, { refusal: 'not restored', untouched: UNTOUCHED });
}

export function refused(plan: Plan, session: RestoreSession): ToolError {
  return new ToolError(`this restore can't be carried out: ${plan.refusals.join('; ')}`, {
    untouched: UNTOUCHED,
    next: advice`${restoreCommand(plan, adviceScopeOf(session), '--dry-run=server')}, once that is settled`,
  });
}
