import { ExitCode } from '../errors/exit-code.ts';
import { displayName } from '../model/kubernetes/object.ts';
import type { Plan } from '../model/plan/plan.ts';
import { DRY_RUN_ENDED } from '../output/dry-run.ts';
import { planLines } from '../output/plan-text.ts';
import { printData } from '../output/print.ts';
import { refused, UNTOUCHED } from '../restore/agree-on-plan.ts';
import type { Course } from '../restore/course.ts';
import { carryOutRestore, onlyLeaves, type PlannedRestore, planRestore } from '../restore/restore.ts';
import { adviceScopeOf, type RestoreOptions } from '../restore/restore-session.ts';
import type { CommandContext } from '../session/context.ts';
import { reading } from '../session/under-way.ts';
import { sealingBy, signaturesOf } from '../store/seal/sealing-store.ts';
import { reportRestore, writesShown } from './report-restore.ts';
import { tellingWhereItStops } from './report-stopped.ts';

/**
 * `restore RELEASE[@ID]`: the plan, and unless it is a dry run what became of it.
 * @returns ok; incomplete where something was left out, or can't be proved; failed where a rollout did not finish or a
 * pod runs with other settings.
 */
export function restore(options: RestoreOptions, context: CommandContext): Promise<ExitCode> {
  const what = `Planning the restore of ${options.selector}`;
  return restorePlanned({ what, plan: () => planRestore(options, context) }, options, context);
}

/** The same, of a backup that is chosen as it is planned. @param planning what the plan is of, and how it is made. */
export async function restorePlanned(
  { what, plan: makePlan }: { what: string; plan: () => Promise<PlannedRestore> },
  options: Pick<RestoreOptions, 'dryRun' | 'output'>,
  context: CommandContext,
): Promise<ExitCode> {
  const startedAt = context.now();
  // A recipient that was typed wrong is said before anything is read.
  const store = await context.store();
  await sealingBy(store, 'safety');
  await signaturesOf(store).signer();
  const planned = await reading(context, what, UNTOUCHED, makePlan);
  if (options.dryRun !== 'none') return reportPlan(planned);
  const { plan, session } = planned;
  const scope = adviceScopeOf(session);
  const course: Course = {
    operation: 'restore',
    startedAt,
    scope,
    plan,
    writes: writesShown(options.output, context),
  };
  const ending = await tellingWhereItStops(course, options.output, context, () =>
    carryOutRestore(planned, course),
  );
  if (ending.kind === 'equal') return reportEqual(ending.plan, planned, startedAt);
  const { result, safety } = ending;
  return reportRestore(
    {
      ...result,
      operation: 'restore',
      plan: ending.plan,
      scope,
      safety,
      startedAt,
      keptIn: session.undoStore.elsewhere,
    },
    options.output,
    context,
  );
}

/** The plan of a dry run. @throws ToolError where it has refusals. */
async function reportPlan({ plan, session }: PlannedRestore): Promise<ExitCode> {
  const {
    options,
    context: { io },
  } = session;
  const names = plan.objects.filter(({ action }) => action !== 'keep').map(({ ref }) => displayName(ref));
  if (!(await printData(io, options.output, { kind: 'RestorePlan', data: { plan }, names }))) {
    io.outProse(`${planLines(plan, io.outStyle).join('\n')}\n`);
  }
  io.say(DRY_RUN_ENDED);
  if (plan.refusals.length > 0) throw refused(plan, session);
  const isWhole = plan.proof === undefined && plan.skipped === undefined;
  return isWhole && (plan.runtime?.left ?? []).length === 0 ? ExitCode.ok : ExitCode.incomplete;
}

/** Says that nothing was written, and what of the pods is not proved. */
async function reportEqual(plan: Plan, { session }: PlannedRestore, startedAt: Date): Promise<ExitCode> {
  const { options, context } = session;
  const { proof } = plan;
  if (proof === undefined && !onlyLeaves(plan)) {
    const data = { operation: 'restore', outcome: 'nothing-to-do', plan };
    await printData(context.io, options.output, { kind: 'RestoreReport', data, names: [] });
    return plan.skipped === undefined ? ExitCode.ok : ExitCode.incomplete;
  }
  const nothing = { applied: [], deletedPods: [], rollouts: [], moved: [], safety: undefined };
  const scope = adviceScopeOf(session);
  return reportRestore(
    { ...nothing, proof, operation: 'restore', plan, scope, startedAt },
    options.output,
    context,
  );
}
