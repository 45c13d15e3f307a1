import { type Advice, advice } from '../../advice/advice.ts';
import type { BackupDocument, Sealing, VerificationDocument } from '../../model/records/backup-format.ts';
import { listCommand, type StoreName, verifyCommand } from '../advice.ts';
import { unpackArchive } from '../format/archive.ts';
import { openBackup } from '../format/backup-reader.ts';
import { Damage, DamagedBackup } from '../format/damage.ts';
import { SEALED, SEALED_TO } from '../format/layout.ts';
import { MemoryFiles } from '../format/memory-files.ts';
import { SealedBackup } from '../format/sealed-backup.ts';
import type { BackupAddress, BackupReader, Irregularity, VerificationNote } from '../store.ts';
import { NoKeyFits, open, type Seal } from './age.ts';
import type { Keys } from './keys.ts';
import { NoRecipient, parseRecipients } from './recipient.ts';
import { isSameBackup, isUnchangedSince } from './same-backup.ts';

/** Reads a backup with the keys at hand: one that is not sealed as it is, the archive of another on the first call. */
export function withKeys(reader: BackupReader, keys: Keys): BackupReader {
  return reader.document.sealed === undefined
    ? reader
    : new SealedReader(reader, reader.document.sealed, keys);
}

/** What a backup says and does whether it was opened or not: it lies where it lies. */
class Reader {
  readonly address: BackupAddress;
  readonly location: string;
  readonly operand: readonly string[];
  readonly store?: StoreName;
  readonly digest: string;
  readonly documentBytes: Buffer;
  protected readonly stored: BackupReader;

  /** @param keyFlags as {@link StoreName.keyFlags}. */
  constructor(stored: BackupReader, keyFlags: readonly string[]) {
    this.address = stored.address;
    this.location = stored.location;
    this.operand = [...stored.operand, ...keyFlags];
    if (stored.store !== undefined) this.store = stored.store;
    this.digest = stored.digest;
    this.documentBytes = stored.documentBytes;
    this.stored = stored;
  }

  signature(): Promise<string | undefined> {
    return this.stored.signature();
  }

  verification(): Promise<VerificationDocument | undefined> {
    return this.stored.verification();
  }

  noteVerification(note: VerificationNote | undefined): Promise<void> {
    return this.stored.noteVerification(note);
  }
}

class SealedReader extends Reader implements BackupReader {
  readonly document: BackupDocument;
  readonly #sealing: Sealing;
  readonly #keys: Keys;
  #opened: Promise<BackupReader> | undefined;

  constructor(stored: BackupReader, sealing: Sealing, keys: Keys) {
    super(stored, keys.flags);
    this.document = stored.document;
    this.#sealing = sealing;
    this.#keys = keys;
  }

  read(path: string): Promise<Buffer> {
    return this.stored.read(path);
  }

  irregularities(): Promise<Irregularity[]> {
    return this.stored.irregularities();
  }

  unsealed(): Promise<BackupReader> {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  async #open(): Promise<BackupReader> {
    const sealed = await this.stored.read(SEALED);
    const openers = await this.#keys.openers();
    const isPassphrase = this.#sealing.recipients.some(({ type }) => type === 'passphrase');
    const passphrase = isPassphrase ? await openers.passphrase?.() : undefined;
    const tried = openers.identities.length + (passphrase ? 1 : 0);
    if (tried === 0) throw new SealedBackup(this.location, this.#sealing);
    try {
      const answer = passphrase ? async () => passphrase : undefined;
      const archive = await open(sealed, { identities: openers.identities, passphrase: answer }, SEALED);
      const files = await unpacked(archive);
      const { location } = this;
      // What is verified is noted beside the archive, never in it.
      const held = new MemoryFiles(files, async () => {});
      const inner = await openBackup({ files: held, location, next: this.#next() }, { folder: SEALED });
      assertSameBackup(inner.document, this.document);
      this.#keys.noteOpened(passphrase ? { passphrase } : sealIn(files));
      return new UnsealedReader(this.stored, inner, this.#keys.flags);
    } catch (error) {
      if (error instanceof NoKeyFits) throw new SealedBackup(this.location, this.#sealing, tried);
      if (error instanceof Damage) throw new DamagedBackup(this.location, error.message, this.#next());
      throw error;
    }
  }

  #next(): Advice {
    const { store, operand } = this;
    const { release, namespace } = this.address;
    return store === undefined
      ? advice`see all that is wrong with it: ${verifyCommand(operand)}`
      : advice`choose another one: ${listCommand(store, release, namespace)}`;
  }
}

/** The backup that lies in the archive, at the address of the sealed one. */
class UnsealedReader extends Reader implements BackupReader {
  readonly document: BackupDocument;
  readonly #inner: BackupReader;

  constructor(stored: BackupReader, inner: BackupReader, keyFlags: readonly string[]) {
    super(stored, keyFlags);
    this.document = { ...stored.document, files: inner.document.files };
    this.#inner = inner;
  }

  read(path: string): Promise<Buffer> {
    return this.#inner.read(path);
  }

  irregularities(): Promise<Irregularity[]> {
    return this.#inner.irregularities();
  }

  async unsealed(): Promise<BackupReader> {
    return this;
  }
}

/** An archive that was put into the folder of another backup would be restored as something it is not. */
function assertSameBackup(inner: BackupDocument, outer: BackupDocument): void {
  const since = outer.sealed?.since;
  if (since === undefined ? isSameBackup(inner, outer) : isUnchangedSince(since, inner, outer)) return;
  throw new Damage(`${SEALED} holds another backup than backup.json says`);
}

/** To whom a safety backup of its restore is sealed. @throws Damage */
function sealIn(files: ReadonlyMap<string, Uint8Array>): Seal {
  try {
    const recipients = parseRecipients(Buffer.from(files.get(SEALED_TO) ?? []).toString());
    if (recipients.length > 0) return { recipients };
  } catch (error) {
    if (!(error instanceof NoRecipient)) throw error;
  }
  throw new Damage(`${SEALED_TO} in ${SEALED} does not say to whom it was sealed`);
}

/** @throws Damage: whoever knows a public key can seal anything to it. */
async function unpacked(archive: Buffer): Promise<ReadonlyMap<string, Uint8Array>> {
  try {
    return (await unpackArchive(archive)).files;
  } catch (error) {
    throw error instanceof Damage ? new Damage(`${SEALED}: ${error.message}`) : error;
  }
}
