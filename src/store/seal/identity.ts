import {
  EncryptedKey,
  looksLikePrivateKey,
  parsePrivateKey,
  type SshPrivateKey,
} from '../ssh/private-key.ts';
import { publicKeyLine } from '../ssh/public-key.ts';
import { MalformedSsh } from '../ssh/wire.ts';
import { decodeBech32 } from './bech32.ts';

/** A private key that opens what was sealed to its public half. */
export type Identity =
  | { type: 'native' /** "AGE-SECRET-KEY-1…" or "AGE-SECRET-KEY-PQ-1…" */; text: string }
  | { type: 'ssh'; key: SshPrivateKey };

/** A file holds no key that can be used; `message` says why as a clause, and quotes nothing of it. */
export class NoIdentity extends Error {}

const NATIVE_PREFIXES = new Set(['age-secret-key-', 'age-secret-key-pq-']);

/**
 * The keys of an identity file of age (one a line; blank lines and those that begin with "#" are none), or of a private key
 * of OpenSSH or PEM.
 * @throws NoIdentity
 */
export function parseIdentities(file: string): Identity[] {
  if (looksLikePrivateKey(file)) return [sshIdentity(file)];
  if (/^(?:age-encryption\.org\/|-----BEGIN AGE ENCRYPTED FILE-----)/.test(file)) {
    throw new NoIdentity(
      'it is itself encrypted with age; decrypt it first, to a file that you remove afterwards: age -d -o key.txt FILE',
    );
  }
  const identities = file.split(/\r?\n/).flatMap((line, index): Identity[] => {
    if (/^\s*(?:#|$)/.test(line)) return [];
    const wrong = whyNotNative(line.trim());
    if (wrong !== undefined) throw new NoIdentity(`line ${index + 1}: ${wrong}`);
    return [{ type: 'native', text: line.trim().toUpperCase() }];
  });
  if (identities.length === 0) throw new NoIdentity('it holds no key');
  return identities;
}

/** What the age program's key file and --encrypt-to show of it, where that is known without age's own code. */
export function sshRecipientOf({ key }: Extract<Identity, { type: 'ssh' }>): string {
  return publicKeyLine(key.public);
}

function sshIdentity(file: string): Identity {
  try {
    return { type: 'ssh', key: parsePrivateKey(file) };
  } catch (error) {
    if (error instanceof EncryptedKey) {
      throw new NoIdentity(
        `${error.message}; make a copy without one, which you remove afterwards: cp FILE key && ssh-keygen -p -N '' -f key`,
      );
    }
    if (error instanceof MalformedSsh) throw new NoIdentity(error.message);
    throw error;
  }
}

function whyNotNative(line: string): string | undefined {
  if (/^AGE-PLUGIN-/i.test(line)) {
    return 'it is of an age plugin, which only the age program can ask: open the backup by its RUNBOOK.md';
  }
  if (/^(?:age1|ssh-)/i.test(line)) return 'it is a public key, which opens nothing';
  if (!/^AGE-SECRET-KEY-/i.test(line)) return 'it is no key of age (AGE-SECRET-KEY-…) or OpenSSH';
  const decoded = decodeBech32(line);
  if ('wrong' in decoded) return decoded.wrong;
  return NATIVE_PREFIXES.has(decoded.prefix) && decoded.bytes.length === 32
    ? undefined
    : 'it is a kind of key that is not known here';
}
