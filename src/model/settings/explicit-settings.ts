import type { PodSettings } from '../records/backup-format.ts';
import { expandArgument, PER_POD } from './argument-expansion.ts';
import { type MemcachedFlag, readCommandLine } from './memcached-command-line.ts';
import { settingsOf } from './memcached-flags.ts';
import { isShell, type LookUp, memcachedWordsOf, shellScriptOf, UNKNOWN } from './shell-command.ts';

/** What a pod was told to run with: its arguments and, for images that read them, its env. */
export interface ExplicitSettings {
  /** `stats settings` keys to values. */
  settings: Map<string, string>;
  /** Keys whose value only the running pod knows (`-l $(POD_IP)`): never comparable. */
  perPod: Set<string>;
  /**
   * Whether the whole command line of memcached is known: false where a script or a program of somebody's own starts it
   * in a way that is not read. It may then run with more than `settings`, on any port.
   */
  isRead: boolean;
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
  const lookUp: LookUp = (name) => values.get(name);
  const expanded = (words: string[]): string[] =>
    words.map((word) => {
      const text = expandArgument(word, lookUp);
      return text === PER_POD ? word.replaceAll(/\$\([^)]*\)/g, UNKNOWN) : text;
    });
  const { words, isRead } = commandWords(expanded([...pod.command, ...pod.args]), pod, lookUp);
  // Arguments come after the environment's: a repeated flag's last value counts.
  const flags = readCommandLine([...expanded(environmentWords(pod)), ...words]).flatMap(oneByOne);
  const settings = settingsOf(flags.filter(({ value = '' }) => !value.includes(UNKNOWN)));
  const perPod = new Set<string>();
  for (const [index, { letter, value = '' }] of flags.entries()) {
    if (!value.includes(UNKNOWN)) continue;
    const later = settingsOf(flags.slice(index + 1).filter((flag) => flag.value?.includes(UNKNOWN) !== true));
    for (const key of settingsOf([{ letter, value }]).keys())
      if (letter === 'l' || !later.has(key)) perPod.add(key);
  }
  for (const key of perPod) settings.delete(key);
  return { settings, perPod, isRead };
}

/** An -o flag with several options as several flags: one that is not known hides no other. */
function oneByOne(flag: MemcachedFlag): MemcachedFlag[] {
  if (flag.letter !== 'o') return [flag];
  return (flag.value ?? '').split(',').map((value) => ({ letter: 'o', value }));
}

/** Entry points that hand their arguments to memcached: the official image's, Bitnami's, and programs that only wait. */
const ENTRY_POINT = /(?:^|\/)(?:memcached|docker-entrypoint\.sh|memcached\.sh|entrypoint\.sh|run\.sh)$/;
const WAITING_PROGRAM = /(?:^|\/)(?:tini|dumb-init|env)$/;

/**
 * The words that memcached gets. A shell's arguments are a script, and its own flags: its -c is not memcached's.
 * @param argv as the kubelet starts it.
 */
function commandWords(
  argv: string[],
  { command }: Pick<PodSettings, 'command'>,
  lookUp: LookUp,
): { words: string[]; isRead: boolean } {
  const from = WAITING_PROGRAM.test(argv[0] ?? '')
    ? argv.findIndex((word, at) => at > 0 && !/^-|=/.test(word))
    : 0;
  const words = argv.slice(Math.max(from, 0));
  const [program = ''] = words;
  if (isShell(program)) {
    const script = shellScriptOf(words);
    const read = script === undefined ? undefined : memcachedWordsOf(script, lookUp);
    return { words: read ?? [], isRead: read !== undefined };
  }
  // Without a command the image's entry point gets them: the official one puts "memcached" before flags.
  const isRead =
    ENTRY_POINT.test(program) || (command.length === 0 && (program === '' || program.startsWith('-')));
  return { words, isRead };
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
