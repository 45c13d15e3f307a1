import { displayName } from '../../model/kubernetes/object.ts';
import type { PausedRollout } from '../../model/kubernetes/paused-rollout.ts';
import { type Imposed, imposedText, isImposed } from '../../model/plan/imposed.ts';
import type { PodProof, Proof } from '../../model/plan/proof.ts';
import type { PodSettings } from '../../model/records/backup-format.ts';
import { compareSettings, isChangeableLive } from '../../model/settings/settings.ts';
import { settingText } from '../../output/setting-text.ts';

/** One pod's answers after the restore. */
export interface Witness {
  settings: PodSettings;
  canary?: { stored: boolean; readBack: boolean; deleted: boolean; refusal?: string };
}

/** What a proof takes into account beside the answers. */
export interface ProofTerms {
  /** Workloads that somebody holds back, by their names. */
  held?: ReadonlyMap<string, PausedRollout>;
  /** An undo puts no setting back that is changed in a running server: that is no failure of it. */
  by?: 'restore' | 'undo';
  /** What the API server makes of the objects, whatever is written. */
  imposed?: readonly Imposed[];
  /** By workload, settings that are left for the next start of its pods. */
  left?: ReadonlyMap<string, readonly { key: string }[]>;
  /** No canary was sent: before a restore, nothing is written to any cache. Their settings alone count then. */
  withoutCanary?: boolean;
  /** The backup holds no memcached workload. */
  withoutWorkload?: boolean;
}

/**
 * Weighs what the pods said against the backup: after a restore, and before one that has nothing to write. Pure.
 * "proved": every pod is of the new template, runs with the backup's settings and served a canary, and nothing is
 * left to say. "differs": a pod says otherwise. "unproven": a pod, or the backup itself, does not say, or somebody
 * wants it to keep its old settings for now.
 */
export function prove(witnesses: Witness[], expected: PodSettings[], terms: ProofTerms = {}): Proof {
  const { held, left, by = 'restore', imposed = [], withoutCanary = false, withoutWorkload = false } = terms;
  if (withoutWorkload)
    return { verdict: 'unproven', pods: [], notes: ['the backup holds no memcached workload'] };
  const pods = witnesses
    .map((witness) => provePod(witness, expected))
    .map((pod) => excuseLeft(pod, left?.get(pod.workload)))
    .map((pod) => excuse(pod, held?.get(pod.workload)))
    .map((pod) => (by === 'undo' ? excuseRunning(pod) : pod))
    .map((pod) => excuseImposed(pod, imposed));
  const notes = new Set<string>();
  if (expected.length === 0) notes.add('the backup holds no settings: it had no memcached pods');
  else if (expected.every((pod) => pod.stats === undefined))
    notes.add('no pod answered when the backup was taken');
  for (const each of imposed) if (each.weighs) notes.add(imposedText(displayName(each.ref), each));
  if (pods.length === 0) notes.add('there is no pod to ask (0 replicas)');
  const unasked = pods.length === 0 ? [] : workloadsWithout(witnesses, expected);
  for (const workload of unasked) notes.add(`${workload} has no pod to ask`);
  for (const workload of partlyCompared(witnesses, expected)) notes.add(onlyExplicit(workload));
  const isProved = (pod: PodProof): boolean =>
    pod.settings === 'equal' && (withoutCanary || pod.canary === 'passed');
  const verdict = pods.some((pod) => pod.settings === 'differs' || pod.canary === 'failed')
    ? 'differs'
    : notes.size === 0 && pods.every(isProved)
      ? 'proved'
      : 'unproven';
  return { verdict, pods, notes: [...notes] };
}

/** A pod that does not follow its template by itself is no failure of the restore, and no proof either. */
function excuse(pod: PodProof, held: PausedRollout | undefined): PodProof {
  if (held === undefined || pod.settings !== 'differs') return pod;
  const why = `it keeps its old settings, because ${held.why}`;
  return { ...pod, settings: 'unknown', why };
}

