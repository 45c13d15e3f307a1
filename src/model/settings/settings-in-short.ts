import type { PodSettings } from '../records/backup-format.ts';
import { explicitSettings } from './explicit-settings.ts';

/** A setting that people tell one configuration from another by. */
interface ShortSetting {
  letter: string;
  /** Of `stats settings`. */
  key: string;
  /** As the flag takes it; undefined where it is not worth a word. */
  shown(value: number): string | undefined;
}

const MIB = 1024 * 1024;

/** Memory and connections always; threads and the size of an item where they are not memcached's defaults (memcached.c, settings_init). */
const SHORT: readonly ShortSetting[] = [
  { letter: 'm', key: 'maxbytes', shown: (bytes) => `${Math.round(bytes / MIB)}` },
  { letter: 'c', key: 'maxconns', shown: (count) => `${count}` },
  { letter: 't', key: 'num_threads', shown: (count) => (count === 4 ? undefined : `${count}`) },
  {
    letter: 'I',
    key: 'item_size_max',
    shown: (bytes) => {
      if (bytes === MIB) return undefined;
      return bytes % MIB === 0 ? `${bytes / MIB}m` : `${bytes}`;
    },
  },
];

/** Of several memcached workloads with settings of their own, so many are told. */
const TOLD = 3;

/**
 * The settings of a release in a few words, as memcached's arguments have them: "-m 48 -c 256". They are those of pods of the
 * present template, which is what a restore brings back, as the pods say themselves, else as they were told.
 * @returns undefined where nothing tells.
 */
export function settingsInShort(pods: readonly PodSettings[]): string | undefined {
  const byContainer = Map.groupBy(pods, ({ workload, container }) => `${workload} ${container}`);
  const texts = [...byContainer.values()].map(ofOneWorkload).filter((text) => text !== '');
  const all = [...new Set(texts)];
  return all.length === 0 ? undefined : all.slice(0, TOLD).join(', ');
}

function ofOneWorkload(pods: readonly PodSettings[]): string {
  const rank = (pod: PodSettings): number => (pod.current ? 2 : 0) + (pod.stats === undefined ? 0 : 1);
  const [speaker] = pods.toSorted((a, b) => rank(b) - rank(a));
  if (speaker === undefined) return '';
  const told = explicitSettings(speaker).settings;
  return SHORT.flatMap(({ letter, key, shown }) => {
    const text = speaker.stats?.[key] ?? told.get(key);
    const value = text !== undefined && /^\d{1,15}$/.test(text) ? shown(Number(text)) : undefined;
    return value === undefined ? [] : [`-${letter} ${value}`];
  }).join(' ');
}
