import type { Evidence } from '../../model/findings/finding.ts';
import {
  arrayAt,
  isObject,
  type Json,
  type JsonObject,
  numberAt,
  objectAt,
  stringAt,
  valueAt,
} from '../../model/json/json.ts';
import { endCause, waitingCause } from '../../model/kubernetes/container-reason.ts';
import { isSoonOver, type ReportedEvent } from '../../model/kubernetes/event.ts';
import { type KubeObject, nameOf } from '../../model/kubernetes/object.ts';
import { condition } from '../../model/kubernetes/rollout.ts';
import { isNodeComing } from '../scale-up.ts';
import { type TimeToBeReady, timeToBeReady } from './time-to-be-ready.ts';

/** Why one pod does not get on. */
export interface BlockingReason {
  code: 'MB531' | 'MB533' | 'MB534' | 'MB535' | 'MB536';
  evidence: Evidence;
  /** The container to blame; undefined where it is the pod. */
  container?: string;
}

/** The first thing that keeps a pod from being ready; undefined where it may just need a moment. */
export function blockingReasonOf(
  pod: KubeObject,
  events: ReportedEvent[],
  now: Date,
): BlockingReason | undefined {
  const scheduled = condition(pod, 'PodScheduled');
  if (stringAt(scheduled, 'status') === 'False') {
    if (isNodeComing(events, now)) return undefined;
    const text = `${stringAt(scheduled, 'reason') ?? 'Unschedulable'}: ${stringAt(scheduled, 'message') ?? ''}`;
    return { code: 'MB533', evidence: dated(text, stringAt(scheduled, 'lastTransitionTime')) };
  }
  for (const { status, container, isInit } of containersOf(pod)) {
    const found = blockingReasonOfContainer(status, timeToBeReady(container, status, isInit), events, now);
    if (found !== undefined) return { container: stringAt(status, 'name') ?? '', ...found };
  }
  const mount = events.find(
    (event) =>
      (event.reason === 'FailedMount' || event.reason === 'FailedAttachVolume') && !isSoonOver(event),
  );
  const isStarting = stringAt(pod, 'status', 'phase') === 'Pending';
  return isStarting && mount !== undefined
    ? { code: 'MB536', evidence: dated(`${mount.reason}: ${mount.message}`, mount.at) }
    : undefined;
}

/** Init containers first, as they run. */
function containersOf(
  pod: KubeObject,
): { status: JsonObject; container: Json | undefined; isInit: boolean }[] {
  return [true, false].flatMap((isInit) => {
    const specs = arrayAt(pod, 'spec', isInit ? 'initContainers' : 'containers');
    const statuses = arrayAt(pod, 'status', isInit ? 'initContainerStatuses' : 'containerStatuses');
    return statuses.filter(isObject).map((status) => {
      const name = stringAt(status, 'name');
      return { status, container: specs.find((each) => stringAt(each, 'name') === name), isInit };
    });
  });
}

function blockingReasonOfContainer(
  status: JsonObject,
  allowed: TimeToBeReady,
  events: ReportedEvent[],
  now: Date,
): BlockingReason | undefined {
  const waiting = objectAt(status, 'state', 'waiting');
  const reason = stringAt(waiting, 'reason') ?? '';
  const message = stringAt(waiting, 'message') ?? '';
  const cause = waitingCause(reason);
  if (cause === 'image') return { code: 'MB531', evidence: { text: `${reason}: ${message}` } };
  if (cause === 'start') return { code: 'MB536', evidence: { text: `${reason}: ${message}` } };
  const ended = objectAt(status, 'state', 'terminated') ?? objectAt(status, 'lastState', 'terminated');
  const isDown = cause === 'crash-loop' || objectAt(status, 'state', 'terminated') !== undefined;
  const why = endCause(stringAt(ended, 'reason'), numberAt(ended, 'exitCode'));
  if (isDown && why === 'start') {
    const text = `${stringAt(ended, 'reason')}: ${stringAt(ended, 'message') ?? ''}`;
    return { code: 'MB536', evidence: dated(text, stringAt(ended, 'finishedAt')) };
  }
  if (isDown && why !== undefined) {
    const text = `${stringAt(ended, 'reason') ?? 'Error'}, exit code ${numberAt(ended, 'exitCode')}, ${numberAt(status, 'restartCount') ?? 0} restarts`;
    return { code: 'MB535', evidence: dated(text, stringAt(ended, 'finishedAt')) };
  }
  const running = stringAt(status, 'state', 'running', 'startedAt');
  if (running === undefined || valueAt(status, 'ready') === true) return undefined;
  const probes = events.filter(({ reason: what }) => what === 'Unhealthy');
  const failed = probes.reduce((sum, { count }) => sum + count, 0);
  const isLong = now.getTime() - Date.parse(running) > allowed.ms;
  if (!isLong && failed < allowed.failedProbes) return undefined;
  const [probe] = probes;
  return probe === undefined
    ? { code: 'MB534', evidence: dated('it runs and is not ready', running) }
    : { code: 'MB534', evidence: dated(`${probe.message.trim()} (${failed} times)`, probe.at) };
}

/** Which container's log tells why; undefined where none has run. */
export function loggedContainer(
  pod: KubeObject,
  blocking: BlockingReason,
): { pod: string; container: string } | undefined {
  if (blocking.container === undefined || (blocking.code !== 'MB535' && blocking.code !== 'MB534'))
    return undefined;
  return { pod: nameOf(pod), container: blocking.container };
}

function dated(text: string, at: string | undefined): Evidence {
  return at === undefined || at === '' ? { text } : { text, at };
}