/** What only a restart changes was not to be changed. */
function excuseLeft(pod: PodProof, left: readonly { key: string }[] = []): PodProof {
  const { settings, differences, why } = pod;
  const keys = new Set(left.map(({ key }) => key));
  if (settings !== 'differs' || why !== undefined || !differences.every(({ key }) => keys.has(key)))
    return pod;
  const told = differences.map(
    ({ key, expected, actual }) =>
      `${key} is ${settingText(key, actual)}, the backup says ${settingText(key, expected)}`,
  );
  return { ...pod, settings: 'unknown', why: `${told.join('; ')}: left for its next start` };
}

/** Settings of a running server may have been sent to it before the restore, or since: nobody can tell. */
function excuseRunning(pod: PodProof): PodProof {
  const { settings, differences, why } = pod;
  const isOther = why !== undefined || !differences.every(({ key }) => isChangeableLive(key));
  if (settings !== 'differs' || isOther) return pod;
  const told = differences.map(
    ({ key, expected, actual }) =>
      `${key} is ${settingText(key, actual)}, before it was ${settingText(key, expected)}`,
  );
  return {
    ...pod,
    settings: 'unknown',
    why: `${told.join('; ')}: an undo puts back no setting that is changed in a running server`,
  };
}

/** What the API server makes of a template, no restore brings back. */
function excuseImposed(pod: PodProof, imposed: readonly Imposed[]): PodProof {
  const byServer = imposed.find(({ ref }) => displayName(ref) === pod.workload);
  const { settings, differences, why } = pod;
  if (settings !== 'differs' || why !== undefined || byServer === undefined) return pod;
  if (!differences.every((difference) => isImposed(difference, byServer))) return pod;
  const told = differences.map(
    ({ key, expected, actual }) =>
      `${key} is ${settingText(key, actual)}, the backup says ${settingText(key, expected)}`,
  );
  return { ...pod, settings: 'unknown', why: `${told.join('; ')}: the API server changes ${pod.workload}` };
}

/** Workloads that had memcached pods at the backup and have none now. */
function workloadsWithout(witnesses: Witness[], expected: PodSettings[]): string[] {
  const asked = new Set(witnesses.map(({ settings }) => settings.workload));
  return [...new Set(expected.map(({ workload }) => workload))].filter((workload) => !asked.has(workload));
}

/** Workloads of which only the settings that arguments name could be compared. */
function partlyCompared(witnesses: Witness[], expected: PodSettings[]): string[] {
  const partly = witnesses.filter(({ settings }) => {
    const own = expected.filter(({ workload }) => workload === settings.workload);
    return compareSettings(own, settings).compared === 'explicit';
  });
  return [...new Set(partly.map(({ settings }) => settings.workload))];
}

function onlyExplicit(workload: string): string {
  return `settings of ${workload} that its arguments do not name: the backup has them of another version of memcached, or not at all`;
}

function provePod({ settings: pod, canary }: Witness, expected: PodSettings[]): PodProof {
  const base = { pod: pod.name, workload: pod.workload };
  if (pod.stats === undefined) {
    return {
      ...base,
      settings: 'unknown',
      differences: [],
      changedLive: [],
      canary: 'unknown',
      why: pod.error ?? 'it did not answer',
    };
  }
  const passed = canary?.stored === true && canary.readBack && canary.deleted;
  const canaryVerdict = canary === undefined ? 'unknown' : passed ? 'passed' : 'failed';
  const whyCanary =
    canary === undefined || passed ? undefined : `the canary key failed: ${canary.refusal ?? 'no answer'}`;
  const own = expected.filter((candidate) => candidate.workload === pod.workload);
  const comparison = compareSettings(own, pod);
  if (!pod.current) {
    return {
      ...base,
      settings: 'differs',
      differences: comparison.differences,
      changedLive: comparison.changedLive,
      canary: canaryVerdict,
      why: 'it is of an older template',
    };
  }
  const compared = comparison.compared !== 'nothing';
  const settings = !compared ? 'unknown' : comparison.differences.length === 0 ? 'equal' : 'differs';
  const why = whyCanary ?? (compared ? undefined : 'the backup holds no settings to compare with');
  return {
    ...base,
    settings,
    differences: comparison.differences,
    changedLive: comparison.changedLive,
    canary: canaryVerdict,
    ...(why === undefined ? {} : { why }),
  };
}
