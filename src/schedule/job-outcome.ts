import { createdAt } from '../doctor/schedule/backup-schedule.ts';
import { containerStates } from '../doctor/schedule/container-states.ts';
import { ExitCode } from '../errors/exit-code.ts';
import type { Finding } from '../model/findings/finding.ts';
import { stringAt } from '../model/json/json.ts';
import { endOfJob } from '../model/kubernetes/job.ts';
import { type KubeObject, nameOf } from '../model/kubernetes/object.ts';
import { CONTAINER } from '../model/schedule/schedule-spec.ts';
import { hideSecretsInText } from '../model/secrets/hide-secrets-in-text.ts';

/** A pod of a run, as far as it got. */
export interface RunPod {
  name: string;
  /** Its container runs, or has run: it has a log. */
  started: boolean;
  /** How its container ended; undefined while it runs, or where it never did. */
  exitCode?: number;
  /** In one line: its termination message, else why the kubelet says that it ended ("OOMKilled"); "" for neither. */
  said: string;
  /** The image that ran, as the node knows it; absent before it is pulled. */
  imageId?: string;
}

/** What became of a run. */
export interface JobOutcome {
  /** stuck: its pod can't start, as it seems for good, and the Job goes on trying until its deadline. */
  state: 'succeeded' | 'failed' | 'stuck';
  /** The Job as it was seen last. */
  job: KubeObject;
  /** Of the Job's condition: "BackoffLimitExceeded"; "" while it has none. */
  reason: string;
  message: string;
  /** The newest one; undefined where none was ever seen. */
  pod: RunPod | undefined;
  /** Names of the pods before it, the newest first. */
  otherPods: string[];
  /** Why no container has run, in doctor's words; undefined where one has, or nobody knows. */
  hindrance: Finding | undefined;
}

/** @param pods of the Job, in any order. */
export function outcomeOf(
  job: KubeObject,
  pods: readonly KubeObject[],
  hindrance: Finding | undefined,
): JobOutcome {
  const end = endOfJob(job);
  const [newest, ...others] = pods.toSorted((a, b) => (createdAt(a) < createdAt(b) ? 1 : -1));
  return {
    state: end === undefined ? 'stuck' : end.type === 'Complete' ? 'succeeded' : 'failed',
    job,
    reason: end?.reason ?? '',
    message: end?.message ?? '',
    pod: newest === undefined ? undefined : runPod(newest),
    otherPods: others.map(nameOf),
    hindrance: pods.map(runPod).some(({ started }) => started) ? undefined : hindrance,
  };
}

/** How far a pod got, by the container that backs up, or the only one that there is. */
export function runPod(pod: KubeObject): RunPod {
  const states = containerStates(pod);
  const state = states.find(({ name }) => name === CONTAINER) ?? states.at(-1);
  const ended = state?.ended;
  const isRunning = state !== undefined && state.waiting === undefined && ended === undefined;
  const said =
    ended === undefined ? (stringAt(pod, 'status', 'message') ?? '') : ended.message || ended.reason;
  return {
    name: nameOf(pod),
    started: isRunning || ended !== undefined,
    ...(ended === undefined ? {} : { exitCode: ended.exitCode }),
    said: oneLine(said),
    ...(state?.imageId === undefined ? {} : { imageId: state.imageId }),
  };
}

/** Lines of a termination message are lines of a log: the first says what happened, the rest what to do. */
export function oneLine(text: string): string {
  return text
    .split('\n')
    .map((line) => hideSecretsInText(line.trim()))
    .filter((line) => line !== '')
    .join('; ');
}

/** Exit codes of `backup` that mean the same of the command that follows it. 130 would say that this one was interrupted. */
const OURS = [ExitCode.failed, ExitCode.usage, ExitCode.unreachable, ExitCode.incomplete];

/**
 * The run's own exit code, where it says how a backup ended; 1 for any other (130: it was stopped, 137: it was killed). Where no
 * container ran: 4, for the cluster could not start it, and 1 where it refused the pod.
 */
export function exitCodeOfRun({ state, pod }: Pick<JobOutcome, 'state' | 'pod'>): ExitCode {
  if (state === 'succeeded') return ExitCode.ok;
  if (pod === undefined) return ExitCode.failed;
  if (!pod.started) return ExitCode.unreachable;
  return OURS.find((each) => each === pod.exitCode) ?? ExitCode.failed;
}
