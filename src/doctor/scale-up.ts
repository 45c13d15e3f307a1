import type { ReportedEvent } from '../model/kubernetes/event.ts';

/**
 * An autoscaler makes a node for the pod, or says that it can't: the cluster autoscaler (its FAQ, "What events are
 * emitted by CA?") and Karpenter ("Nominated").
 */
const COMES = new Set(['TriggeredScaleUp', 'Nominated']);
const COMES_NOT = 'NotTriggerScaleUp';
/** A node of a cloud is there within so long, milliseconds; the scheduler goes on saying that there is none. */
const A_NODE_TAKES_MS = 3 * 60_000;

/** Whether an autoscaler says so that it makes a node for the pod. */
export function isScaleUp({ reason }: Pick<ReportedEvent, 'reason'>): boolean {
  return COMES.has(reason);
}

/**
 * Whether a node is being made for a pod that none takes: the newest event says so, or said so a moment ago.
 * @param events about the pod, the newest first.
 */
export function isNodeComing(events: readonly ReportedEvent[], now: Date): boolean {
  const told = events.find((event) => isScaleUp(event) || event.reason === COMES_NOT);
  if (told === undefined || !isScaleUp(told)) return false;
  return told === events[0] || now.getTime() - Date.parse(told.at) < A_NODE_TAKES_MS;
}
