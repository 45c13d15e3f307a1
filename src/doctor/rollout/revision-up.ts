import { type HelmRevision, sortRevisions } from '../../model/helm/helm-release.ts';
import { isBlocking } from '../../model/helm/restored-record.ts';
import { stringAt } from '../../model/json/json.ts';
import { displayName, type KubeObject, nameOf, refOf } from '../../model/kubernetes/object.ts';
import { isMemcachedWorkload, isPodReady, podTemplateOf } from '../../model/kubernetes/workload.ts';
import { objectsOfRevision } from '../../model/release/release-objects.ts';
import { formatAge } from '../../output/age.ts';
import { mayBeMadeFrom } from './made-from.ts';

/** A revision of Helm's at which the release's pods were up, and what shows that. */
export interface RevisionUp {
  revision: HelmRevision;
  /** One clause: "pod/cart-1 is ready and runs as it says". */
  how: string;
  /** Its memcached workloads, as its manifest has them. */
  workloads: KubeObject[];
}

/** A backup that was taken while the release was up. */
export interface HealthyMoment {
  id: string;
  /** RFC 3339. */
  at: string;
  /** Helm's newest revision then. */
  revision: number;
}

/** A pod, and the workload that it belongs to, as `displayName` calls it. */
export interface PodSeen {
  workload: string;
  pod: KubeObject;
}

/** One that was in force for less is no better than the newest, as far as can be told, milliseconds. */
const LASTED_MS = 10 * 60_000;
/** Manifests of older ones are not read: each may take megabytes. */
const NEWEST = 20;

/**
 * The last revision before the newest whose pods were up: its pods are ready now, or a backup found them ready; where nothing
 * proves it of any, the one that was in force for longest. None of which the pods that are down may have been made, and none
 * that failed: whoever rolls back to such a one is where he was. Undefined where nothing tells.
 * @param pods of the release's memcached workloads, ready or not.
 * @param moments healthy backups of this release in this cluster.
 */
export function lastRevisionUp(
  history: readonly HelmRevision[],
  pods: readonly PodSeen[],
  moments: readonly HealthyMoment[],
): RevisionUp | undefined {
  const sorted = sortRevisions([...history]).slice(-NEWEST);
  const [ready, down] = [true, false].map((is) => pods.filter(({ pod }) => isPodReady(pod) === is));
  // What is being uninstalled was the release until then.
  const earlier = sorted.at(-1)?.status === 'uninstalling' ? sorted : sorted.slice(0, -1);
  const unproved: Omit<RevisionUp, 'how'>[] = [];
  // One after the other: a manifest may take long to read.
  for (const revision of earlier.toReversed()) {
    if (!isSettled(revision) && revision.status !== 'uninstalling') continue;
    const workloads = workloadsOf(revision);
    if (workloads.length === 0 || workloads.some((workload) => madeFrom(down!, workload).length > 0))
      continue;
    const how = proofOf({ revision, workloads }, ready!, moments);
    if (how !== undefined) return { revision, workloads, how };
    unproved.push({ revision, workloads });
  }
  const lasting = unproved.map((each) => ({ each, lasted: timeInForce(each.revision, sorted) }));
  const [longest] = lasting.toSorted((x, y) => y.lasted - x.lasted);
  if (longest === undefined || longest.lasted < LASTED_MS) return undefined;
  return { ...longest.each, how: `it was in force for ${formatAge(longest.lasted)}, longer than any other` };
}

/** Those of these pods that are of the workload and may have been made from its template. */
export function madeFrom(pods: readonly PodSeen[], workload: KubeObject): KubeObject[] {
  const name = displayName(refOf(workload));
  const template = podTemplateOf(workload);
  return pods.flatMap(({ workload: own, pod }) =>
    own === name && mayBeMadeFrom(pod, template) ? [pod] : [],
  );
}

/** An operation that did not end, or ended badly, is nothing to go back to. */
function isSettled(revision: HelmRevision): boolean {
  return revision.status !== 'failed' && revision.status !== 'uninstalled' && !isBlocking(revision);
}

function proofOf(
  { revision: { revision, document }, workloads }: Omit<RevisionUp, 'how'>,
  ready: readonly PodSeen[],
  moments: readonly HealthyMoment[],
): string | undefined {
  const up = workloads.map((workload) => madeFrom(ready, workload));
  if (up.every((pods) => pods.length > 0)) {
    const [first, ...more] = up.flat();
    const name = `pod/${nameOf(first!)}`;
    return more.length === 0
      ? `${name} is ready and runs as it says`
      : `${name} and ${more.length} more are ready and run as it says`;
  }
  const deployed = Date.parse(stringAt(document, 'info', 'last_deployed') ?? '');
  const moment = moments.find((each) => each.revision === revision && Date.parse(each.at) >= deployed);
  return moment === undefined ? undefined : `the backup ${moment.id} found its pods ready`;
}

/** Until the next revision was written, whatever became of that, or it was uninstalled; milliseconds, 0 where it can't be told. */
function timeInForce({ revision, document }: HelmRevision, sorted: readonly HelmRevision[]): number {
  const next = sorted.find((each) => each.revision > revision);
  const began = Date.parse(stringAt(document, 'info', 'last_deployed') ?? '');
  const ended =
    next === undefined
      ? stringAt(document, 'info', 'deleted')
      : stringAt(next.document, 'info', 'last_deployed');
  return Date.parse(ended ?? '') - began || 0;
}

/** The memcached workloads in its manifest; none where that is no YAML. */
function workloadsOf(revision: HelmRevision): KubeObject[] {
  try {
    return objectsOfRevision(revision).filter(isMemcachedWorkload);
  } catch {
    return [];
  }
}
