import type { Advice } from '../../advice/advice.ts';
import type { Evidence, Finding } from '../../model/findings/finding.ts';
import { stringAt, valueAt } from '../../model/json/json.ts';
import { eventsOf, type ReportedEvent } from '../../model/kubernetes/event.ts';
import { displayName, type KubeObject, nameOf, refOf, uidOf } from '../../model/kubernetes/object.ts';
import { condition, rolloutOf } from '../../model/kubernetes/rollout.ts';
import { waitsForEachPod, wasNeverReady } from '../../model/kubernetes/stuck-pods.ts';
import type { PodOfWorkload } from '../../model/kubernetes/workload.ts';
import { isPodReady } from '../../model/kubernetes/workload.ts';
import { type Code, type FindingText, finding } from '../catalogue.ts';
import { kubectlAt } from '../flag-command.ts';
import { isScaleUp } from '../scale-up.ts';
import { type BlockingReason, blockingReasonOf } from './blocking-reason.ts';
import type { RolloutSubject } from './rollout-subject.ts';
import { inOrder } from './ways-back.ts';
import { type WaysOut, waysOut } from './ways-out.ts';

/** A pod, and what keeps it from being ready. */
export interface BlockedPod {
  pod: KubeObject;
  blocking: BlockingReason;
}

/** The pods of a workload that don't get on. */
export function blockedPods(pods: PodOfWorkload[], events: readonly KubeObject[], now: Date): BlockedPod[] {
  return pods
    .filter(({ pod }) => !isPodReady(pod))
    .flatMap(({ pod }) => {
      const blocking = blockingReasonOf(pod, eventsOf(events, refOf(pod), uidOf(pod)), now);
      return blocking === undefined ? [] : [{ pod, blocking }];
    });
}

const SAYS: Record<BlockingReason['code'], string> = {
  MB531: 'its pods’ image can’t be pulled',
  MB533: 'there is no node for its pods',
  MB534: 'its pods run and don’t become ready',
  MB535: 'its pods’ containers end again and again',
  MB536: 'its pods’ containers can’t be made',
};

/**
 * Why a workload's pods are not all there, of its present template and ready; nothing where they are. One
 * finding a cause.
 * @param logs last lines of the log of a pod's container, by the pod's name.
 */
export function judgeRollout(
  subject: RolloutSubject,
  blocked: readonly BlockedPod[],
  events: readonly KubeObject[],
  logs: ReadonlyMap<string, string[]>,
): Finding[] {
  const { workload, ref, pods, release } = subject;
  const state = rolloutOf(workload);
  if (state.done) return [];
  const about = pods.map(({ pod }) => refOf(pod));
  const make = (
    code: Code,
    summary: string,
    evidence: Evidence[],
    more: Pick<FindingText, 'advice' | 'waysBack' | 'since'>,
  ): Finding =>
    finding(code, {
      object: ref,
      release,
      summary,
      evidence: [...evidence, { text: progressText(state.message, ref, pods) }],
      ...more,
      about,
    });
  const found: Finding[] = [];
  const refusal = refusalOf(workload, pods, events);
  if (refusal !== undefined) {
    const text = `${refusal.reason}: ${refusal.message}`;
    const evidence = refusal.at === '' ? { text } : { text, at: refusal.at };
    const isQuota = /quota/i.test(refusal.message);
    found.push(
      make('MB532', 'its pods are refused', [evidence], {
        since: refusal.at === '' ? undefined : refusal.at,
        advice: [kubectlAt(workload, 'describe', isQuota ? 'resourcequota' : displayName(ref))],
      }),
    );
  }
  for (const [code, group] of Map.groupBy(blocked, ({ blocking }) => blocking.code)) {
    const evidence = group.flatMap(({ pod, blocking }) => [
      prefixed(pod, blocking.evidence),
      ...waitedFor(subject, pod),
      ...(logs.get(refOf(pod).name) ?? []).map((line) => ({ text: `log: ${line}` })),
    ]);
    const stuck = group.map(({ pod }) => pod);
    const out = waysOut(code, stuck, subject);
    const since = stuck.map(downSince).sort()[0];
    const advice = adviceOn(code, group[0]!, out);
    found.push(make(code, SAYS[code], unique(evidence), { since, advice, waysBack: out.waysBack }));
  }
  if (found.length > 0) return found;
  if (state.failed) {
    const message = stringAt(condition(workload, 'Progressing'), 'message') ?? 'ProgressDeadlineExceeded';
    const waysBack = pods.some(({ current }) => !current) ? inOrder(subject.ways) : [];
    return [
      make('MB537', 'its rollout has stopped, and nothing shows why', [{ text: message }], {
        since: stringAt(condition(workload, 'Progressing'), 'lastTransitionTime'),
        advice: [
          kubectlAt(workload, 'describe', displayName(ref)),
          ...waysBack.map((way): Advice => way.advice),
        ],
        waysBack,
      }),
    ];
  }
  const watch = kubectlAt(workload, 'rollout', 'status', displayName(ref));
  const coming = nodesToCome(pods, events);
  return [make('MB530', 'its rollout is under way', coming, { advice: [watch] })];
}

