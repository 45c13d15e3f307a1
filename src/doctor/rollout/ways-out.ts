import { andThen, type Command } from '../../advice/command.ts';
import type { WayBack } from '../../model/findings/finding.ts';
import { type KubeObject, nameOf } from '../../model/kubernetes/object.ts';
import { waitsForEachPod, wasNeverReady } from '../../model/kubernetes/stuck-pods.ts';
import { isPodReady, type PodOfWorkload } from '../../model/kubernetes/workload.ts';
import { kubectlAt } from '../flag-command.ts';
import type { BlockingReason } from './blocking-reason.ts';
import type { RolloutSubject } from './rollout-subject.ts';
import { inOrder, undoWay } from './ways-back.ts';

/** How pods that don't get on come to run again. */
export interface WaysOut {
  waysBack: WayBack[];
  /** Pods to delete, which nothing replaces by itself. */
  deletions: Command[];
}

const NONE: WaysOut = { waysBack: [], deletions: [] };
/** What a template says of the container itself: where all pods are of it and fail so, it is to blame. */
const OF_TEMPLATE: readonly BlockingReason['code'][] = ['MB531', 'MB534', 'MB535'];

/**
 * The ways back that help with these pods: of a Helm release never kubectl's own undo, which leaves Helm's record wrong. Nothing
 * where no template was changed, but what a restore puts back (a Secret that was deleted).
 * @param blocked pods of the workload, of one code.
 */
export function waysOut(
  code: BlockingReason['code'],
  blocked: readonly KubeObject[],
  subject: RolloutSubject,
): WaysOut {
  const { workload, pods, ways, isHelm, replicaSets } = subject;
  const { restore, rollback } = ways;
  const isNew = isTemplateToBlame(blocked, pods);
  const toBlame = isNew || (OF_TEMPLATE.includes(code) && pods.every(({ current }) => current));
  if (waitsForEachPod(workload)) return ofOrderedSet(blocked, subject, toBlame);
  if (!toBlame) return code === 'MB536' && restore !== undefined ? { ...NONE, waysBack: [restore] } : NONE;
  if (isHelm) return { ...NONE, waysBack: inOrder(ways) };
  const ready = isNew ? pods.filter(({ pod, current }) => !current && isPodReady(pod)) : [];
  const undo =
    ready.length === 0
      ? undefined
      : undoWay(
          workload,
          ready.map(({ pod }) => pod),
          replicaSets,
        );
  return { ...NONE, waysBack: [restore, undo, rollback].filter((way) => way !== undefined) };
}

/**
 * A StatefulSet that waits for each pod never replaces one that never becomes ready, whatever its template becomes: a restore
 * deletes it; after a rollback somebody has to, and kubectl's undo alone would not help.
 */
function ofOrderedSet(
  blocked: readonly KubeObject[],
  { workload, pods, ways, isHelm }: RolloutSubject,
  toBlame: boolean,
): WaysOut {
  const stuck = blocked.filter(wasNeverReady);
  const isOld = (pod: KubeObject): boolean => pods.some((each) => each.pod === pod && !each.current);
  const old = stuck.filter(isOld);
  if (old.length === 0 && (stuck.length === 0 || !toBlame)) return NONE;
  const remove = (some: readonly KubeObject[]): Command =>
    kubectlAt(workload, 'delete', 'pod', ...some.map(nameOf));
  const rollback =
    old.length > 0 || !isHelm || ways.rollback === undefined
      ? undefined
      : { ...ways.rollback, advice: andThen(ways.rollback.advice, remove(stuck)) };
  return {
    waysBack: [ways.restore, rollback].filter((way) => way !== undefined),
    deletions: old.length === 0 ? [] : [remove(old)],
  };
}

/**
 * Only pods of the new template are blocked, and some of the last one are left. Otherwise no template was changed
 * (a Secret was deleted, nodes are full), and an undo would bring back one that has nothing to do with it.
 */
export function isTemplateToBlame(blocked: readonly KubeObject[], pods: readonly PodOfWorkload[]): boolean {
  const stuck = new Set(blocked);
  return pods.some(({ current }) => !current) && pods.every(({ pod, current }) => current || !stuck.has(pod));
}
