import { isDeepStrictEqual } from 'node:util';
import { advice } from '../../advice/advice.ts';
import { shell } from '../../advice/command.ts';
import { mapLimited } from '../../errors/map-limited.ts';
import { ToolError } from '../../errors/tool-error.ts';
import { summaryOf } from '../../model/records/backup-summary.ts';
import { listCommand, storeFlags } from '../advice.ts';
import { readDocument } from '../format/backup-document.ts';
import { openBackup } from '../format/backup-reader.ts';
import { Damage, DamagedBackup } from '../format/damage.ts';
import { addressParts } from '../format/layout.ts';
import { prepareBackup } from '../format/prepare-backup.ts';
import { readVerification } from '../format/verification.ts';
import type { ReleaseFiles } from '../release-files.ts';
import type {
  BackupAddress,
  BackupContent,
  BackupReader,
  ExposedFolder,
  ListedBackup,
  ReleaseAddress,
  SavedBackup,
  Store,
  StoreCondition,
} from '../store.ts';
import { DeletionDenied } from '../store-error.ts';
import { ToldReleaseFiles } from '../told-release-files.ts';
import { type CatalogedBackup, readCatalog } from './catalog.ts';
import { noteInCatalog } from './note-in-catalog.ts';
import { NotAllRemoved, removeFromBucket } from './remove-from-bucket.ts';
import { accessFlags, type S3Access } from './s3-access.ts';
import { S3Bucket } from './s3-bucket.ts';
import { connectS3, type S3Connection } from './s3-client.ts';
import { bucketCondition, leftInBucket } from './s3-condition.ts';
import { S3Failure, s3ReadError, s3WriteError } from './s3-failure.ts';
import { S3Files } from './s3-files.ts';
import { parseS3Location } from './s3-location.ts';
import { S3ReleaseFiles } from './s3-release-files.ts';
import { cliFlags } from './s3-request.ts';
import { saveInBucket, Unfinished } from './save-in-bucket.ts';

/** Entries read at once whose names had no room for the summary. */
const AT_ONCE = 16;

export interface S3StoreOptions {
  access: S3Access;
  env: NodeJS.ProcessEnv;
  /** Breaks off every request under way. */
  signal?: AbortSignal;
  /** MEMCACHED_BACKUP_STORE */
  inEnvironment?: string;
}

/** Backups in a bucket of Amazon S3, or of what speaks its protocol. */
export class S3Store implements Store {
  readonly location: string;
  readonly flags: readonly string[];
  readonly #bucket: S3Bucket;
  /** What the AWS CLI needs to reach the same server. */
  readonly #cli: readonly string[];
  readonly #access: S3Access;
  #hasSaid = false;

  /** @throws UsageError where the location is none. */
  constructor(location: string, { access, env, signal, inEnvironment }: S3StoreOptions) {
    const place = parseS3Location(location);
    this.location = `s3://${place.bucket}/${place.prefix}`.replace(/\/$/, '');
    this.flags = [...storeFlags(location, inEnvironment), ...accessFlags(access)];
    this.#access = access;
    let connection: Promise<S3Connection> | undefined;
    const connect = (): Promise<S3Connection> => (connection ??= connectS3(access, env));
    this.#cli = cliFlags(access);
    this.#bucket = new S3Bucket(place, access, connect, signal);
  }

