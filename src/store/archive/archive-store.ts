import { realpath, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { ToolError } from '../../errors/tool-error.ts';
import { summaryOf } from '../../model/records/backup-summary.ts';
import { isWithin } from '../address-filter.ts';
import { listCommand, storeFlags } from '../advice.ts';
import { exposedFile } from '../folder/folder-access.ts';
import { readInner } from '../folder/safe-read.ts';
import { type ArchivedBackup, MAX_ARCHIVE_BYTES, unpackArchive } from '../format/archive.ts';
import { assertSizes, readDocument } from '../format/backup-document.ts';
import { openBackup } from '../format/backup-reader.ts';
import { Damage, DamagedBackup } from '../format/damage.ts';
import { MemoryFiles } from '../format/memory-files.ts';
import { readSignature } from '../format/signature-file.ts';
import type {
  BackupAddress,
  BackupReader,
  ExposedFolder,
  ListedBackup,
  SavedBackup,
  Store,
  StoreCondition,
} from '../store.ts';
import { DeletionDenied, readError, UnwritableStore } from '../store-error.ts';

const READ_ONLY = 'it is one backup in a file, to which nothing is added';

/** What `export` writes: a store of one backup, for reading. */
export class ArchiveStore implements Store {
  readonly location: string;
  readonly flags: readonly string[];
  #unpacked: Promise<ArchivedBackup> | undefined;

  /** @param flags as {@link StoreName.flag}. */
  constructor(location: string, flags: readonly string[] = storeFlags(location)) {
    this.location = location;
    this.flags = flags;
  }

  async save(): Promise<SavedBackup> {
    throw this.#unwritable();
  }

  async list(filter: Partial<BackupAddress>): Promise<ListedBackup[]> {
    const { location } = this;
    let address: BackupAddress | undefined;
    try {
      const archived = await this.#unpack();
      address = archived.address;
      if (!isWithin(address, filter)) return [];
      const files = this.#files(archived);
      const { document, sha256: digest } = await readDocument(files, address);
      await assertSizes(files, document);
      const signature = await readSignature(files);
      const signed = signature === undefined ? {} : { signed: { signature, digest } };
      return [{ address, location, summary: summaryOf(document), ...signed }];
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      const nowhere = { cluster: '', namespace: '', release: '', id: '' };
      const unreadable = error.unreadable ? ({ unreadable: true } as const) : {};
      return [{ address: address ?? nowhere, location, damage: error.message, ...unreadable }];
    }
  }

  async open(address: BackupAddress): Promise<BackupReader> {
    const archived = await this.#whole();
    const next = listCommand(this);
    if (!isWithin(archived.address, address)) {
      throw new ToolError(`there is no backup ${address.release}@${address.id} in ${this.location}`, {
        next,
      });
    }
    return openBackup({ files: this.#files(archived), location: this.location, store: this, next }, address);
  }

  async remove(address: BackupAddress): Promise<void> {
    const archived = await this.#whole();
    if (isWithin(archived.address, address)) throw new DeletionDenied(this.location, READ_ONLY);
  }

  async sweep(): Promise<void> {}

  async condition(): Promise<StoreCondition> {
    await this.#read();
    return { unwritable: { why: READ_ONLY, fix: [] }, leftovers: [], exposed: await this.exposed() };
  }

  /** Of the file that a link leads to: who may write there may change what a restore writes. */
  async exposed(): Promise<ExposedFolder[]> {
    const path = await realpath(this.location).catch(() => this.location);
    return exposedFile(path, this.location);
  }

  /** One backup, to which nothing is added. */
  releaseFiles(): undefined {
    return undefined;
  }

  #unpack(): Promise<ArchivedBackup> {
    this.#unpacked ??= this.#read().then(unpackArchive);
    return this.#unpacked;
  }

  async #whole(): Promise<ArchivedBackup> {
    try {
      return await this.#unpack();
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      throw new DamagedBackup(this.location, error.message, 'use another copy of it, or another backup');
    }
  }

  async #read(): Promise<Buffer> {
    try {
      await stat(this.location);
      // What the user points at may be a link.
      const path = await realpath(this.location);
      return await readInner(dirname(path), basename(path), MAX_ARCHIVE_BYTES);
    } catch (error) {
      throw readError(error, this);
    }
  }

  #files({ files }: ArchivedBackup): MemoryFiles {
    return new MemoryFiles(files, async () => {
      throw this.#unwritable();
    });
  }

  #unwritable(): UnwritableStore {
    const help = {
      untouched: 'the file is as it was',
      next: 'name a folder: --store ./memcached-backups',
    };
    return new UnwritableStore(`can't write to the store ${this.location}: ${READ_ONLY}`, help, false);
  }
}
