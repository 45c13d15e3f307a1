import { ToolError } from '../../errors/tool-error.ts';
import type { BackupKind, Sealing } from '../../model/records/backup-format.ts';
import type { ListedJournal } from '../../model/records/journal.ts';
import type { StoreName } from '../advice.ts';
import { RUNBOOK, SEALED } from '../format/layout.ts';
import { sealedTo } from '../format/sealed-backup.ts';
import type { ReleaseFiles } from '../release-files.ts';
import { Signatures } from '../sign/signatures.ts';
import { SIGNED_RUNBOOK } from '../sign/signed-runbook.ts';
import type {
  BackupAddress,
  BackupContent,
  BackupReader,
  BegunSave,
  ExposedFolder,
  JournalStore,
  JournalWriter,
  ListedBackup,
  ListOptions,
  ReleaseAddress,
  SavedBackup,
  Store,
  StoreCondition,
} from '../store.ts';
import { keepsInPlace, keepsJournals } from '../store.ts';
import { UnwritableStore } from '../store-error.ts';
import { NoKeyFits, open, type Seal } from './age.ts';
import { Keys, NO_KEYS } from './keys.ts';
import { type SealedContent, sealContent, sealingOf } from './seal-content.ts';
import { sealInPlace } from './seal-in-place.ts';
import { withKeys } from './sealed-reader.ts';

export interface SealingOptions {
  /** Who signs, and who is trusted; nobody where absent. */
  signatures?: Signatures;
  /** It is for this user alone: a journal may lie in it, which holds Secrets in plain text. */
  isPrivate?: boolean;
  /** As {@link contentSecret} gives it, on first use; absent where a store has no use for it. */
  contentSecret?: () => Promise<Uint8Array | undefined>;
}

/** A store of any kind that seals and signs what it saves, where the keys say so, and opens what is sealed. */
export function sealingStore(store: JournalStore, keys: Keys, options?: SealingOptions): JournalStore;
export function sealingStore(store: Store, keys: Keys, options?: SealingOptions): Store;
export function sealingStore(store: Store, keys: Keys, options: SealingOptions = {}): Store {
  return keepsJournals(store)
    ? new SealingJournalStore(store, keys, options)
    : new SealingStore(store, keys, options);
}

/** To whom the store seals a backup of this kind; undefined where it does not. @throws UsageError */
export async function sealingBy(store: StoreName, kind: BackupKind): Promise<Sealing | undefined> {
  return store instanceof SealingStore ? store.sealing(kind) : undefined;
}

/** Who signs, and who is trusted, of whoever opened the store. */
export function signaturesOf(store: StoreName): Signatures {
  return store instanceof SealingStore ? store.signatures : new Signatures();
}

/**
 * Another store that signs as this one does, with its key; `isSealed`: and seals as it does.
 * @param store as the session opened it.
 */
export function savingAs(store: StoreName, other: Store, isSealed: boolean): Store {
  if (!(store instanceof SealingStore)) return other;
  return isSealed
    ? store.like(other)
    : sealingStore(other, new Keys(NO_KEYS), { signatures: store.signatures });
}

/** A backup that was opened elsewhere than in the store, read with the same keys. */
export function readWithKeysOf(store: StoreName, reader: BackupReader): BackupReader {
  return store instanceof SealingStore ? store.withKeys(reader) : reader;
}

class SealingStore<S extends Store = Store> implements Store {
  readonly location: string;
  readonly flags: readonly string[];
  readonly keyFlags: readonly string[];
  protected readonly inner: S;
  readonly signatures: Signatures;
  readonly #keys: Keys;
  readonly #contentSecret: SealingOptions['contentSecret'];

  constructor(inner: S, keys: Keys, { signatures = new Signatures(), contentSecret }: SealingOptions) {
    this.location = inner.location;
    this.flags = inner.flags;
    this.keyFlags = keys.flags;
    this.inner = inner;
    this.signatures = signatures;
    this.#keys = keys;
    this.#contentSecret = contentSecret;
  }

