import type { PodSettings } from '../records/backup-format.ts';
import { explicitSettings } from './explicit-settings.ts';

/** One setting of a workload's pods. */
export interface ConfiguredSetting {
  /** A key of `stats settings`. */
  key: string;
  /** What the pods' own definition says, each different value once; empty where it is a default. */
  configured: string[];
  /** What the pods answered, each different value once, with the number of pods that said so. */
  said: { value: string; pods: number }[];
}

/** The pods of one workload: what they were told to run with, and what they say of themselves. */
export interface WorkloadSettings {
  workload: string;
  container: string;
  pods: PodSettings[];
  /** memcached's own answers to `version`, each once. */
  versions: string[];
  settings: ConfiguredSetting[];
}

/**
 * Settings workload by workload, in the order of the pods: those that a definition names, and those on which
 * pods disagree.
 * @param all every setting that any pod answered.
 */
export function configuredSettings(
  pods: PodSettings[],
  differing: string[],
  all = false,
): WorkloadSettings[] {
  const groups = Map.groupBy(pods, ({ workload, container }) => JSON.stringify([workload, container]));
  return [...groups.values()].map((group) => {
    const [first] = group;
    const configured = group.map((pod) => explicitSettings(pod).settings);
    const answered = group.flatMap(({ stats }) => (stats === undefined ? [] : [stats]));
    const keys = new Set([
      ...configured.flatMap((settings) => [...settings.keys()]),
      ...differing.filter((key) => answered.some((stats) => Object.hasOwn(stats, key))),
      ...(all ? answered.flatMap((stats) => Object.keys(stats)) : []),
    ]);
    return {
      workload: first?.workload ?? '',
      container: first?.container ?? '',
      pods: group,
      versions: [...new Set(group.flatMap(({ version }) => version ?? []))],
      settings: [...keys].map((key) => ({
        key,
        configured: [...new Set(configured.flatMap((settings) => settings.get(key) ?? []))],
        said: countValues(answered.flatMap((stats) => (Object.hasOwn(stats, key) ? [stats[key] ?? ''] : []))),
      })),
    };
  });
}

function countValues(values: string[]): ConfiguredSetting['said'] {
  const counts = Map.groupBy(values, (value) => value);
  return [...counts].map(([value, same]) => ({ value, pods: same.length }));
}
