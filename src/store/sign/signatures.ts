import { createHash } from 'node:crypto';
import { advice } from '../../advice/advice.ts';
import { shell } from '../../advice/command.ts';
import { ToolError, UsageError } from '../../errors/tool-error.ts';
import { readKeyFile } from '../key-file.ts';
import { EncryptedKey, parsePrivateKey, type SshPrivateKey } from '../ssh/private-key.ts';
import { parseSignature, type SshSignature, signSsh, sshFingerprint } from '../ssh/signature.ts';
import { MalformedSsh } from '../ssh/wire.ts';
import type { BackupReader } from '../store.ts';
import { type AllowedSigner, NoSigner, parseAllowedSigners, whyNotAllowed } from './allowed-signers.ts';

/** What a signature of a backup is made for, so that no other one passes for it; `ssh-keygen -n`. */
export const NAMESPACE = 'memcached-backup@backup.json';

/** What the user named. */
export interface SignatureSources {
  /** --sign-key or MEMCACHED_BACKUP_SIGN_KEY_FILE */
  signKeyFile?: string | undefined;
  /** --trust or MEMCACHED_BACKUP_TRUST */
  trustFile?: string | undefined;
}

/**
 * What there is to say of who signed a backup.
 * - none: nobody did.
 * - unverified: somebody did, and nobody was named who is trusted.
 * - trusted: `by` did, who is.
 * - untrusted: it is none of these, or of something else; `why` is a clause.
 */
export type Signed =
  | { status: 'none' }
  | { status: 'unverified'; key: string }
  | { status: 'trusted'; key: string; by: string }
  | { status: 'untrusted'; key?: string; why: string };

/** A backup, as far as a signature of it goes. */
export interface SignedBackup {
  /** backup.json.sig; undefined where there is none. */
  signature: string | undefined;
  /** sha256 of backup.json, in hex. */
  digest: string;
  /** backup.json; absent where it is not at hand, and then only signatures by sha256 can be checked. */
  documentBytes?: Buffer;
}

/** Who signs in this run, and who is trusted. */
export class Signatures {
  readonly #sources: SignatureSources;
  #key: Promise<SshPrivateKey | undefined> | undefined;
  #signers: Promise<AllowedSigner[] | undefined> | undefined;

  constructor(sources: SignatureSources = {}) {
    this.#sources = sources;
  }

  /** Makes backup.json.sig of a backup.json; undefined where nothing is signed. @throws UsageError */
  async signer(): Promise<((document: string) => string) | undefined> {
    this.#key ??= this.#readKey();
    const key = await this.#key;
    return key === undefined ? undefined : (document) => signSsh(document, key, NAMESPACE);
  }

  /** What only whoever signs knows; undefined where nothing is signed. Never to be used as it is. @throws UsageError */
  async secret(): Promise<Uint8Array | undefined> {
    this.#key ??= this.#readKey();
    const key = await this.#key;
    return key === undefined
      ? undefined
      : Buffer.from(key.key.export({ format: 'jwk' }).d ?? '', 'base64url');
  }

  /** Whether signers were named: then what none of them signed is refused. */
  get areNamed(): boolean {
    return this.#sources.trustFile !== undefined;
  }

