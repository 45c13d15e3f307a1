import type { PodSettings, SettingsVerdict } from '../records/backup-format.ts';
import { explicitSettings } from './explicit-settings.ts';
import { settingsInShort } from './settings-in-short.ts';

/** A setting that is not what the backup says. */
export interface SettingDifference {
  /** A key of `stats settings`. */
  key: string;
  /** What the backup says, as memcached prints it; undefined where the backup's pods have no such setting. */
  expected: string | undefined;
  /** What the pod says; undefined where it has no such setting. */
  actual: string | undefined;
}

/** What the backup says about a live pod's settings, and what the pod says. */
export interface SettingsComparison {
  /**
   * "all": both run one version, every setting was compared. "explicit": versions differ, or the backup's
   * pods did not answer; only settings that arguments name were compared, because defaults change between
   * versions. "nothing": the pod did not answer, or there was nothing to compare with.
   */
  compared: 'all' | 'explicit' | 'nothing';
  differences: SettingDifference[];
  /**
   * Differences that no restart removes: somebody had changed the running server before the backup, and
   * the pod has what its arguments say.
   */
  changedLive: SettingDifference[];
}

/** Not a setting: the moment of the last flush_all, in seconds of the process's life. */
const NOT_SETTINGS = new Set(['oldest']);

/**
 * Settings that a client can change in the running server, by the command (memcached/doc/protocol.txt), and what
 * a server is started with that no argument tells otherwise (memcached.c, settings_init; since 1.5.0).
 * slab_automove_window is none of them: its default changed between versions.
 */
const STARTED_WITH = new Map([
  ['maxbytes', String(64 * 1024 * 1024)], // cache_memlimit
  ['verbosity', '0'], // verbosity
  ['detail_enabled', 'no'], // stats detail
  ['slab_automove', '1'], // slabs automove
  ['slab_automove_ratio', '0.80'], // slabs automove ratio
  ['lru_crawler', 'yes'], // lru_crawler enable, disable
  ['lru_crawler_sleep', '100'], // lru_crawler sleep
  ['lru_crawler_tocrawl', '0'], // lru_crawler tocrawl
  ['lru_segmented', 'yes'], // lru mode
  ['hot_lru_pct', '20'], // lru tune
  ['warm_lru_pct', '40'],
  ['hot_max_factor', '0.20'],
  ['warm_max_factor', '2.00'],
  ['temp_lru', 'no'], // lru temp_ttl
  ['temporary_ttl', '61'],
  ['track_sizes', 'no'], // stats sizes_enable
]);

/** Whether a client can change a setting in the running server. */
export function isChangeableLive(key: string): boolean {
  return STARTED_WITH.has(key);
}

/**
 * Compares a live pod with what the backup says about its workload.
 * @param expected the backup's pods of the same workload. The one of the same name (StatefulSets) speaks for
 * it, else one made from the workload's template as it was, else any; one that answered goes first.
 * @param actual the live pod.
 */
export function compareSettings(expected: PodSettings[], actual: PodSettings): SettingsComparison {
  const reference = referenceFor(expected, actual.name);
  const nothing: SettingsComparison = { compared: 'nothing', differences: [], changedLive: [] };
  if (reference === undefined || actual.stats === undefined) return nothing;
  const told = explicitSettings(reference);
  const perPod = new Set([...told.perPod, ...explicitSettings(actual).perPod, ...NOT_SETTINGS]);

  if (reference.stats === undefined || reference.version !== actual.version) {
    if (told.settings.size === 0) return nothing;
    const differences = differing(told.settings, actual.stats, told.settings.keys(), perPod);
    return { compared: 'explicit', differences, changedLive: [] };
  }
  const wanted = new Map(Object.entries(reference.stats));
  const keys = new Set([...wanted.keys(), ...Object.keys(actual.stats)]);
  const differences = differing(wanted, actual.stats, keys, perPod);
  const isChangedLive = ({ key, actual: value }: SettingDifference): boolean =>
    STARTED_WITH.has(key) && value === (told.settings.get(key) ?? STARTED_WITH.get(key));
  return {
    compared: 'all',
    differences: differences.filter((difference) => !isChangedLive(difference)),
    changedLive: differences.filter(isChangedLive),
  };
}

/** What a backup's pods say of themselves, workload by workload: whether all answered, and alike. */
export function settingsVerdict(pods: PodSettings[]): SettingsVerdict {
  const answered = pods.filter((pod) => pod.stats !== undefined);
  const differingKeys = new Set<string>();
  for (const group of Map.groupBy(
    answered,
    ({ workload, container }) => `${workload} ${container}`,
  ).values()) {
    const [first, ...others] = group;
    for (const other of others) for (const key of disagreements(first, other)) differingKeys.add(key);
  }
  const inShort = settingsInShort(pods);
  const counts = {
    podsAnswered: answered.length,
    podsAsked: pods.length,
    differing: [...differingKeys].sort(),
    ...(inShort === undefined ? {} : { inShort }),
  };
  if (pods.length === 0) return { verdict: 'none', ...counts };
  if (answered.length === 0) return { verdict: 'unreachable', ...counts };
  if (differingKeys.size > 0) return { verdict: 'differ', ...counts };
  return { verdict: answered.length < pods.length ? 'partial' : 'agree', ...counts };
}

/** Two pods of one workload; of different versions, only what their arguments name can be compared. */
function disagreements(first: PodSettings | undefined, other: PodSettings): string[] {
  if (first?.stats === undefined || other.stats === undefined) return [];
  const a = explicitSettings(first);
  const b = explicitSettings(other);
  const keys =
    first.version === other.version
      ? [...Object.keys(first.stats), ...Object.keys(other.stats)]
      : [...a.settings.keys(), ...b.settings.keys()];
  const perPod = new Set([...a.perPod, ...b.perPod, ...NOT_SETTINGS]);
  return differing(new Map(Object.entries(first.stats)), other.stats, new Set(keys), perPod).map(
    ({ key }) => key,
  );
}

function referenceFor(expected: PodSettings[], name: string): PodSettings | undefined {
  const rank = (pod: PodSettings): number =>
    (pod.stats === undefined ? 0 : 4) + (pod.name === name ? 2 : 0) + (pod.current ? 1 : 0);
  return expected.toSorted((a, b) => rank(b) - rank(a))[0];
}

function differing(
  wanted: Map<string, string>,
  actual: Record<string, string>,
  keys: Iterable<string>,
  excluded: Set<string>,
): SettingDifference[] {
  return [...keys]
    .filter((key) => !excluded.has(key))
    .map((key) => ({
      key,
      expected: wanted.get(key),
      actual: Object.hasOwn(actual, key) ? actual[key] : undefined,
    }))
    .filter((difference) => difference.expected !== difference.actual);
}
