import { setTimeout as sleep } from 'node:timers/promises';
import { kubectl } from '../advice/command.ts';
import { createdAt } from '../doctor/schedule/backup-schedule.ts';
import { judgeCreation } from '../doctor/schedule/job-creation.ts';
import { judgePodStart } from '../doctor/schedule/pod-start.ts';
import { brokenOff, interruptible } from '../errors/interruptible.ts';
import { ToolError } from '../errors/tool-error.ts';
import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { EVENTS, PODS } from '../kube/resource-types.ts';
import type { Finding } from '../model/findings/finding.ts';
import { arrayAt, type JsonObject, stringAt } from '../model/json/json.ts';
import { eventsOf } from '../model/kubernetes/event.ts';
import { endOfJob } from '../model/kubernetes/job.ts';
import { type KubeObject, nameOf, type ObjectRef, refOf, uidOf } from '../model/kubernetes/object.ts';
import { controllerUid } from '../model/kubernetes/workload.ts';
import { CONTAINER } from '../model/schedule/schedule-spec.ts';
import { FollowedLog } from './follow-log.ts';
import { type JobOutcome, outcomeOf, runPod } from './job-outcome.ts';

/** From one look to the next, milliseconds. */
const LOOK_MS = 500;
/** A pod that starts as it should is not asked after in the events. */
const EVENTS_AFTER_MS = 3_000;
/** What keeps a pod from starting for so long is taken to last. */
const STUCK_AFTER_MS = 60_000;

/** Where a run stands. */
export interface JobProgress {
  /** One clause: "pod/x is starting". */
  text: string;
  /** Why its pod does not start, or that it is tried again. */
  isTrouble: boolean;
}

export interface FollowOptions {
  /** Ends the following, not the Job. */
  signal: AbortSignal;
  /** Told each time it is another one. */
  onProgress(progress: JobProgress): void;
  /** Given each line of its log, where it is wanted; `pod` names whose. */
  onLog?(line: string, pod: string): void;
  /** Told what can't be seen for want of a permission, once. */
  onUnseen?(text: string): void;
  /** For tests: the times above. */
  times?: Partial<{ lookMs: number; eventsAfterMs: number; stuckAfterMs: number }>;
}

/**
 * Follows a Job until it is Complete or Failed, or its pod can't start. Whatever ends the following leaves the Job as it is.
 * RBAC: get on jobs; list on pods, which it does without; list on events and get on pods/log likewise.
 * @throws InterruptedError on Ctrl-C; ToolError where somebody deletes the Job; ApiError, UnreachableError.
 */
export async function followJob(
  kube: Pick<KubeClient, 'get' | 'list' | 'podLog'>,
  { namespace, name }: { namespace: string; name: string },
  options: FollowOptions,
): Promise<JobOutcome> {
  const { signal } = options;
  const untouched = `job/${name} goes on in the cluster`;
  const following = new FollowedJob(kube, { namespace, name }, options);
  for (;;) {
    if (signal.aborted) throw brokenOff(signal, undefined, { untouched });
    const outcome = await interruptible(following.look(), signal, untouched);
    if (outcome !== undefined) return outcome;
    await sleep(options.times?.lookMs ?? LOOK_MS, undefined, { signal }).catch(() => {});
  }
}

class FollowedJob {
  readonly #kube: Pick<KubeClient, 'get' | 'list' | 'podLog'>;
  readonly #ref: ObjectRef & { namespace: string };
  readonly #options: FollowOptions;
  readonly #began = performance.now();
  /** As they were seen last: a Job that is stopped at its deadline deletes its pod. */
  readonly #pods = new Map<string, KubeObject>();
  readonly #logs = new Map<string, FollowedLog>();
  /** Pods whose log was read to its end. */
  readonly #read = new Set<string>();
  readonly #unseen = new Set<string>();
  #told = '';
  #hindrance: { finding: Finding; since: number } | undefined;
  #lastHindrance: Finding | undefined;

  constructor(
    kube: Pick<KubeClient, 'get' | 'list' | 'podLog'>,
    { namespace, name }: { namespace: string; name: string },
    options: FollowOptions,
  ) {
    this.#kube = kube;
    this.#ref = { apiVersion: 'batch/v1', kind: 'Job', namespace, name };
    this.#options = options;
  }