/** What a controller says of pods that it may not make: quota, admission, a missing ServiceAccount. */
function refusalOf(
  workload: KubeObject,
  pods: readonly PodOfWorkload[],
  events: readonly KubeObject[],
): ReportedEvent | undefined {
  const failure = condition(workload, 'ReplicaFailure');
  if (stringAt(failure, 'status') === 'True') {
    return {
      reason: stringAt(failure, 'reason') ?? 'FailedCreate',
      message: stringAt(failure, 'message') ?? '',
      at: stringAt(failure, 'lastTransitionTime') ?? '',
      count: 1,
    };
  }
  if (workload.kind === 'Deployment') return undefined;
  const made = pods.map(({ pod }) => stringAt(pod, 'metadata', 'creationTimestamp') ?? '');
  const newest = made.sort().at(-1) ?? '';
  return eventsOf(events, refOf(workload), uidOf(workload)).find(
    ({ reason, at }) => reason === 'FailedCreate' && at >= newest,
  );
}

/** "deployment.apps/x: 1 of 2 pods are of the new template; 1 pod of an older one" */
function progressText(message: string, ref: RolloutSubject['ref'], pods: PodOfWorkload[]): string {
  const old = pods.filter(({ current }) => !current).length;
  const progress = message.replace(`${displayName(ref)}: `, '');
  return old === 0 || old === pods.length
    ? progress
    : `${progress}; pods of two templates at once, ${old} of an older one`;
}

/** What to look at, and what to do. */
function adviceOn(
  code: BlockingReason['code'],
  { pod, blocking }: BlockedPod,
  { waysBack, deletions }: WaysOut,
): Advice[] {
  const name = nameOf(pod);
  const out = [...waysBack.map(({ advice }) => advice), ...deletions];
  switch (code) {
    case 'MB531':
      return [kubectlAt(pod, 'get', 'pod', name, '-o', 'jsonpath={.spec.containers[*].image}'), ...out];
    case 'MB535':
      return [kubectlAt(pod, 'logs', name, '-c', blocking.container ?? '', '--previous'), ...out];
    case 'MB533':
    case 'MB534':
    case 'MB536':
      return [kubectlAt(pod, 'describe', 'pod', name), ...out];
  }
}

/** Since when a pod is not ready: one that never was, since it was made. */
function downSince(pod: KubeObject): string {
  const made = stringAt(pod, 'metadata', 'creationTimestamp') ?? '';
  if (wasNeverReady(pod)) return made;
  return stringAt(condition(pod, 'Ready'), 'lastTransitionTime') ?? made;
}

function waitedFor({ workload, ref, pods }: RolloutSubject, pod: KubeObject): Evidence[] {
  const isOld = pods.some((each) => each.pod === pod && !each.current);
  if (!isOld || !waitsForEachPod(workload)) return [];
  const text = `of an older template; ${displayName(ref)} waits for it to become ready (podManagementPolicy OrderedReady)`;
  return [prefixed(pod, { text })];
}

/** What an autoscaler says of pods that no node takes yet. */
function nodesToCome(pods: readonly PodOfWorkload[], events: readonly KubeObject[]): Evidence[] {
  return pods.flatMap(({ pod }) => {
    if (stringAt(condition(pod, 'PodScheduled'), 'status') !== 'False') return [];
    const event = eventsOf(events, refOf(pod), uidOf(pod)).find(isScaleUp);
    if (event === undefined) return [];
    const text = `${event.reason}: ${event.message}`;
    return [prefixed(pod, event.at === '' ? { text } : { text, at: event.at })];
  });
}

function prefixed(pod: KubeObject, { text, ...when }: Evidence): Evidence {
  return { text: `${displayName(refOf(pod))}: ${text}`, ...when };
}

function unique(evidence: Evidence[]): Evidence[] {
  return [...new Map(evidence.map((each) => [each.text, each])).values()];
}

/** Whether the controller is told to wait. */
export function isPaused(workload: KubeObject): boolean {
  return valueAt(workload, 'spec', 'paused') === true;
}
