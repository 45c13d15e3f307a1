import { helm, kubectl } from '../../advice/command.ts';
import type { WayBack } from '../../model/findings/finding.ts';
import { arrayAt, objectAt, stringAt } from '../../model/json/json.ts';
import { annotationsOf, displayName, type KubeObject, refOf, uidOf } from '../../model/kubernetes/object.ts';
import { controllerUid, isPodReady, podTemplateOf } from '../../model/kubernetes/workload.ts';
import type { Rehearsal } from '../../model/plan/rehearsal.ts';
import type { PodSettings } from '../../model/records/backup-format.ts';
import { memcachedContainer } from '../../model/settings/memcached-container.ts';
import { describeEnv } from '../../model/settings/pod-settings.ts';
import { settingsInShort } from '../../model/settings/settings-in-short.ts';
import { formatAge } from '../../output/age.ts';
import { type AdvisedRelease, commandAbout } from '../advised-release.ts';
import type { ChosenBackup } from '../backup-of-choice.ts';
import { wouldWork } from '../restore/would-work.ts';
import { madeFrom, type PodSeen, type RevisionUp } from './revision-up.ts';

/** How a release comes back to what was up; each absent where it can't work, or nothing tells that it leads there. */
export interface WaysBack {
  /** This tool's restore of the newest healthy backup. */
  restore?: WayBack;
  /** Helm's rollback to the last revision that was up. */
  rollback?: WayBack;
}

export const NO_WAY_BACK: WaysBack = {};

/** The restore first: it also waits, proves what it did, and can be undone. */
export function inOrder({ restore, rollback }: WaysBack): WayBack[] {
  return [restore, rollback].filter((way) => way !== undefined);
}

/**
 * @param chosen a healthy one.
 * @param rehearsal undefined where the restore could not be tried.
 * @returns undefined where it would change nothing, or be refused for what no permission mends.
 */
export function restoreWay(
  chosen: ChosenBackup,
  rehearsal: Rehearsal | undefined,
  subject: AdvisedRelease,
  now: Date,
): WayBack | undefined {
  if (rehearsal !== undefined && !wouldWork(rehearsal)) return undefined;
  const { summary, address } = chosen.backup;
  const settings = summary?.settings.inShort;
  const age =
    summary === undefined ? '' : `, ${formatAge(now.getTime() - Date.parse(summary.startedAt))} old`;
  const { podsReady = 0, podsWanted = 0 } = summary?.health ?? {};
  return {
    advice: commandAbout({ ...subject, name: chosen.selector }, 'restore'),
    why: `the backup ${address.id}${age}, found ${podsReady} of ${podsWanted} pods ready`,
    ...(settings === undefined ? {} : { settings }),
    ...(rehearsal === undefined ? {} : { cachesEmptied: rehearsal.plan.cachesEmptied }),
  };
}

/** @param pods of the release's memcached workloads, ready or not. */
export function rollbackWay(
  up: RevisionUp,
  pods: readonly PodSeen[],
  { namespace, name }: { namespace: string; name: string },
): WayBack {
  const stays = new Set(up.workloads.flatMap((workload) => madeFrom(pods, workload)));
  const settings = settingsInShort(up.workloads.flatMap(toldBy));
  return {
    advice: helm('rollback', name, String(up.revision.revision), '-n', namespace),
    why: `revision ${up.revision.revision}: ${up.how}`,
    ...(settings === undefined ? {} : { settings }),
    cachesEmptied: pods.filter(({ pod }) => isPodReady(pod) && !stays.has(pod)).length,
  };
}

/**
 * Of a Deployment of plain YAML: back to the template whose pods are still ready. Named by its number: the one before the present
 * one may be another bad attempt.
 * @param ready pods of an older template.
 */
export function undoWay(
  workload: KubeObject,
  ready: readonly KubeObject[],
  replicaSets: readonly KubeObject[],
): WayBack {
  const ref = refOf(workload);
  const owner = replicaSets.find((set) => uidOf(set) === controllerUid(ready[0]!));
  const number = owner && annotationsOf(owner)['deployment.kubernetes.io/revision'];
  const settings = settingsInShort(
    ready.slice(0, 1).flatMap((pod) => toldBy({ ...workload, spec: { template: pod } })),
  );
  return {
    advice: kubectl(
      ...(ref.namespace === undefined ? [] : ['-n', ref.namespace]),
      ...['rollout', 'undo', displayName(ref)],
      ...(number === undefined ? [] : [`--to-revision=${number}`]),
    ),
    why: `${displayName(refOf(ready[0]!))} is of that template, and ready`,
    ...(settings === undefined ? {} : { settings }),
    cachesEmptied: ready.filter((pod) => controllerUid(pod) !== controllerUid(ready[0]!)).length,
  };
}

/** What a workload's template tells memcached, as a pod of it would be described. */
function toldBy(workload: KubeObject): PodSettings[] {
  const found = memcachedContainer(objectAt(podTemplateOf(workload), 'spec') ?? {});
  if (found === undefined) return [];
  const { container } = found;
  return [
    {
      name: '',
      workload: displayName(refOf(workload)),
      current: true,
      container: stringAt(container, 'name') ?? '',
      image: stringAt(container, 'image') ?? '',
      command: arrayAt(container, 'command').map(String),
      args: arrayAt(container, 'args').map(String),
      env: arrayAt(container, 'env').map(describeEnv),
      ready: false,
    },
  ];
}
