import { advice } from '../advice/advice.ts';
import { kubectl } from '../advice/command.ts';
import { spellCommand } from '../advice/spell.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { interruptible } from '../errors/interruptible.ts';
import { ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { endOfJob } from '../model/kubernetes/job.ts';
import { type KubeObject, nameOf, refOf } from '../model/kubernetes/object.ts';
import { CONTAINER } from '../model/schedule/schedule-spec.ts';
import { findSchedule } from '../schedule/find-schedules.ts';
import { FollowedLog } from '../schedule/follow-log.ts';
import type { RunPod } from '../schedule/job-outcome.ts';
import { findRun, podsOfRun } from '../schedule/runs-of-schedule.ts';
import { failureOf, logsCommand, maskSecretsOf, showRun } from '../schedule/show-run.ts';
import type { CommandContext } from '../session/context.ts';

export interface ScheduleLogsOptions {
  /** --name: the schedule. */
  name?: string;
  /** --job: the run; the newest one where absent. */
  job?: string;
  /** Until the run has ended. */
  follow: boolean;
}

const UNTOUCHED = 'nothing in the cluster was changed';

/**
 * `schedule logs`: the log of a run's newest pod, on standard output; what else there is of it on standard error. Reads only.
 * @returns ok, however the run ended.
 * @throws ToolError where there is no log.
 */
export async function scheduleLogs(options: ScheduleLogsOptions, context: CommandContext): Promise<ExitCode> {
  const { io, signal, spelling } = context;
  const kube = await context.kube();
  const { namespace } = kube;
  const looking = findSchedule(kube, { namespace, name: options.name });
  const cronJob = await interruptible(looking, signal, UNTOUCHED);
  maskSecretsOf(cronJob, io);
  const job = await interruptible(findRun(kube, cronJob, options.job), signal, UNTOUCHED);
  if (options.follow && endOfJob(job) === undefined) {
    const run = { cronJob, job: nameOf(job) };
    const outcome = await showRun(kube, run, context, (line) => io.out(line));
    const failure = failureOf(outcome, cronJob);
    if (failure !== undefined) io.say(failure.message);
    return ExitCode.ok;
  }
  const [newest, ...others] = await interruptible(podsOfRun(kube, job), signal, UNTOUCHED);
  if (newest === undefined) throw noPod(job);
  if (!newest.started) throw notStarted(newest, cronJob, job);
  io.say(
    `job/${nameOf(job)}, pod/${newest.name}${newest.exitCode === undefined ? '' : ` (exit code ${newest.exitCode})`}:`,
  );
  await interruptible(printLog(kube, namespace, newest.name, context), signal, UNTOUCHED);
  for (const { name, exitCode } of others) {
    io.say(
      `A try before it, pod/${name}${exitCode === undefined ? '' : ` (exit code ${exitCode})`}: ${spellCommand(kubectl('logs', name, '-n', namespace), spelling)}`,
    );
  }
  return ExitCode.ok;
}

async function printLog(
  kube: KubeClient,
  namespace: string,
  pod: string,
  { io, signal }: CommandContext,
): Promise<void> {
  const log = new FollowedLog(kube, { namespace, pod, container: CONTAINER });
  for (let isAll = false; !isAll && !signal.aborted; ) {
    const read = await log.more();
    for (const line of read.lines) io.out(line);
    isAll = read.isAll;
  }
}

function noPod(job: KubeObject): ToolError {
  const end = endOfJob(job);
  const { namespace = '', name } = refOf(job);
  if (end === undefined) {
    return new ToolError(`job/${name} has no pod yet`, {
      next: advice`see what keeps it from having one: ${kubectl('describe', 'job', name, '-n', namespace)}`,
    });
  }
  return new ToolError(
    `job/${name} has no pod any more, and no log: ${[end.reason, end.message].filter((text) => text !== '').join(': ') || end.type}`,
    { next: kubectl('describe', 'job', name, '-n', namespace) },
  );
}

function notStarted(pod: RunPod, cronJob: KubeObject, job: KubeObject): ToolError {
  return new ToolError(`pod/${pod.name} has not started, and has no log yet`, {
    next: advice`wait for it, and see what keeps it from starting: ${logsCommand(cronJob, nameOf(job), true)}`,
  });
}
