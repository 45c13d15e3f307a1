import type { SettingDifference } from './settings.ts';

/**
 * What of memcached's settings a client can change in the running server without losing what is in its cache
 * (memcached/doc/protocol.txt; proto_text.c, process_memlimit_command and those beside it). Each was tried on 1.6.18.
 */

/** A setting of a running server: from what to what. */
export interface RuntimeSetting {
  /** A key of `stats settings`. */
  key: string;
  from: string;
  to: string;
}

/** One command, and the settings that it changes. */
export interface RuntimeCommand {
  /** As it is sent, without its end of line: "cache_memlimit 64". */
  command: string;
  settings: RuntimeSetting[];
}

/** What commands do for some differences, and what they can't. */
export interface RuntimeCommands {
  commands: RuntimeCommand[];
  /** What is left for the next start, with why where it is not that no command changes it. */
  left: (SettingDifference & { why?: string })[];
}

const MIB = 2 ** 20;
/** memcached refuses less (proto_text.c, process_memlimit_command). */
const LEAST_MIB = 8;
const COUNT = /^\d{1,10}$/;
const FACTOR = /^\d{1,6}(?:\.\d{1,6})?$/;
const YES_NO = /^(?:yes|no)$/;
/** The four that one command sets. */
const TUNED = ['hot_lru_pct', 'warm_lru_pct', 'hot_max_factor', 'warm_max_factor'] as const;

type Stats = Readonly<Record<string, string>>;

/** A command for one setting: its text, or undefined where memcached would refuse the value. */
const SINGLE: Readonly<Record<string, (to: string, stats: Stats) => string | undefined>> = {
  maxbytes: (to) => {
    const mib = Number(to) / MIB;
    return COUNT.test(to) || /^\d{11,15}$/.test(to)
      ? Number.isInteger(mib) && mib >= LEAST_MIB
        ? `cache_memlimit ${mib}`
        : undefined
      : undefined;
  },
  verbosity: (to) => (/^\d$/.test(to) ? `verbosity ${to}` : undefined),
  detail_enabled: (to) => (YES_NO.test(to) ? `stats detail ${to === 'yes' ? 'on' : 'off'}` : undefined),
  slab_automove: (to) => (/^[012]$/.test(to) ? `slabs automove ${to}` : undefined),
  slab_automove_ratio: (to) => (FACTOR.test(to) ? `slabs automove ratio ${to}` : undefined),
  lru_crawler: (to) => (YES_NO.test(to) ? `lru_crawler ${to === 'yes' ? 'enable' : 'disable'}` : undefined),
  lru_crawler_sleep: (to) => (COUNT.test(to) && Number(to) <= 1e6 ? `lru_crawler sleep ${to}` : undefined),
  lru_crawler_tocrawl: (to) => (COUNT.test(to) ? `lru_crawler tocrawl ${to}` : undefined),
  lru_segmented: (to, { lru_maintainer_thread }) =>
    YES_NO.test(to) && lru_maintainer_thread === 'yes'
      ? `lru mode ${to === 'yes' ? 'segmented' : 'flat'}`
      : undefined,
  ...Object.fromEntries(
    ['item_size', 'item_age', 'low_ttl', 'recache_rate', 'compact_under', 'drop_under', 'max_sleep'].map(
      (name) => [`ext_${name}`, (to: string) => (COUNT.test(to) ? `extstore ${name} ${to}` : undefined)],
    ),
  ),
  ext_max_frag: (to) => (FACTOR.test(to) ? `extstore max_frag ${to}` : undefined),
  ext_drop_unread: (to) => (YES_NO.test(to) ? `extstore drop_unread ${to === 'yes' ? 1 : 0}` : undefined),
};

/**
 * The commands that bring a running server to other settings. Values may be anybody's: none that is not as memcached prints it
 * becomes part of a command.
 * @param stats its `stats settings`.
 * @param differences what it says, and what it is to say.
 * @param mostBytes the largest cache that its container's memory limit holds; unlimited where absent.
 */
export function runtimeCommands(
  stats: Stats,
  differences: readonly SettingDifference[],
  mostBytes = Number.POSITIVE_INFINITY,
): RuntimeCommands {
  const wanted = new Map(
    differences.flatMap(({ key, expected, actual }) =>
      expected === undefined || actual === undefined ? [] : [[key, { from: actual, to: expected }] as const],
    ),
  );
  const commands: RuntimeCommand[] = [];
  const add = (command: string, ...keys: string[]): void => {
    const settings = keys.flatMap((key) => {
      const change = wanted.get(key);
      return change === undefined ? [] : [{ key, ...change }];
    });
    commands.push({ command, settings });
  };
  const isTooLarge = Number(wanted.get('maxbytes')?.to ?? 0) > mostBytes;
  for (const [key, { to }] of wanted) {
    const command = Object.hasOwn(SINGLE, key) ? SINGLE[key]?.(to, stats) : undefined;
    if (command !== undefined && !(key === 'maxbytes' && isTooLarge)) add(command, key);
  }
  const tuned = TUNED.map((key) => wanted.get(key)?.to ?? stats[key] ?? '');
  if (TUNED.some((key) => wanted.has(key)) && isTunable(tuned)) add(`lru tune ${tuned.join(' ')}`, ...TUNED);
  addTemporaryTtl(stats, wanted, add);
  const done = new Set(commands.flatMap(({ settings }) => settings.map(({ key }) => key)));
  return {
    commands,
    left: differences
      .filter(({ key }) => !done.has(key))
      .map((difference) =>
        difference.key === 'maxbytes' && isTooLarge && Number.isFinite(mostBytes)
          ? { ...difference, why: "its container's memory limit would not hold it" }
          : difference,
      ),
  };
}

/** What memcached takes: percents of together at most 80, factors above 0 (proto_text.c, process_lru_command). */
function isTunable([hot = '', warm = '', ...factors]: string[]): boolean {
  const isPercents = COUNT.test(hot) && COUNT.test(warm) && Number(hot) + Number(warm) <= 80;
  return isPercents && factors.every((factor) => FACTOR.test(factor) && Number(factor) > 0);
}

/** `lru temp_ttl N` sets the time and turns it on; a negative one turns it off and leaves the time as it was. */
function addTemporaryTtl(
  stats: Stats,
  wanted: ReadonlyMap<string, { to: string }>,
  add: (command: string, ...keys: string[]) => void,
): void {
  if (!wanted.has('temp_lru') && !wanted.has('temporary_ttl')) return;
  const isOn = wanted.get('temp_lru')?.to ?? stats.temp_lru ?? '';
  const seconds = wanted.get('temporary_ttl')?.to ?? stats.temporary_ttl ?? '';
  if (stats.lru_maintainer_thread !== 'yes' || !YES_NO.test(isOn) || !COUNT.test(seconds)) return;
  if (isOn === 'yes') {
    add(`lru temp_ttl ${seconds}`, 'temp_lru', 'temporary_ttl');
    return;
  }
  if (wanted.has('temporary_ttl')) add(`lru temp_ttl ${seconds}`, 'temporary_ttl');
  add('lru temp_ttl -1', 'temp_lru');
}