  async save(address: BackupAddress, content: BackupContent, signal?: AbortSignal): Promise<SavedBackup> {
    const { kind, sealed: already } = content.document;
    const by = await this.#keys.sealFor(kind);
    if (by === undefined || already !== undefined) {
      return this.inner.save(address, await this.#signed(content), signal);
    }
    const sealed = await this.#seal(address, content, by);
    if (kind === 'safety') await this.#assertOpens(sealed.archive, by);
    signal?.throwIfAborted();
    return this.inner.save(address, await this.#signed(sealed.content), signal);
  }

  /** What is sealed is so as a whole. */
  async begin(address: BackupAddress, kind: BackupKind): Promise<BegunSave | undefined> {
    if ((await this.#keys.sealFor(kind)) !== undefined) return undefined;
    const begun = await this.inner.begin?.(address, kind);
    if (begun === undefined) return undefined;
    return {
      write: (files) => begun.write(files.filter(({ path }) => path !== RUNBOOK)),
      save: async (content, signal) => begun.save(await this.#signed(content), signal),
      drop: () => begun.drop(),
    };
  }

  list(filter: Partial<BackupAddress>, options?: ListOptions): Promise<ListedBackup[]> {
    return this.inner.list(filter, options);
  }

  async open(address: BackupAddress): Promise<BackupReader> {
    return this.withKeys(await this.inner.open(address));
  }

  remove(address: BackupAddress): Promise<void> {
    return this.inner.remove(address);
  }

  sweep(release: ReleaseAddress): Promise<void> {
    return this.inner.sweep(release);
  }

  condition(): Promise<StoreCondition> {
    return this.inner.condition();
  }

  exposed(release: ReleaseAddress): Promise<ExposedFolder[]> {
    return this.inner.exposed(release);
  }

  /** As they are: whoever writes what is secret seals it; the report of a drill is none of that. */
  releaseFiles(release: ReleaseAddress): ReleaseFiles | undefined {
    return this.inner.releaseFiles(release);
  }

  async backupAtTag(releases: readonly ReleaseAddress[], tag: string): Promise<BackupAddress | undefined> {
    return this.inner.backupAtTag?.(releases, tag);
  }

  like(other: Store): Store {
    const contentSecret = this.#contentSecret;
    return sealingStore(other, this.#keys, {
      signatures: this.signatures,
      ...(contentSecret === undefined ? {} : { contentSecret }),
    });
  }

  withKeys(reader: BackupReader): BackupReader {
    return withKeys(reader, this.#keys);
  }

  async sealing(kind: BackupKind): Promise<Sealing | undefined> {
    const by = await this.#keys.sealFor(kind);
    return by === undefined ? undefined : sealingOf(by);
  }

  /** What is sealed with a passphrase is sealed anew each time: whether it is the same one, a mark would help to guess. */
  async #seal(address: BackupAddress, content: BackupContent, by: Seal): Promise<SealedContent> {
    if ('passphrase' in by || !keepsInPlace(this.inner)) return sealContent(address, content, by);
    const secret = await this.#contentSecret?.();
    return secret === undefined
      ? sealContent(address, content, by)
      : sealInPlace(this.inner, address, content, { by, secret });
  }

  /** A copy keeps the signature that it had: what it says is not ours. */
  async #signed(content: BackupContent): Promise<BackupContent> {
    const signature = await this.signatures.signer();
    if (signature === undefined || content.finished !== undefined) return content;
    const files = content.files.map((file) =>
      file.path === RUNBOOK ? { ...file, content: `${textOf(file.content)}${SIGNED_RUNBOOK}` } : file,
    );
    return { ...content, files, signature };
  }

  /** A safety backup that nobody here can open undoes nothing. */
  async #assertOpens(archive: Buffer, by: Seal): Promise<void> {
    if ('passphrase' in by) return;
    try {
      const { identities } = await this.#keys.openers();
      await open(archive, { identities }, SEALED);
    } catch (error) {
      if (!(error instanceof NoKeyFits)) throw error;
      throw new ToolError(
        `no key at hand opens the safety backup, which is ${sealedTo(sealingOf(by))}: undo could not read it`,
        {
          untouched: 'nothing was saved, and the cluster was not changed',
          next: 'name the key of one of them: --identity FILE; or seal it to another: --encrypt-to RECIPIENT',
        },
      );
    }
  }
}

class SealingJournalStore extends SealingStore<JournalStore> implements JournalStore {
  readonly #isPrivate: boolean;

  constructor(inner: JournalStore, keys: Keys, options: SealingOptions) {
    super(inner, keys, options);
    this.#isPrivate = options.isPrivate === true;
  }

  /** A journal is written line by line, and holds the objects as they were: in plain text it has no place beside what is sealed. */
  async openJournal(release: ReleaseAddress, id: string): Promise<JournalWriter> {
    if (this.#isPrivate || (await this.sealing('safety')) === undefined)
      return this.inner.openJournal(release, id);
    const message = `the store ${this.location} takes no journal in plain text beside sealed backups`;
    throw new UnwritableStore(
      message,
      { next: 'name a folder of your own for it: XDG_STATE_HOME=FOLDER' },
      false,
    );
  }

  journals(release: ReleaseAddress): Promise<ListedJournal[]> {
    return this.inner.journals(release);
  }

  removeJournal(release: ReleaseAddress, id: string): Promise<void> {
    return this.inner.removeJournal(release, id);
  }
}

function textOf(content: string | Uint8Array): string {
  return typeof content === 'string' ? content : Buffer.from(content).toString();
}
