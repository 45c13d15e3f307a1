import { parsePublicKeyLine, type SshPublicKey } from '../ssh/public-key.ts';
import { MalformedSsh } from '../ssh/wire.ts';

/** A line of a file of allowed signers (ssh-keygen(1), ALLOWED SIGNERS). */
export interface AllowedSigner {
  /** Comma-separated patterns, as they stand there. */
  principals: string;
  key: SshPublicKey;
  /** Patterns of what the key may sign; undefined: everything. */
  namespaces: string | undefined;
  /** Milliseconds; the moment from which, and the one from which no more, the key is allowed. */
  validAfter: number | undefined;
  validBefore: number | undefined;
}

/** A line is none; `message` begins with its number. */
export class NoSigner extends Error {}

/**
 * The signers of a file. Blank lines and those that begin with "#" are none. Keys of other kinds than Ed25519 and RSA are
 * passed over: none of them signs a backup here.
 * @throws NoSigner where a line is none, and for certificate authorities, which are not followed.
 */
export function parseAllowedSigners(file: string): AllowedSigner[] {
  return file.split(/\r?\n/).flatMap((line, index) => {
    if (/^\s*(?:#|$)/.test(line)) return [];
    try {
      return parseLine(line.trim());
    } catch (error) {
      if (error instanceof NoSigner || error instanceof MalformedSsh) {
        throw new NoSigner(`line ${index + 1}: ${error.message}`);
      }
      throw error;
    }
  });
}

const OTHER_KEYS = /^(?:ecdsa-sha2-|sk-ssh-|sk-ecdsa-|ssh-dss)/;

/** principals [options] keytype base64 [comment]; principals and the values of options may be in quotes. */
function parseLine(line: string): AllowedSigner[] {
  const [, principals = '', rest = ''] = /^("[^"]*"|\S+)\s+(.+)$/.exec(line) ?? [];
  const isKey = (text: string): boolean => /^(?:ssh-|ecdsa-sha2-|sk-)/.test(text);
  const [, options = '', key = ''] = isKey(rest)
    ? [rest, '', rest]
    : (/^((?:"[^"]*"|[^\s"])+)\s+(.+)$/.exec(rest) ?? []);
  if (principals === '' || !isKey(key)) throw new NoSigner('it is not "PRINCIPALS [OPTIONS] KEYTYPE KEY"');
  const parsed = parseOptions(options);
  if (OTHER_KEYS.test(key)) return [];
  return [{ principals: unquoted(principals), key: parsePublicKeyLine(key), ...parsed }];
}

function parseOptions(text: string): Omit<AllowedSigner, 'principals' | 'key'> {
  const parsed: Omit<AllowedSigner, 'principals' | 'key'> = {
    namespaces: undefined,
    validAfter: undefined,
    validBefore: undefined,
  };
  for (const [option] of text.matchAll(/(?:"[^"]*"|[^,"])+/g)) {
    const [, name = '', value = ''] = /^([^=]+)(?:=(.*))?$/.exec(option) ?? [];
    switch (name.toLowerCase()) {
      case 'namespaces':
        parsed.namespaces = unquoted(value);
        break;
      case 'valid-after':
        parsed.validAfter = parseTime(unquoted(value));
        break;
      case 'valid-before':
        parsed.validBefore = parseTime(unquoted(value));
        break;
      case 'cert-authority':
        throw new NoSigner(
          'it names a certificate authority (cert-authority), which is not followed here: name the keys',
        );
      default:
        // One that is passed over might have narrowed what the key may do.
        throw new NoSigner(`its option "${name}" is not known here`);
    }
  }
  return parsed;
}

function unquoted(text: string): string {
  return /^"(.*)"$/.exec(text)?.[1] ?? text;
}

/** YYYYMMDD[HHMM[SS]], in UTC where "Z" follows, else in the time zone of this machine. @returns milliseconds */
function parseTime(text: string): number {
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone = ''] =
    /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?(Z?)$/.exec(text) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`);
  if (Number.isNaN(time)) throw new NoSigner(`"${text}" is not a time: YYYYMMDD[HHMM[SS]][Z]`);
  return time;
}

/**
 * Whether the key of the line may sign in the namespace now.
 * @returns undefined where it may; else why not, as a clause.
 */
export function whyNotAllowed(signer: AllowedSigner, namespace: string, now: Date): string | undefined {
  const { namespaces, validAfter, validBefore } = signer;
  if (namespaces !== undefined && !matchesList(namespaces, namespace)) {
    return `the key is allowed for ${namespaces} alone`;
  }
  if (validAfter !== undefined && now.getTime() < validAfter) return 'the key is not allowed yet';
  if (validBefore !== undefined && now.getTime() > validBefore) return 'the key is allowed no more';
  return undefined;
}

/** ssh_config(5), PATTERNS: comma-separated; "*" and "?"; one that begins with "!" and matches wins over all others. */
export function matchesList(patterns: string, text: string): boolean {
  const each = patterns.split(',').map((pattern) => pattern.trim());
  const isMatch = (pattern: string): boolean =>
    new RegExp(
      `^${pattern
        .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
      's',
    ).test(text);
  if (each.some((pattern) => pattern.startsWith('!') && isMatch(pattern.slice(1)))) return false;
  return each.some((pattern) => !pattern.startsWith('!') && isMatch(pattern));
}
