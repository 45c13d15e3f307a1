import type { Advice } from '../../advice/advice.ts';
import type { Command } from '../../advice/command.ts';
import type { Evidence, Finding } from '../../model/findings/finding.ts';
import { stringAt, valueAt } from '../../model/json/json.ts';
import { eventsOf, type ReportedEvent } from '../../model/kubernetes/event.ts';
import { displayName, type KubeObject, refOf, uidOf } from '../../model/kubernetes/object.ts';
import { condition, rolloutOf } from '../../model/kubernetes/rollout.ts';
import { waitsForEachPod, wasNeverReady } from '../../model/kubernetes/stuck-pods.ts';
import type { PodOfWorkload } from '../../model/kubernetes/workload.ts';
import { isPodReady } from '../../model/kubernetes/workload.ts';
import { type Code, finding } from '../catalogue.ts';
import { kubectl } from '../flag-command.ts';
import { isScaleUp } from '../scale-up.ts';
import { type BlockingReason, blockingReasonOf } from './blocking-reason.ts';
import type { RolloutSubject } from './rollout-subject.ts';

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
  const make = (code: Code, summary: string, evidence: Evidence[], advice: Advice[]): Finding =>
    finding(code, {
      object: ref,
      release,
      summary,
      evidence: [...evidence, { text: progressText(state.message, ref, pods) }],
      advice,
      about,
    });
  const found: Finding[] = [];
  const refusal = refusalOf(workload, pods, events);
  if (refusal !== undefined) {
    const text = `${refusal.reason}: ${refusal.message}`;
    const evidence = refusal.at === '' ? { text } : { text, at: refusal.at };
    const isQuota = /quota/i.test(refusal.message);
    found.push(
      make(
        'MB532',
        'its pods are refused',
        [evidence],
        [`${kubectl(workload)} ${isQuota ? 'describe resourcequota' : `describe ${displayName(ref)}`}`],
      ),
    );
  }
  for (const [code, group] of Map.groupBy(blocked, ({ blocking }) => blocking.code)) {
    const evidence = group.flatMap(({ pod, blocking }) => [
      prefixed(pod, blocking.evidence),
      ...waitedFor(subject, pod),
      ...(logs.get(refOf(pod).name) ?? []).map((line) => ({ text: `log: ${line}` })),
    ]);
    found.push(make(code, SAYS[code], unique(evidence), fixOf(code, group, subject)));
  }
  if (found.length > 0) return found;
  if (state.failed) {
    const message = stringAt(condition(workload, 'Progressing'), 'message') ?? 'ProgressDeadlineExceeded';
    const fix = [`${kubectl(workload)} describe ${displayName(ref)}`];
    return [make('MB537', 'its rollout has stopped, and nothing shows why', [{ text: message }], fix)];
  }
  const watch = `${kubectl(workload)} rollout status ${displayName(ref)}`;
  return [make('MB530', 'its rollout is under way', nodesToCome(pods, events), [watch])];
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

function fixOf(
  code: BlockingReason['code'],
  blocked: readonly BlockedPod[],
  { ref, pods, workload, restore }: RolloutSubject,
): Advice[] {
  const { pod, blocking } = blocked[0]!;
  const command = kubectl(pod);
  const name = refOf(pod).name;
  const undo = waitsForEachPod(workload)
    ? waysOut(blocked, pods, restore)
    : isTemplateToBlame(blocked, pods)
      ? [`${command} rollout undo ${displayName(ref)}`]
      : [];
  switch (code) {
    case 'MB531':
      return [...undo, `${command} get pod ${name} -o jsonpath='{.spec.containers[*].image}'`];
    case 'MB535':
      return [`${command} logs ${name} -c ${blocking.container ?? ''} --previous`, ...undo];
    case 'MB533':
    case 'MB534':
    case 'MB536':
      return [`${command} describe pod ${name}`, ...undo];
  }
}

/**
 * Only pods of the new template are blocked, and some of the last one are left. Otherwise no template was changed
 * (a Secret was deleted, nodes are full), and `rollout undo` would bring back one that has nothing to do with it.
 */
function isTemplateToBlame(blocked: readonly BlockedPod[], pods: readonly PodOfWorkload[]): boolean {
  const stuck = new Set(blocked.map(({ pod }) => pod));
  return pods.some(({ current }) => !current) && pods.every(({ pod, current }) => current || !stuck.has(pod));
}

/**
 * A StatefulSet that waits for each pod never replaces one that never becomes ready, whatever its template becomes:
 * a restore deletes it, and `rollout undo` alone would not help.
 */
function waysOut(blocked: readonly BlockedPod[], pods: readonly PodOfWorkload[], restore: Command): Advice[] {
  const stuck = blocked.map(({ pod }) => pod).filter(wasNeverReady);
  const old = stuck.filter((pod) => pods.some((each) => each.pod === pod && !each.current));
  if (old.length === 0 && (stuck.length === 0 || !isTemplateToBlame(blocked, pods))) return [];
  return [restore, ...old.map((pod) => `${kubectl(pod)} delete pod ${refOf(pod).name}`)];
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
