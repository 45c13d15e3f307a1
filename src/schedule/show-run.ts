import { type Command, tool } from '../advice/command.ts';
import { brokenOff } from '../errors/interruptible.ts';
import { BrokenOffError, ToolError, UnreachableError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { numberAt } from '../model/json/json.ts';
import { type KubeObject, nameOf, refOf } from '../model/kubernetes/object.ts';
import { secretValuesOf, withoutNames } from '../model/secrets/secrecy.ts';
import type { IO } from '../output/io.ts';
import type { CommandContext } from '../session/context.ts';
import { followJob, hindranceInWords } from './follow-job.ts';
import { exitCodeOfRun, type JobOutcome } from './job-outcome.ts';

/** A run that is followed. */
export interface ShownRun {
  cronJob: KubeObject;
  /** The Job's name. */
  job: string;
}

/**
 * Follows a run and shows what becomes of it: where it stands beside a spinner, or a line each without a terminal; what keeps
 * it from starting; its log, line by line.
 * @param onLine given each line of its log.
 * @throws as followJob; Ctrl-C leaves the Job as it is, and the error says how to go on.
 */
export async function showRun(
  kube: KubeClient,
  { cronJob, job }: ShownRun,
  { io, signal }: Pick<CommandContext, 'io' | 'signal'>,
  onLine: (line: string) => void,
): Promise<JobOutcome> {
  const { namespace = '' } = refOf(cronJob);
  maskSecretsOf(cronJob, io);
  let text = `job/${job}`;
  let progress = io.progress(text);
  /** What is printed takes the spinner's place for a moment. */
  const around = (print: () => void): void => {
    progress.done();
    print();
    progress = io.progress(text);
  };
  let shownPod: string | undefined;
  try {
    return await followJob(
      kube,
      { namespace, name: job },
      {
        signal,
        onProgress: (now) => {
          text = now.isTrouble ? `job/${job}` : now.text;
          if (now.isTrouble) around(() => io.warn(now.text));
          else if (io.interactive) progress.update(now.text);
          else io.say(now.text);
        },
        onLog: (line, pod) =>
          around(() => {
            if (shownPod !== undefined && shownPod !== pod) io.say(`It is tried again, by pod/${pod}:`);
            shownPod = pod;
            onLine(line);
          }),
        onUnseen: (unseen) => around(() => io.warn(unseen)),
      },
    );
  } catch (error) {
    const help = {
      untouched: `job/${job} goes on in the cluster`,
      next: logsCommand(cronJob, job, true),
    };
    if (error instanceof BrokenOffError) throw brokenOff(signal, undefined, help);
    if (error instanceof UnreachableError)
      throw new UnreachableError(error.message, { ...help, cause: error });
    throw error;
  } finally {
    progress.done();
  }
}

/** What its log may repeat of what the schedule itself holds in plain text. */
export function maskSecretsOf(cronJob: KubeObject, io: Pick<IO, 'mask'>): void {
  io.mask(withoutNames(secretValuesOf(cronJob), [nameOf(cronJob)]));
}

/** The command that shows the log of a run. */
export function logsCommand(cronJob: KubeObject, job: string, follow = false): Command {
  const { namespace = '', name } = refOf(cronJob);
  return tool(
    'schedule',
    'logs',
    '-n',
    namespace,
    '--name',
    name,
    '--job',
    job,
    ...(follow ? ['--follow'] : []),
  );
}

/** Why a run did not succeed, with its exit code; undefined where it did. */
export function failureOf(outcome: JobOutcome, cronJob: KubeObject): ToolError | undefined {
  const { state, job, pod, reason, message, hindrance } = outcome;
  if (state === 'succeeded') return undefined;
  const name = nameOf(job);
  const { namespace = '' } = refOf(cronJob);
  const why = hindrance === undefined ? undefined : hindranceInWords(hindrance);
  const doctor = tool('doctor', '-n', namespace);
  if (state === 'stuck') {
    const deadline = numberAt(job, 'spec', 'activeDeadlineSeconds');
    const until = deadline === undefined ? '' : `, until ${deadline} s after its start`;
    return new ToolError(
      `the run job/${name} does not start: ${why ?? 'nobody says why'}`,
      {
        untouched: `the Job stays, and goes on trying${until}`,
        next: hindrance?.advice[0] ?? doctor,
      },
      exitCodeOfRun(outcome),
    );
  }
  const ended = [reason, message].filter((text) => text !== '').join(': ');
  const said =
    pod?.exitCode === undefined
      ? `${ended}${why === undefined ? '' : `; its pod never started: ${why}`}`
      : `exit code ${pod.exitCode}${pod.said === '' ? '' : `: ${pod.said}`} (${ended})`;
  return new ToolError(
    `the run job/${name} failed: ${said}`,
    { next: hindrance?.advice[0] ?? doctor },
    exitCodeOfRun(outcome),
  );
}
