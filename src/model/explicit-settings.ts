import { expandArgument, PER_POD } from './argument-expansion.ts';
import type { PodSettings } from './backup.ts';
import { settingsOfFlags } from './memcached-flags.ts';

/** What a pod was told to run with: its arguments and, for images that read them, its env. */
export interface ExplicitSettings {
  /** `stats settings` keys to values. */
  settings: Map<string, string>;
  /** Keys whose value only the running pod knows (`-l $(POD_IP)`): never comparable. */
  perPod: Set<string>;
}

/** Bitnami's entrypoint turns these into flags (bitnami/containers, libmemcached.sh). */
const BITNAMI_ENV: Record<string, string> = {
  MEMCACHED_CACHE_SIZE: '-m',
  MEMCACHED_MAX_CONNECTIONS: '-c',
  MEMCACHED_THREADS: '-t',
  MEMCACHED_MAX_ITEM_SIZE: '-I',
  MEMCACHED_PORT_NUMBER: '-p',
  MEMCACHED_LISTEN_ADDRESS: '-l',
};
/** OpenStack-Helm's memcached.sh does the same with these. */
const OPENSTACK_ENV: Record<string, string> = {
  MEMCACHED_MEMORY: '-m',
  MEMCACHED_MAX_CONNECTIONS: '-c',
  MEMCACHED_PORT: '-p',
};

/** The settings that a pod's own definition names; everything else is its version's default. */
export function explicitSettings(
  pod: Pick<PodSettings, 'image' | 'command' | 'args' | 'env'>,
): ExplicitSettings {
  const values = new Map(pod.env.map(({ name, value }) => [name, value ?? PER_POD] as const));
  const words: string[] = [];
  // Arguments come after the environment's: a repeated flag's last value counts.
  for (const word of [...environmentWords(pod), ...commandWords(pod)]) {
    const expanded = expandArgument(word, (name) => values.get(name));
    words.push(expanded === PER_POD ? word : expanded);
  }
  const settings = settingsOfFlags(words);
  const perPod = new Set<string>();
  for (const [key, value] of settings)
    if (expandArgument(value, (name) => values.get(name)) === PER_POD) perPod.add(key);
  for (const key of perPod) settings.delete(key);
  return { settings, perPod };
}

/** A shell's arguments are a script and the shell's own flags: its -c is not memcached's. */
function commandWords({ command, args }: Pick<PodSettings, 'command' | 'args'>): string[] {
  const words = [...command, ...args];
  return /^(?:.*\/)?(?:ba|da|a|k|z)?sh$/.test(words[0] ?? '') ? [] : words;
}

function environmentWords(pod: Pick<PodSettings, 'image' | 'command' | 'args' | 'env'>): string[] {
  const table = environmentTable(pod);
  return pod.env.flatMap(({ name, value }) => {
    if (value === undefined || value === '') return [];
    if (table === BITNAMI_ENV && name === 'MEMCACHED_EXTRA_FLAGS') return value.trim().split(/\s+/);
    const flag = Object.hasOwn(table, name) ? table[name] : undefined;
    return flag === undefined ? [] : [flag, value];
  });
}

/** Only images that read the environment: the official one ignores it. */
function environmentTable(pod: Pick<PodSettings, 'image' | 'command' | 'args'>): Record<string, string> {
  if (/(?:^|\/)bitnami[^/]*\//.test(pod.image)) return BITNAMI_ENV;
  return [...pod.command, ...pod.args].some((word) => word.endsWith('memcached.sh')) ? OPENSTACK_ENV : {};
}