  /** @returns undefined while it goes on. */
  async look(): Promise<JobOutcome | undefined> {
    const job = await this.#kube.get(this.#ref);
    if (job === undefined) {
      throw new ToolError(`job/${this.#ref.name} is gone: somebody deleted it before it ended`, {
        next: kubectl('get', 'jobs', '-n', this.#ref.namespace),
      });
    }
    const end = endOfJob(job);
    await this.#seePods(job);
    const pod = this.#newest();
    const isStarted = pod !== undefined && runPod(pod).started;
    if (isStarted) this.#hindrance = undefined;
    else if (end === undefined) await this.#seeHindrance(job, pod);
    if (isStarted) await this.#readLogs();
    if (end !== undefined || this.#isStuck()) {
      return outcomeOf(job, [...this.#pods.values()], this.#lastHindrance);
    }
    this.#tell(pod);
    return undefined;
  }

  async #seePods(job: KubeObject): Promise<void> {
    const { namespace, name } = this.#ref;
    const pods = await this.#without('its pods', () =>
      this.#kube.list(PODS, { namespace, labelSelector: `job-name=${name}` }),
    );
    for (const pod of pods ?? []) if (controllerUid(pod) === uidOf(job)) this.#pods.set(nameOf(pod), pod);
  }

  #newest(): KubeObject | undefined {
    return [...this.#pods.values()].toSorted((a, b) => (createdAt(a) < createdAt(b) ? 1 : -1))[0];
  }

  /** What keeps a pod from being made, or from starting, in doctor's words. */
  async #seeHindrance(job: KubeObject, pod: KubeObject | undefined): Promise<void> {
    const { eventsAfterMs = EVENTS_AFTER_MS } = this.#options.times ?? {};
    const { namespace } = this.#ref;
    const isDue = performance.now() - this.#began >= eventsAfterMs;
    const events = isDue
      ? ((await this.#without('events', () => this.#kube.list(EVENTS, { namespace }))) ?? [])
      : [];
    const run = { cronJob: cronJobOf(job), job };
    const [finding] =
      pod === undefined
        ? judgeCreation(run, eventsOf(events, this.#ref, uidOf(job)))
        : judgePodStart({ ...run, pod }, eventsOf(events, podRef(pod), uidOf(pod)), new Date());
    if (finding === undefined) this.#hindrance = undefined;
    else if (this.#hindrance?.finding.code !== finding.code)
      this.#hindrance = { finding, since: performance.now() };
    this.#lastHindrance = finding ?? this.#lastHindrance;
  }

  #isStuck(): boolean {
    const { stuckAfterMs = STUCK_AFTER_MS } = this.#options.times ?? {};
    return this.#hindrance !== undefined && performance.now() - this.#hindrance.since >= stuckAfterMs;
  }

  /** Those of pods before it first, so that nothing is read out of its order. */
  async #readLogs(): Promise<void> {
    const { onLog } = this.#options;
    if (onLog === undefined) return;
    const started = [...this.#pods.values()]
      .filter((pod) => runPod(pod).started && !this.#read.has(nameOf(pod)))
      .toSorted((a, b) => (createdAt(a) < createdAt(b) ? -1 : 1));
    for (const pod of started) {
      const name = nameOf(pod);
      const log = this.#logs.get(name) ?? this.#open(name);
      this.#logs.set(name, log);
      for (let isAll = false; !isAll; ) {
        const read = await this.#without(`the log of pod/${name}`, () => log.more());
        for (const line of read?.lines ?? []) onLog(line, name);
        isAll = read?.isAll ?? true;
      }
      if (runPod(pod).exitCode !== undefined) this.#read.add(name);
    }
  }

  #open(pod: string): FollowedLog {
    const { namespace } = this.#ref;
    return new FollowedLog(this.#kube, { namespace, pod, container: CONTAINER });
  }

  #tell(newest: KubeObject | undefined): void {
    const progress = this.#progress(newest);
    if (progress.text === this.#told) return;
    this.#told = progress.text;
    this.#options.onProgress(progress);
  }

  #progress(newest: KubeObject | undefined): JobProgress {
    const { name } = this.#ref;
    if (this.#hindrance !== undefined) {
      return { text: hindranceInWords(this.#hindrance.finding), isTrouble: true };
    }
    if (newest === undefined) {
      const text = this.#unseen.has('its pods') ? `job/${name} runs` : `job/${name} waits for its pod`;
      return { text, isTrouble: false };
    }
    const pod = runPod(newest);
    if (!pod.started) return { text: `pod/${pod.name} is starting`, isTrouble: false };
    if (pod.exitCode === undefined) return { text: `pod/${pod.name} runs`, isTrouble: false };
    if (pod.exitCode === 0) return { text: `pod/${pod.name} has ended`, isTrouble: false };
    const said = pod.said === '' ? '' : `: ${pod.said}`;
    return { text: `pod/${pod.name} ended with exit code ${pod.exitCode}${said}`, isTrouble: true };
  }

  /** What it does without is said once. */
  async #without<T>(what: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      // A pod that went since it was listed.
      if (error instanceof ApiError && error.status === 404) return undefined;
      if (!this.#unseen.has(what)) this.#options.onUnseen?.(`${what} can't be seen: ${error.message}`);
      this.#unseen.add(what);
      return undefined;
    }
  }
}

/** "pod/x: waits for its volume: persistentvolumeclaim/y (FailedScheduling: …)" */
export function hindranceInWords({ object, summary, evidence }: Finding): string {
  const about = object === undefined ? '' : `${object.kind.toLowerCase()}/${object.name}: `;
  const [first] = evidence;
  return `${about}${summary}${first === undefined ? '' : ` (${first.text})`}`;
}

function podRef(pod: KubeObject): ObjectRef {
  return { ...refOf(pod), apiVersion: 'v1', kind: 'Pod' };
}

/** What doctor's judges take of the CronJob that a Job came from: its name, and what it runs. */
export function cronJobOf(job: KubeObject): KubeObject {
  const owner = arrayAt(job, 'metadata', 'ownerReferences').find(
    (each) => stringAt(each, 'kind') === 'CronJob',
  );
  const { namespace = '', name } = refOf(job);
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: stringAt(owner, 'name') ?? name, namespace },
    spec: { jobTemplate: { spec: job.spec ?? {} } } as JsonObject,
  };
}
