import { isDeepStrictEqual } from 'node:util';
import { advice } from '../../advice/advice.ts';
import type { Command } from '../../advice/command.ts';
import { ToolError } from '../../errors/tool-error.ts';
import { summaryOf } from '../../model/records/backup-summary.ts';
import { listCommand, storeFlags } from '../advice.ts';
import { openBackup } from '../format/backup-reader.ts';
import { Damage, DamagedBackup } from '../format/damage.ts';
import { addressParts, releaseParts, VERIFIED } from '../format/layout.ts';
import { MemoryFiles } from '../format/memory-files.ts';
import { prepareBackup } from '../format/prepare-backup.ts';
import { readVerification } from '../format/verification.ts';
import type { ReleaseFiles } from '../release-files.ts';
import type {
  BackupAddress,
  BackupContent,
  BackupReader,
  ExposedFolder,
  InPlaceStore,
  ListedBackup,
  ReleaseAddress,
  SavedBackup,
  StoreCondition,
} from '../store.ts';
import { DeletionDenied } from '../store-error.ts';
import { ToldReleaseFiles } from '../told-release-files.ts';
import { backupAtTag } from './backup-at-tag.ts';
import type { GitAccess } from './git-access.ts';
import { takeCache } from './git-cache.ts';
import { type CatalogedBackup, readCatalog } from './git-catalog.ts';
import { gitCondition } from './git-condition.ts';
import { GitFailure, gitReadError, gitWriteError } from './git-failure.ts';
import { readFiles } from './git-files.ts';
import { type GitPlace, parseGitLocation } from './git-location.ts';
import { assertGit, gitEnvironment } from './git-program.ts';
import { GitReleaseFiles } from './git-release-files.ts';
import { BrokenCache, GitRepository, WholeFetchNeeded } from './git-repository.ts';
import { lookAt, type PlaceOfRelease, readSealed } from './in-place.ts';
import { KnownTip } from './known-tip.ts';
import { noteInGit } from './note-in-git.ts';
import { PlainSecrets, plainSecretsIn } from './plain-secrets.ts';
import { backupRef } from './ref-names.ts';
import { releaseFolder } from './release-folder.ts';
import { removeFromGit } from './remove-from-git.ts';
import { saveInGit, Unsettled } from './save-in-git.ts';

export interface GitStoreOptions {
  access?: GitAccess;
  env: NodeJS.ProcessEnv;
  /** Ends git where it runs. */
  signal?: AbortSignal;
  /** MEMCACHED_BACKUP_STORE */
  inEnvironment?: string;
}

/** Backups in a Git repository: the newest of each release in place on a branch, all of them behind tags. */
export class GitStore implements InPlaceStore {
  readonly location: string;
  readonly flags: readonly string[];
  readonly #place: GitPlace;
  readonly #access: GitAccess;
  readonly #env: NodeJS.ProcessEnv;
  readonly #signal: AbortSignal | undefined;
  readonly #tip: KnownTip;
  #hasSaid = false;
  #seen: { release: ReleaseAddress; place: PlaceOfRelease } | undefined;

  /** @throws UsageError where the location is none. */
  constructor(location: string, { access = {}, env, signal, inEnvironment }: GitStoreOptions) {
    this.#place = parseGitLocation(location);
    this.#tip = new KnownTip(this.#place);
    this.location = location;
    this.flags = storeFlags(location, inEnvironment);
    this.#access = access;
    this.#env = gitEnvironment(env, access.isTerminal === true);
    this.#signal = signal;
  }

