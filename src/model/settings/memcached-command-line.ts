/** One flag of a memcached command line: its letter, and its argument where it takes one. */
export interface MemcachedFlag {
  letter: string;
  value?: string;
}

/** Flags that take an argument (the getopt string in memcached.c, 1.6). */
const WITH_ARGUMENT = new Set('abceflmnopstuBDINPRUY');
const LONG: Record<string, string> = {
  'unix-mask': 'a',
  'enable-shutdown': 'A',
  'listen-backlog': 'b',
  protocol: 'B',
  'conn-limit': 'c',
  'disable-cas': 'C',
  daemon: 'd',
  'memory-file': 'e',
  'slab-growth-factor': 'f',
  'disable-flush-all': 'F',
  help: 'h',
  'max-item-size': 'I',
  license: 'i',
  'lock-memory': 'k',
  listen: 'l',
  'enable-largepages': 'L',
  'memory-limit': 'm',
  'disable-evictions': 'M',
  'slab-min-size': 'n',
  napi_ids: 'N',
  extended: 'o',
  port: 'p',
  pidfile: 'P',
  'enable-coredumps': 'r',
  'max-reqs-per-event': 'R',
  'unix-socket': 's',
  'enable-sasl': 'S',
  threads: 't',
  user: 'u',
  'udp-port': 'U',
  verbose: 'v',
  version: 'V',
  'disable-watch': 'W',
  'disable-dumping': 'X',
  'auth-file': 'Y',
  'enable-ssl': 'Z',
};

/**
 * Reads a command line as getopt_long(3) does: "-m 96" in two words or in one, "-m96", "-vv", "-Cv",
 * "--memory-limit=96", "--memory-limit 96", "--memory-l 96". Words that are no flags (the program's name)
 * are passed over; "--" ends the flags. Unknown flags are passed over: memcached would not start with them.
 */
export function readCommandLine(words: string[]): MemcachedFlag[] {
  const flags: MemcachedFlag[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined && word !== '--'; word = rest.shift()) {
    if (word.startsWith('--')) flags.push(...longFlag(word.slice(2), rest));
    else if (word.startsWith('-')) flags.push(...shortFlags(word.slice(1), rest));
  }
  return flags;
}

/** @param rest the words that follow; an argument is taken off its front. */
function shortFlags(letters: string, rest: string[]): MemcachedFlag[] {
  const flags: MemcachedFlag[] = [];
  for (let at = 0; at < letters.length; at++) {
    const letter = letters.charAt(at);
    if (!WITH_ARGUMENT.has(letter)) {
      flags.push({ letter });
      continue;
    }
    const attached = letters.slice(at + 1);
    const value = attached === '' ? rest.shift() : attached;
    if (value !== undefined) flags.push({ letter, value });
    break;
  }
  return flags;
}

function longFlag(text: string, rest: string[]): MemcachedFlag[] {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  const letter = letterOf(name);
  if (letter === undefined) return [];
  if (!WITH_ARGUMENT.has(letter)) return [{ letter }];
  const value = equals < 0 ? rest.shift() : text.slice(equals + 1);
  return value === undefined ? [] : [{ letter, value }];
}

/** getopt_long takes any beginning that fits one name only. */
function letterOf(name: string): string | undefined {
  if (Object.hasOwn(LONG, name)) return LONG[name];
  const fitting = Object.keys(LONG).filter((long) => long.startsWith(name));
  return fitting.length === 1 && fitting[0] !== undefined ? LONG[fitting[0]] : undefined;
}
