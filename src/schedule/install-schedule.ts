import { tool } from '../advice/command.ts';
import { spellCommand } from '../advice/spell.ts';
import { InterruptedError, ToolError, UsageError } from '../errors/tool-error.ts';
import { valueAt } from '../model/json/json.ts';
import { displayName, nameOf } from '../model/kubernetes/object.ts';
import { DEFAULT_NAME } from '../model/schedule/schedule-spec.ts';
import { targetInWords } from '../output/target-in-words.ts';
import { askFirst, assertCanAsk } from '../session/ask-first.ts';
import type { CommandContext } from '../session/context.ts';
import { reading } from '../session/under-way.ts';
import { type FirstRun, proveByRun } from './first-run.ts';
import { applySchedule, type PlannedScheduleObject, planSchedule } from './plan-schedule.ts';
import {
  assertReplaces,
  cronJobName,
  findReplaced,
  othersThatBackUp,
  type ReplacedCronJob,
  suspendReplaced,
} from './replaced-cronjob.ts';
import { type ResolvedSchedule, specOfSchedule } from './spec-of-schedule.ts';
import type { WantedSchedule } from './wanted-schedule.ts';

export interface WantedInstall extends WantedSchedule {
  /** --replace: a CronJob that is suspended once this one works. */
  replace?: string;
  /** Without --no-first-run. */
  firstRun: boolean;
  yes: boolean;
  dryRun: boolean;
}

/** What an install would do, before anybody agrees. */
export interface InstallPlan extends ResolvedSchedule {
  planned: PlannedScheduleObject[];
  replaced: ReplacedCronJob | undefined;
  /** Nothing is to be written, and a run of it has succeeded. */
  nothingToDo: boolean;
}

export interface Installed extends InstallPlan {
  /** Undefined where there was none. */
  run: FirstRun | undefined;
  written: boolean;
}

/**
 * Installs a schedule, or makes one what the flags say: plans, shows the plan, asks, applies, starts a run and follows it until
 * its backup was found in the store and verified. Only then the CronJob that it replaces is suspended.
 * @param show shows the plan.
 * @throws UsageError, ToolError where nothing was written yet; ToolError after that, saying what is there.
 */
export async function installSchedule(
  wanted: WantedInstall,
  show: (plan: InstallPlan) => void,
  context: CommandContext,
): Promise<Installed> {
  const { io, signal } = context;
  const plan = await reading(context, 'Planning the schedule', 'nothing was changed', () =>
    planInstall(wanted, context),
  );
  show(plan);
  const done = { ...plan, run: undefined, written: false };
  if (plan.nothingToDo || wanted.dryRun) return done;
  if (!wanted.yes) {
    const { contextName, server } = await context.kube();
    const target = targetInWords({ context: contextName, server });
    await askFirst(io, `Apply this to namespace ${plan.spec.namespace} in ${target}?`, {
      refusal: 'not installed',
      untouched: 'nothing was changed',
    });
  }
  const kube = await context.kube();
  const progress = io.progress('Applying');
  try {
    await applySchedule(plan.planned, kube, {
      spec: plan.spec,
      signal,
      onWritten: ({ ref, action }) => io.say(`${displayName(ref)} ${action}d`),
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new InterruptedError('interrupted while the schedule was applied', {
      untouched: 'what is written stays',
      next: 'the same command again, which completes it; or "schedule uninstall"',
    });
  } finally {
    progress.done();
  }
  const cronJob = plan.planned.find(({ ref }) => ref.kind === 'CronJob')!.ref;
  let run: FirstRun | undefined;
  if (wanted.firstRun) {
    const live = await kube.get(cronJob);
    if (live === undefined)
      throw new ToolError(`cronjob/${cronJob.name} is gone: somebody deleted it once it was written`, {
        untouched: 'the other objects of the schedule are installed and stay; no run was started',
        next: 'the same command again',
      });
    run = await proveByRun(live, wanted, context);
  }
  if (plan.replaced !== undefined && !plan.replaced.isSuspended) await suspendReplaced(plan.replaced, kube);
  return { ...done, run, written: true };
}

async function planInstall(wanted: WantedInstall, context: CommandContext): Promise<InstallPlan> {
  const { io } = context;
  if (wanted.replace !== undefined && !wanted.firstRun)
    throw new UsageError(
      '--replace suspends a CronJob once a first run has shown that this schedule works, and --no-first-run starts none',
      { untouched: 'nothing was changed', next: 'the same command without one of them' },
    );
  if (!wanted.yes && !wanted.dryRun) assertCanAsk(io, 'nothing was changed');
  const kube = await context.kube();
  const replaced = wanted.replace === undefined ? undefined : await findReplaced(wanted.replace, context);
  const named = wanted.name ?? nameBeside(replaced);
  const resolved = await specOfSchedule({ ...wanted, name: named }, context, kube);
  const planned = await planSchedule(resolved.spec, kube);
  const others = await othersThatBackUp(kube, wanted.releases);
  const { name, namespace } = resolved.spec;
  const live = planned.find(({ ref }) => ref.kind === 'CronJob')?.live;
  if (replaced !== undefined) assertReplaces(replaced, live);
  const resume = tool('schedule', 'resume', '--name', name, '-n', namespace);
  const notes = [
    ...resolved.notes,
    ...(valueAt(live, 'spec', 'suspend') === true
      ? [`the schedule is suspended, and stays so: ${spellCommand(resume, context.spelling)}`]
      : []),
    ...others
      .filter((other) => nameOf(other) !== wanted.replace)
      .map(
        (other) =>
          `${cronJobName({ cronJob: other })} backs memcached up as well, by a script: --replace ${nameOf(other)} suspends it`,
      ),
  ];
  const isSame = planned.every(({ action }) => action === 'keep' || action === 'skip');
  // An install whose first run failed left all of it there, and nothing was proved.
  const isToBeProved =
    wanted.firstRun && live !== undefined && valueAt(live, 'status', 'lastSuccessfulTime') === undefined;
  if (isSame && isToBeProved) notes.push('no run of it has succeeded yet: one is started');
  const nothingToDo = isSame && !isToBeProved && (replaced === undefined || replaced.isSuspended);
  return { ...resolved, notes, planned, replaced, nothingToDo };
}

/** Two CronJobs of one name can't be: the one that is replaced stays, suspended. */
function nameBeside(replaced: ReplacedCronJob | undefined): string {
  const isTaken = replaced !== undefined && nameOf(replaced.cronJob) === DEFAULT_NAME;
  return isTaken ? `${DEFAULT_NAME}-schedule` : DEFAULT_NAME;
}