  /** @throws UsageError for a file of signers that is none. */
  async judge(backup: SignedBackup, now: Date): Promise<Signed> {
    this.#signers ??= this.#readSigners();
    return judgeSignature(backup, await this.#signers, now);
  }

  /** @throws UntrustedBackup where signers were named and none of them signed it. */
  async assertTrusted(reader: BackupReader, now: Date): Promise<void> {
    if (!this.areNamed) return;
    const signed = await this.judge({ ...reader, signature: await reader.signature() }, now);
    if (signed.status === 'trusted') return;
    throw new UntrustedBackup(reader.location, signed, this.#sources.trustFile ?? '');
  }

  async #readKey(): Promise<SshPrivateKey | undefined> {
    const { signKeyFile: file } = this.#sources;
    if (file === undefined) return undefined;
    const text = await readKeyFile(file, 'signing key');
    try {
      const key = parsePrivateKey(text);
      if (key.public.type !== 'ssh-ed25519') throw new MalformedSsh('it is no Ed25519 key');
      return key;
    } catch (error) {
      if (!(error instanceof MalformedSsh)) throw error;
      throw new UsageError(`the signing key ${file}: ${error.message}`, {
        untouched: 'nothing was saved',
        next:
          error instanceof EncryptedKey
            ? `make a copy without a passphrase, which you remove afterwards: cp ${file} key && ssh-keygen -p -N '' -f key`
            : advice`make one: ${shell('ssh-keygen', '-t', 'ed25519', '-N', '', '-f', 'memcached-backup-signing')}`,
      });
    }
  }

  async #readSigners(): Promise<AllowedSigner[] | undefined> {
    const { trustFile: file } = this.#sources;
    if (file === undefined) return undefined;
    const text = await readKeyFile(file, 'file of allowed signers');
    const next = 'a line for each signer: WHO ssh-ed25519 AAAA… (ssh-keygen(1), ALLOWED SIGNERS)';
    try {
      const signers = parseAllowedSigners(text);
      if (signers.length === 0) throw new NoSigner('it names nobody');
      return signers;
    } catch (error) {
      if (!(error instanceof NoSigner)) throw error;
      throw new UsageError(`the allowed signers ${file}: ${error.message}`, {
        untouched: 'nothing was changed',
        next,
      });
    }
  }
}

/** A backup that nobody signed who is trusted. */
export class UntrustedBackup extends ToolError {
  constructor(location: string, signed: Exclude<Signed, { status: 'trusted' }>, trustFile: string) {
    super(`the backup ${location} is not to be trusted: ${signedInWords(signed)}`, {
      untouched: 'the cluster was not changed',
      next: `choose one that somebody in ${trustFile} signed, or add the signer's public key there if you know it to be theirs`,
    });
  }
}

/** One clause, for a person. */
export function signedInWords(signed: Signed): string {
  switch (signed.status) {
    case 'none':
      return 'nobody signed it';
    case 'unverified':
      return `with ${signed.key}, unverified: name whom you trust with --trust`;
    case 'trusted':
      return `by ${signed.by} (${signed.key})`;
    case 'untrusted':
      return signed.why;
  }
}

/** @param signers undefined: nobody was named. @param now when the signers must be allowed to sign, as for ssh-keygen. */
export function judgeSignature(
  { signature, digest, documentBytes }: SignedBackup,
  signers: readonly AllowedSigner[] | undefined,
  now: Date,
): Signed {
  if (signature === undefined) return { status: 'none' };
  let parsed: SshSignature;
  try {
    parsed = parseSignature(signature);
  } catch (error) {
    if (!(error instanceof MalformedSsh)) throw error;
    return { status: 'untrusted', why: `its signature can't be read: ${error.message}` };
  }
  const key = sshFingerprint(parsed.key);
  const untrusted = (why: string): Signed => ({ status: 'untrusted', key, why });
  if (parsed.namespace !== NAMESPACE) return untrusted(`its signature (${key}) was made for something else`);
  const signed = signedDigest(parsed.hash, digest, documentBytes);
  if (signed === undefined) return { status: 'unverified', key };
  if (!parsed.fits(signed))
    return untrusted(`its signature (${key}) is of another backup.json, or was changed`);
  if (signers === undefined) return { status: 'unverified', key };
  const named = signers.filter((signer) => signer.key.wire.equals(parsed.key.wire));
  const whys = named.map((signer) => whyNotAllowed(signer, NAMESPACE, now));
  const allowed = named.find((_, index) => whys[index] === undefined);
  if (allowed !== undefined) return { status: 'trusted', key, by: allowed.principals };
  return untrusted(
    `${key} signed it, ${whys[0] === undefined ? 'who is not among those who are trusted' : `and ${whys[0]}`}`,
  );
}

function signedDigest(hash: SshSignature['hash'], digest: string, document?: Buffer): Buffer | undefined {
  if (hash === 'sha256') return Buffer.from(digest, 'hex');
  return document === undefined ? undefined : createHash(hash).update(document).digest();
}
