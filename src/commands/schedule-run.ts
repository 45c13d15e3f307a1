import { kubectl } from '../advice/command.ts';
import { spellCommand } from '../advice/spell.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { interruptible } from '../errors/interruptible.ts';
import { arrayAt, stringAt } from '../model/json/json.ts';
import { endOfJob } from '../model/kubernetes/job.ts';
import { nameOf, refOf } from '../model/kubernetes/object.ts';
import { formatAge } from '../output/age.ts';
import { findSchedule } from '../schedule/find-schedules.ts';
import type { JobOutcome } from '../schedule/job-outcome.ts';
import { startRun } from '../schedule/run-now.ts';
import { failureOf, logsCommand, showRun } from '../schedule/show-run.ts';
import type { CommandContext } from '../session/context.ts';

export interface ScheduleRunOptions {
  /** --name */
  name?: string;
  /** False for --wait=false: starts the run and does not follow it. */
  wait: boolean;
}

const UNTOUCHED = 'nothing was started';

/**
 * `schedule run`: starts a run now, and follows it. Its log goes to standard output.
 * @returns what the run's own exit code says.
 * @throws ToolError with that code where it failed; with 4 where its pod never started.
 */
export async function scheduleRun(options: ScheduleRunOptions, context: CommandContext): Promise<ExitCode> {
  const { io, signal, spelling } = context;
  const kube = await context.kube();
  const { namespace } = kube;
  const looking = findSchedule(kube, { namespace, name: options.name });
  const cronJob = await interruptible(looking, signal, UNTOUCHED);
  for (const active of arrayAt(cronJob, 'status', 'active')) {
    io.warn(`job/${stringAt(active, 'name')} is under way already: both back up the same`);
  }
  const job = nameOf(await startRun(kube, cronJob, context.now()));
  if (!options.wait) {
    io.out(`job.batch/${job}`);
    io.say(`It is started. Follow it: ${spellCommand(logsCommand(cronJob, job, true), spelling)}`);
    return ExitCode.ok;
  }
  io.say(`job.batch/${job} created in namespace ${refOf(cronJob).namespace}`);
  const outcome = await showRun(kube, { cronJob, job }, context, (line) => io.out(line));
  const failure = failureOf(outcome, cronJob);
  tellOthers(outcome, namespace, context);
  if (failure !== undefined) throw failure;
  const said = outcome.pod?.said;
  io.say(`job.batch/${job} succeeded${tookText(outcome)}${said ? `: ${said}` : ''}`);
  return ExitCode.ok;
}

/** Where a run took several tries, only the newest pod's log counts; the others keep theirs. */
function tellOthers({ otherPods }: JobOutcome, namespace: string, { io, spelling }: CommandContext): void {
  if (otherPods.length === 0) return;
  io.say(
    `Tries before it, whose logs are kept as well: ${otherPods.map((pod) => spellCommand(kubectl('logs', pod, '-n', namespace), spelling)).join(', ')}`,
  );
}

function tookText({ job }: JobOutcome): string {
  const [from, to] = [
    stringAt(job, 'status', 'startTime'),
    stringAt(job, 'status', 'completionTime') ?? endOfJob(job)?.at,
  ].map((text) => Date.parse(text ?? ''));
  const span = (to ?? Number.NaN) - (from ?? Number.NaN);
  return Number.isNaN(span) ? '' : ` in ${formatAge(span)}`;
}
