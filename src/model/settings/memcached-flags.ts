import { type MemcachedFlag, readCommandLine } from './memcached-command-line.ts';
import { decimals, EXTENDED_OPTIONS, integer, type Printed, text, times } from './memcached-options.ts';

/** Flags that set one setting to their argument; a repeated flag's last one counts. */
const VALUES: Record<string, [key: string, printed: Printed]> = {
  a: ['umask', (value) => (Number.parseInt(value, 8) || 0).toString(8)],
  b: ['tcp_backlog', integer],
  c: ['maxconns', integer],
  e: ['memory_file', text],
  f: ['growth_factor', decimals(2)],
  I: ['item_size_max', itemSize],
  m: ['maxbytes', times(1024 * 1024)],
  n: ['chunk_size', integer],
  p: ['tcpport', integer],
  R: ['reqs_per_event', integer],
  s: ['domain_socket', text],
  t: ['num_threads', integer],
  U: ['udpport', integer],
  Y: ['auth_enabled_ascii', text],
};

/** Flags without an argument, and what they set. */
const SWITCHES: Record<string, [key: string, value: string][]> = {
  A: [['shutdown_command', 'yes']],
  C: [['cas_enabled', 'no']],
  F: [['flush_enabled', 'no']],
  M: [['evictions', 'off']],
  S: [
    ['auth_enabled_sasl', 'yes'],
    ['binding_protocol', 'binary'],
  ],
  X: [['dump_enabled', 'no']],
  Z: [['ssl_enabled', 'yes']],
};

const PROTOCOLS: Record<string, string> = { ascii: 'ascii', binary: 'binary', auto: 'auto-negotiate' };

/**
 * What a command line says about `stats settings`: key to value, as memcached prints it. Only settings that
 * are given; flags without a setting of their own (-k -L -r -u -d -P -W) are left out.
 * Source: memcached.c of 1.6 (main, process_stat_settings), checked against the running server in tests.
 */
export function settingsOfFlags(words: string[]): Map<string, string> {
  return settingsOf(readCommandLine(words));
}

/** The same of flags that were read. */
export function settingsOf(flags: readonly MemcachedFlag[]): Map<string, string> {
  const settings = new Map<string, string>();
  let verbosity = 0;
  for (const { letter, value = '' } of flags) {
    const [key, printed] = VALUES[letter] ?? [];
    if (key !== undefined && printed !== undefined) settings.set(key, printed(value));
    for (const [name, state] of SWITCHES[letter] ?? []) settings.set(name, state);
    switch (letter) {
      case 'v':
        settings.set('verbosity', String(++verbosity));
        break;
      case 'l':
        settings.set('inter', joinedAddresses(settings.get('inter'), value));
        break;
      case 'D':
        settings.set('stat_key_prefix', value.charAt(0));
        settings.set('detail_enabled', 'yes');
        break;
      case 'B':
        if (PROTOCOLS[value] !== undefined) settings.set('binding_protocol', PROTOCOLS[value]);
        break;
      case 'o':
        for (const option of value.split(',')) setExtended(settings, option);
        break;
    }
  }
  return settings;
}

/** Several -l add up, unless the address is there already. */
function joinedAddresses(known: string | undefined, added: string): string {
  if (known === undefined) return added;
  return known.includes(added) ? known : `${known},${added}`;
}

function setExtended(settings: Map<string, string>, option: string): void {
  const [name = '', value = ''] = option.split(/=(.*)/s);
  const sets = Object.hasOwn(EXTENDED_OPTIONS, name) ? EXTENDED_OPTIONS[name] : undefined;
  for (const [key, printed] of Object.entries(sets ?? {})) settings.set(key, printed(value));
}

/** -I: bytes, or with a final k or m. */
function itemSize(value: string): string {
  const unit = { k: 1024, m: 1024 * 1024 }[value.at(-1)?.toLowerCase() ?? ''];
  return times(unit ?? 1)(value);
}