  async save(address: BackupAddress, content: BackupContent, signal?: AbortSignal): Promise<SavedBackup> {
    addressParts(address);
    const backup = prepareBackup(address, content);
    try {
      const saved = await saveInBucket(this.#bucket, address, backup, signal);
      const { document, digest } = saved.document;
      return { address: saved.address, location: this.#locate(saved.address), digest, document };
    } catch (error) {
      throw error instanceof Unfinished
        ? s3WriteError(error.cause, this, error.left)
        : s3WriteError(error, this);
    }
  }

  async list(filter: Partial<BackupAddress>): Promise<ListedBackup[]> {
    const found = await this.#catalog(filter);
    return mapLimited(found, AT_ONCE, (cataloged) => this.#listed(cataloged));
  }

  async open(address: BackupAddress): Promise<BackupReader> {
    addressParts(address);
    const [cataloged] = await this.#catalog(address);
    const { release, namespace, id, cluster } = address;
    const location = this.#locate(address);
    const list = listCommand(this, release, namespace);
    if (cataloged === undefined) throw new ToolError(`there is no backup ${location}`, { next: list });
    const next = advice`choose another one: ${list}`;
    const files = this.#files(cataloged);
    if (files === undefined || cataloged.damage !== undefined)
      throw new DamagedBackup(location, cataloged.damage ?? 'its entry in the catalog is damaged', next);
    const operand = [`${release}@${id}`, '-n', namespace, '--cluster-name', cluster, ...this.flags];
    const reader = await openBackup({ files, location, store: this, next, operand }, address);
    const said = cataloged.backup?.entry.summary;
    if (said !== undefined && !isDeepStrictEqual(said, asJson(summaryOf(reader.document))))
      throw new DamagedBackup(location, 'its name in the catalog says something else than backup.json', next);
    return reader;
  }

  async remove(address: BackupAddress): Promise<void> {
    addressParts(address);
    const location = this.#locate(address);
    try {
      if (await removeFromBucket(this.#bucket, address)) this.#sayThatVersionsStay();
    } catch (error) {
      if (error instanceof S3Failure && error.isDenied)
        throw new DeletionDenied(location, error.message, { next: error.next, cause: error });
      if (!(error instanceof NotAllRemoved)) throw s3WriteError(error, this);
      const { cause, key } = error;
      throw new ToolError(
        `the backup ${location} is gone, but not all of its objects: ${(cause as Error).message}`,
        {
          next: advice`remove what is left of it: ${shell('aws', 's3', 'rm', `${this.location}/${key}`, ...this.#cli)}`,
          cause,
        },
      );
    }
  }

  /** Once: of each backup the same is true. */
  #sayThatVersionsStay(): void {
    if (!this.#hasSaid)
      this.#access.warn?.(
        `${this.location} keeps older versions of what was removed: they take room until a lifecycle rule of the bucket expires noncurrent versions, and as long as an Object Lock holds them`,
      );
    this.#hasSaid = true;
  }

  async sweep(release: ReleaseAddress): Promise<void> {
    try {
      for (const { key } of await leftInBucket(this.#bucket, release, Date.now()))
        await this.#bucket.remove(key);
    } catch (error) {
      if (!(error instanceof S3Failure)) throw error;
    }
  }

  async condition(): Promise<StoreCondition> {
    try {
      const locate = (key: string): string => `${this.location}/${key}`;
      return await bucketCondition(this.#bucket, { locate, cli: this.#cli }, Date.now());
    } catch (error) {
      throw s3ReadError(error, this);
    }
  }

  /** Who may write to a bucket is no matter of folders; its policy tells. */
  async exposed(): Promise<ExposedFolder[]> {
    return [];
  }

  releaseFiles(release: ReleaseAddress): ReleaseFiles {
    return new ToldReleaseFiles(new S3ReleaseFiles(this.#bucket, release), {
      reading: (error) => s3ReadError(error, this),
      writing: (error) => s3WriteError(error, this),
    });
  }

  async #catalog(filter: Partial<BackupAddress>): Promise<CatalogedBackup[]> {
    try {
      return await readCatalog(this.#bucket, filter);
    } catch (error) {
      throw s3ReadError(error, this);
    }
  }

  async #listed(cataloged: CatalogedBackup): Promise<ListedBackup> {
    const { address, backup, verified, damage, unreadable } = cataloged;
    const listed: ListedBackup = { address, location: this.#locate(address) };
    if (backup?.entry.summary !== undefined) listed.summary = backup.entry.summary;
    if (verified?.entry.note !== undefined) listed.verification = verified.entry.note;
    if (unreadable === true) listed.unreadable = true;
    if (damage !== undefined) return { ...listed, damage };
    const signature = backup?.entry.signature;
    if (signature === true) listed.signed = 'not listed';
    else if (signature !== undefined)
      listed.signed = { signature, digest: backup?.entry.document.sha256 ?? '' };
    try {
      const files = this.#files(cataloged);
      if (files === undefined || backup === undefined) return listed;
      if (listed.summary === undefined)
        listed.summary = summaryOf((await readDocument(files, address)).document);
      if (listed.verification === undefined && verified !== undefined) {
        const verification = await readVerification(files, backup.entry.document.sha256);
        if (verification !== undefined) listed.verification = verification;
      }
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      listed.damage = error.message;
      if (error.unreadable) listed.unreadable = true;
    }
    return listed;
  }

  #files(cataloged: CatalogedBackup): S3Files | undefined {
    const { address, backup } = cataloged;
    if (backup === undefined) return undefined;
    return new S3Files(this.#bucket, {
      address,
      cataloged,
      entry: backup.entry,
      key: backup.object.key,
      told: (error) => s3ReadError(error, this),
      replaceVerification: async (text) => {
        try {
          // What others noted meanwhile is replaced as well.
          const [now = cataloged] = await readCatalog(this.#bucket, address);
          await noteInCatalog(this.#bucket, now, text);
        } catch (error) {
          throw s3WriteError(error, this);
        }
      },
    });
  }

  #locate(address: BackupAddress): string {
    return [this.location, ...addressParts(address)].join('/');
  }
}

/** Without what JSON does not carry. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
