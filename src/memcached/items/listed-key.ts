/** A key of a cache, as `lru_crawler metadump` lists it (memcached/doc/protocol.txt, "LRU_Crawler"). */
export interface ListedKey {
  /** Its bytes, a character each (latin1): keys are bytes, in no encoding that memcached knows of. */
  key: string;
  /** When it ends, seconds since the epoch; -1: never. */
  expiresAt: number;
  /** When somebody read or wrote it last, seconds since the epoch; memcached notes it once a minute. */
  usedAt: number;
  /** Bytes of memory: the key, the value and memcached's own. */
  size: number;
}

/** A line of a metadump: names and values, keys URI-encoded; what it has beside is of no use here. */
const LINE = /^key=(\S{1,750}) exp=(-?\d{1,19}) la=(\d{1,19}) .*?\bsize=(\d{1,12})\b/;

/** A line of a metadump without its end; undefined for what is none. Untrusted. */
export function parseListedKey(line: string): ListedKey | undefined {
  const [, encoded, expiresAt, usedAt, size] = LINE.exec(line) ?? [];
  if (encoded === undefined) return undefined;
  const key = encoded.includes('%') ? decoded(encoded) : encoded;
  if (key.length > MAX_KEY) return undefined;
  return { key, expiresAt: Number(expiresAt), usedAt: Number(usedAt), size: Number(size) };
}

/** memcached's KEY_MAX_LENGTH. */
const MAX_KEY = 250;

function decoded(encoded: string): string {
  return encoded.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** The characters that end a key in a command, or that memcached refuses in one. */
const NEEDS_BASE64 = /[\u0000-\u0020\u007f]/;

/** A key as a meta command takes it: with the flag "b" where it can't stand there as it is. */
export function wireKey(key: string): { text: string; flag: '' | ' b' } {
  if (!NEEDS_BASE64.test(key)) return { text: key, flag: '' };
  return { text: Buffer.from(key, 'latin1').toString('base64'), flag: ' b' };
}