  async save(address: BackupAddress, content: BackupContent, signal?: AbortSignal): Promise<SavedBackup> {
    addressParts(address);
    const backup = prepareBackup(address, content);
    this.#assertNoPlainSecrets(content);
    const either = signal ?? this.#signal;
    try {
      const { address: at, document } = await this.#use((repository) => {
        const seen = this.#takeSeen(address);
        return saveInGit(repository, { place: this.#place, address, backup, signal: either, seen });
      }, either);
      return {
        address: at,
        location: this.#locate(at),
        digest: document.digest,
        document: document.document,
      };
    } catch (error) {
      if (error instanceof Unsettled)
        throw gitWriteError(
          error.cause,
          this,
          'whether it arrived nobody knows: list shows it if it did, and then it is whole',
        );
      throw gitWriteError(error, this);
    }
  }

  async list(filter: Partial<BackupAddress>): Promise<ListedBackup[]> {
    const found = await this.#read((repository) => readCatalog(repository, this.#place.path, filter));
    return Promise.all(found.map((cataloged) => this.#listed(cataloged)));
  }

  async open(address: BackupAddress): Promise<BackupReader> {
    addressParts(address);
    const { release, namespace, id, cluster } = address;
    const location = this.#locate(address);
    const list = listCommand(this, release, namespace);
    const next = advice`choose another one: ${list}`;
    try {
      const { files, claims } = await this.#read((repository) => this.#files(repository, address, list));
      const operand = [`${release}@${id}`, '-n', namespace, '--cluster-name', cluster, ...this.flags];
      const reader = await openBackup({ files, location, store: this, next, operand }, address);
      if (claims.digest !== reader.digest) throw new Damage('its tag is of another backup.json');
      if (!isDeepStrictEqual(claims.summary, asJson(summaryOf(reader.document))))
        throw new Damage('its tag says something else than backup.json');
      return reader;
    } catch (error) {
      throw error instanceof Damage ? new DamagedBackup(location, error.message, next) : error;
    }
  }

  inPlace(release: ReleaseAddress): Promise<BackupReader | undefined> {
    return this.#read(async (repository) => {
      const place = await lookAt(repository, this.#place, release);
      this.#seen = { release, place };
      const files = await readSealed(repository, place, releaseFolder(this.#place.path, release));
      try {
        return files && (await openBackup({ files, location: this.location, next: '' }, { folder: '' }));
      } catch (error) {
        // Somebody's own change of it; or of a newer version, whose archive is not ours to judge.
        if (error instanceof ToolError) return undefined;
        throw error;
      }
    });
  }

  backupAtTag(releases: readonly ReleaseAddress[], tag: string): Promise<BackupAddress> {
    const at = { place: this.#place, store: this };
    return this.#read((repository) => backupAtTag(repository, at, releases, tag));
  }

  /** What was looked at last, where it is of this release; once. */
  #takeSeen({ cluster, namespace, release }: ReleaseAddress): PlaceOfRelease | undefined {
    const seen = this.#seen;
    this.#seen = undefined;
    const isIt =
      seen?.release.cluster === cluster &&
      seen.release.namespace === namespace &&
      seen.release.release === release;
    return isIt ? seen.place : undefined;
  }

  async remove(address: BackupAddress): Promise<void> {
    addressParts(address);
    try {
      await this.#use((repository) => removeFromGit(repository, this.#place, address));
      this.#sayOnce(
        `Git takes nothing out of its history: what was committed on the branch stays there; the tags of the removed backups are gone (${this.location})`,
      );
    } catch (error) {
      if (error instanceof GitFailure && error.isDenied)
        throw new DeletionDenied(this.#locate(address), `permission denied: ${error.message}`, {
          next: error.next,
          cause: error,
        });
      throw gitWriteError(error, this);
    }
  }

  /** A push that was cut off leaves nothing behind a ref; what it left is the server's to clear up (git gc). */
  async sweep(): Promise<void> {}

  async condition(): Promise<StoreCondition> {
    return this.#read((repository) => gitCondition(repository, this.#place));
  }

  /** Who may write to a repository is no matter of folders; its server tells. */
  async exposed(): Promise<ExposedFolder[]> {
    return [];
  }

  releaseFiles(release: ReleaseAddress): ReleaseFiles {
    releaseParts(release);
    return new ToldReleaseFiles(
      new GitReleaseFiles((work) => this.#use(work), this.#place, release, this.#tip),
      {
        reading: (error) => gitReadError(error, this),
        writing: (error) => gitWriteError(error, this),
      },
    );
  }

  #sayOnce(text: string): void {
    if (!this.#hasSaid) this.#access.warn?.(text);
    this.#hasSaid = true;
  }

  #assertNoPlainSecrets({ document }: BackupContent): void {
    const what = plainSecretsIn(document);
    if (what === undefined) return;
    if (this.#access.allowPlainSecrets !== true) throw new PlainSecrets(this, document, what);
    this.#access.warn?.(
      `the backup of ${document.release} goes into Git with ${what} in plain text: whoever can read the repository has it, and history keeps it for good`,
    );
  }

  async #files(repository: GitRepository, address: BackupAddress, list: Command) {
    const [cataloged] = await readCatalog(repository, this.#place.path, address);
    if (cataloged === undefined)
      throw new ToolError(`there is no backup ${this.#locate(address)}`, { next: list });
    const { claims, damage, commit, note } = cataloged;
    if (claims === undefined) throw new Damage(damage ?? 'its tag is damaged');
    const files = await readFiles(repository, commit, releaseFolder(this.#place.path, address));
    if (note?.text !== undefined) files.set(VERIFIED, Buffer.from(note.text));
    const replace = async (text: string | undefined): Promise<void> => {
      try {
        await this.#use((again) => noteInGit(again, this.#place, { address, text }));
      } catch (error) {
        throw gitWriteError(error, this);
      }
    };
    return { files: new MemoryFiles(files, replace), claims };
  }

  async #listed({ address, claims, damage, unreadable, note }: CatalogedBackup): Promise<ListedBackup> {
    const listed: ListedBackup = { address, location: this.#locate(address) };
    if (damage !== undefined || claims === undefined)
      return { ...listed, damage: damage ?? 'its tag is damaged', ...(unreadable && { unreadable }) };
    const { digest, summary, signature } = claims;
    listed.summary = summary;
    if (signature !== undefined) listed.signed = { signature, digest };
    if (note?.text === undefined) return listed;
    const files = new MemoryFiles(new Map([[VERIFIED, Buffer.from(note.text)]]), async () => {});
    const verification = await readVerification(files, digest);
    return verification === undefined ? listed : { ...listed, verification };
  }

  async #read<T>(work: (repository: GitRepository) => Promise<T>): Promise<T> {
    try {
      return await this.#use(work);
    } catch (error) {
      throw gitReadError(error, this);
    }
  }

  /** Works in the cache; in a fresh one where that was broken, or the server wants nothing left out of it. */
  async #use<T>(work: (repository: GitRepository) => Promise<T>, signal = this.#signal): Promise<T> {
    const check = assertGit(this.#env);
    check.catch(() => {});
    const cache = await takeCache(this.#place.url, this.#env, signal).catch(async (error: unknown) => {
      await check;
      throw error;
    });
    const attempt = (): Promise<T> => work(new GitRepository(cache, this.#env, signal));
    try {
      await check;
      return await attempt().catch(async (error: unknown) => {
        const isWhole = error instanceof WholeFetchNeeded;
        if (isWhole ? cache.isWhole : !(error instanceof BrokenCache) || cache.isNew) throw error;
        await cache.renew({ isWhole: isWhole || cache.isWhole });
        return attempt();
      });
    } catch (error) {
      if (!(error instanceof BrokenCache || error instanceof WholeFetchNeeded)) throw error;
      throw error.cause instanceof GitFailure
        ? error.cause
        : new GitFailure('cat-file', error.message, 'other');
    } finally {
      await cache.release();
    }
  }

  #locate(address: BackupAddress): string {
    return `${this.location}:${backupRef(address, this.#place.path).replace(/^refs\/tags\//, '')}`;
  }
}

/** Without what JSON does not carry. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
