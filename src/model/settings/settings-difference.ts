import { displayName, type KubeObject, refOf } from '../kubernetes/object.ts';
import { isMemcachedWorkload } from '../kubernetes/workload.ts';
import type { PodSettings } from '../records/backup-format.ts';
import { compareSettings } from './settings.ts';
import { settingsOfWorkload } from './workload-settings.ts';

/** A value, and the pods that say so; undefined: they have no such setting. */
export interface Said {
  value: string | undefined;
  pods: string[];
}

/** One setting of one workload, as three witnesses have it. */
export interface SettingRow {
  workload: string;
  /** A key of `stats settings`, or "version". */
  setting: string;
  /** What arguments and env of the workload ask for now; undefined where they leave it to memcached. */
  configured: string | undefined;
  /** What its pods run with. */
  pods: Said[];
  /** What the backup's pods ran with. */
  backup: Said[];
  differs: boolean;
}

export interface SettingsDifference {
  /** Every setting of every workload, by workload and name. */
  rows: SettingRow[];
  /** Pods whose settings could not be compared although the backup has them, and why. */
  unproven: string[];
}

/**
 * Compares what pods run with now and ran with at the backup, beside what the workload's definition says.
 * @param before the backup's pods.
 * @param after the pods of the other side.
 * @param workloads the other side's workloads.
 */
export function settingsDifference(
  before: PodSettings[],
  after: PodSettings[],
  workloads: KubeObject[],
): SettingsDifference {
  const definitions = new Map(
    workloads.filter(isMemcachedWorkload).map((workload) => [displayName(refOf(workload)), workload]),
  );
  const names = [...new Set([...definitions.keys(), ...[...before, ...after].map((pod) => pod.workload)])];
  const compared = names.map((name) => {
    const of = (pods: PodSettings[]): PodSettings[] => pods.filter(({ workload }) => workload === name);
    return compareWorkload(name, of(before), of(after), definitions.get(name));
  });
  return {
    rows: compared.flatMap(({ rows }) => rows),
    unproven: compared.flatMap(({ unproven }) => unproven),
  };
}

function compareWorkload(
  workload: string,
  before: PodSettings[],
  after: PodSettings[],
  definition: KubeObject | undefined,
): SettingsDifference {
  const differing = new Set<string>();
  for (const pod of after) {
    const { differences, changedLive } = compareSettings(before, pod);
    for (const { key } of [...differences, ...changedLive]) differing.add(key);
  }
  const versions = { before: says(before, versionOf), after: says(after, versionOf) };
  const wasSeen = new Set(versions.before.map(({ value }) => value));
  if (wasSeen.size > 0 && versions.after.some(({ value }) => !wasSeen.has(value))) differing.add('version');

  const told = definition === undefined ? new Map<string, string>() : settingsOfWorkload(definition);
  const stats = [...before, ...after].flatMap((pod) => Object.keys(pod.stats ?? {}));
  const settings = [...new Set([...told.keys(), ...stats, ...differing])].sort();
  const rows = settings.map((setting): SettingRow => {
    const read = ({ stats, ...pod }: PodSettings): string | undefined =>
      setting === 'version' ? versionOf(pod) : own(stats, setting);
    return {
      workload,
      setting,
      configured: told.get(setting),
      pods: says(after, read),
      backup: says(before, read),
      differs: differing.has(setting),
    };
  });
  return { rows, unproven: newlySilent(before, after) };
}

/** Pods that give no answer, where more of them answered at the backup: one that crashed then is no news. */
function newlySilent(before: PodSettings[], after: PodSettings[]): string[] {
  const silent = (pods: PodSettings[]): PodSettings[] => pods.filter(({ stats }) => stats === undefined);
  const known = new Set(silent(before).map(({ name }) => name));
  if (silent(before).length === before.length || silent(after).length <= known.size) return [];
  return silent(after)
    .filter(({ name }) => !known.has(name))
    .map(({ name, error }) => `pod/${name}: ${error ?? 'no answer'}`);
}

/** Values with the pods that answered so. */
function says(pods: PodSettings[], read: (pod: PodSettings) => string | undefined): Said[] {
  const answered = pods.filter(({ stats }) => stats !== undefined);
  const byValue = Map.groupBy(answered, read);
  return [...byValue].map(([value, group]) => ({ value, pods: group.map(({ name }) => name) }));
}

function versionOf({ version }: Pick<PodSettings, 'version'>): string | undefined {
  return version;
}

function own(stats: Record<string, string> | undefined, key: string): string | undefined {
  return stats !== undefined && Object.hasOwn(stats, key) ? stats[key] : undefined;
}
