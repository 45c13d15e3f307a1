import { tool } from '../advice/command.ts';
import { spellCommand } from '../advice/spell.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { displayName } from '../model/kubernetes/object.ts';
import { DRY_RUN_ENDED } from '../output/dry-run.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { print } from '../output/print.ts';
import { type Installed, installSchedule, type WantedInstall } from '../schedule/install-schedule.ts';
import { cronJobName } from '../schedule/replaced-cronjob.ts';
import type { CommandContext } from '../session/context.ts';
import { nextRuns, schedulePlanLines } from './schedule-plan-view.ts';

export interface ScheduleInstallOptions extends WantedInstall {
  output: OutputFormat;
}

/**
 * `schedule install`: shows the plan, asks, applies it, and ends once a run's backup was found in the store and verified.
 * @returns ok; what becomes of a run that failed is thrown.
 */
export async function scheduleInstall(
  options: ScheduleInstallOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { io } = context;
  const installed = await installSchedule(
    options,
    (plan) => {
      for (const line of schedulePlanLines(plan, io.style, context.now())) io.say(line);
    },
    context,
  );
  if (options.output !== 'table' && options.output !== 'wide') {
    await print(
      io,
      {
        kind: 'ScheduleInstallReport',
        data: installedData(installed, options),
        rows: installed.planned,
        columns: [],
        name: ({ ref }) => displayName(ref),
      },
      { output: options.output, headers: false },
    );
  }
  if (options.dryRun) io.say(DRY_RUN_ENDED);
  report(installed, options, context);
  return ExitCode.ok;
}

function installedData(
  { spec, planned, run, written, replaced, notes }: Installed,
  { dryRun }: WantedInstall,
): object {
  return {
    name: spec.name,
    namespace: spec.namespace,
    schedule: spec.cron,
    timeZone: spec.timeZone,
    image: spec.image,
    args: spec.args,
    ...(spec.drill === undefined
      ? {}
      : {
          drill: { schedule: spec.drill.cron, into: spec.drill.into.name, args: spec.drill.args },
        }),
    dryRun,
    written,
    objects: planned.map(({ ref, action, why, changes, because }) => ({
      ...ref,
      action,
      why,
      changes,
      ...(because === undefined ? {} : { because }),
    })),
    ...(replaced === undefined ? {} : { replaced: cronJobName(replaced) }),
    notes,
    ...(run === undefined ? {} : { run }),
  };
}

function report(
  { spec, cron, run, written, replaced }: Installed,
  options: WantedInstall,
  context: CommandContext,
): void {
  const { io, spelling } = context;
  if (!written) return;
  const of = [...(spec.name === 'memcached-backup' ? [] : ['--name', spec.name]), '-n', spec.namespace];
  if (run !== undefined) {
    io.say(`First run: job/${run.job}: ${run.said}`);
    io.say(`Found in the store and verified: ${run.verified.map(({ backup }) => backup).join(', ')}`);
    if (run.verified.some(({ opened }) => !opened))
      io.say(
        'Every byte is as it was saved; what is sealed was not opened: --identity FILE would look into it.',
      );
    if (run.image !== undefined && run.image !== spec.image)
      io.say(`To run this very image from now on, whatever its tag will mean: --image ${run.image}`);
  }
  if (replaced !== undefined && !replaced.isSuspended) io.say(`${cronJobName(replaced)} is suspended.`);
  io.say(
    io.style.green(
      `The schedule ${spec.name} is installed. Next run: ${nextRuns(cron.schedule, spec, context.now())}.`,
    ),
  );
  const next = options.firstRun ? 'status' : 'run';
  io.say(`Next: ${spellCommand(tool('schedule', next, ...of), spelling)}`);
}
