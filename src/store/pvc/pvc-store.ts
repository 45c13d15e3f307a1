import { advice } from '../../advice/advice.ts';
import { type Command, kubectl, tool } from '../../advice/command.ts';
import { ToolError } from '../../errors/tool-error.ts';
import { arrayAt, type JsonObject, numberAt, objectAt, stringAt } from '../../model/json/json.ts';
import { listCommand } from '../advice.ts';
import { isDeniedChange } from '../folder/remove-backup.ts';
import { notDurable } from '../folder/save-backup.ts';
import { openBackup } from '../format/backup-reader.ts';
import { Damage, DamagedBackup } from '../format/damage.ts';
import { inspectBackup } from '../format/inspect-backup.ts';
import { addressParts, DOCUMENT, MAX_DOCUMENT_BYTES, releaseParts } from '../format/layout.ts';
import { prepareBackup } from '../format/prepare-backup.ts';
import type { ReleaseFiles } from '../release-files.ts';
import type {
  BackupAddress,
  BackupContent,
  BackupReader,
  ExposedFolder,
  ListedBackup,
  ListOptions,
  ReleaseAddress,
  SavedBackup,
  Store,
  StoreCondition,
} from '../store.ts';
import { DeletionDenied, reasonOf } from '../store-error.ts';
import { ToldReleaseFiles } from '../told-release-files.ts';
import { Helper, type HelperDoor } from './client/helper.ts';
import { PvcFiles } from './client/pvc-files.ts';
import { PvcReleaseFiles } from './client/pvc-release-files.ts';
import { type NamedClaim, pvcReadError, pvcWriteError, unwritableClaim } from './pvc-failure.ts';
import { NotDurablySaved, saveOnClaim, UnknownOutcome } from './save-on-claim.ts';
import { BadFrame, type Frame } from './wire/frames.ts';
import { decodeTold, ToldFiles } from './wire/told-backup.ts';
import { readWireError } from './wire/wire-error.ts';

/**
 * Backups on a PersistentVolumeClaim, which a server in a pod of its own reads and writes (server/claim-folder.ts). Nothing
 * that it says is believed: a backup is checked here, as one from anywhere else.
 */
export class PvcStore implements Store {
  readonly location: string;
  readonly flags: readonly string[];
  readonly #claim: NamedClaim;
  readonly #helper: Helper;

  constructor(claim: NamedClaim, door: HelperDoor) {
    this.location = claim.location;
    this.flags = claim.flags;
    this.#claim = claim;
    this.#helper = new Helper(door);
  }

  async save(address: BackupAddress, content: BackupContent, signal?: AbortSignal): Promise<SavedBackup> {
    addressParts(address);
    const backup = prepareBackup(address, content);
    try {
      signal?.throwIfAborted();
      const saved = await this.#helper.write((link) => saveOnClaim(link, address, backup, signal));
      return this.#saved(saved.address, saved.document);
    } catch (error) {
      if (error instanceof NotDurablySaved)
        throw notDurable(error.cause, this.#locate(error.address), { address, store: this });
      if (!(error instanceof UnknownOutcome)) throw pvcWriteError(error, this.#claim);
      if (await this.#isThere(error)) return this.#saved(error.address, error.document);
      throw pvcWriteError(error.cause, this.#claim, this.#mayBeThere(error.address));
    }
  }

  async list(filter: Partial<BackupAddress>, options?: ListOptions): Promise<ListedBackup[]> {
    try {
      return await this.#helper.read(async (link) => {
        const listed: Promise<ListedBackup>[] = [];
        // Each is checked as it comes, so that of a thousand documents no more are kept than what a listing says.
        await link.requestMany('list', { filter }, (answer) => {
          const one = this.#listed(answer, filter, options);
          one.catch(() => {});
          listed.push(one);
        });
        return Promise.all(listed);
      });
    } catch (error) {
      throw pvcReadError(error, this.#claim);
    }
  }

  async open(address: BackupAddress): Promise<BackupReader> {
    addressParts(address);
    const location = this.#locate(address);
    const { cluster, namespace, release, id } = address;
    const list = listCommand(this, release, namespace);
    const next = advice`choose another one: ${list}`;
    const files = this.#files(address);
    files.fetch();
    const is = await this.#read('look', { address: { cluster, namespace, release, id } });
    if (is.is === 'nothing') throw new ToolError(`there is no backup ${location}`, { next: list });
    if (is.is !== 'folder') throw new DamagedBackup(location, 'it is not a folder', next);
    const operand = [`${release}@${id}`, '-n', namespace, '--cluster-name', cluster, ...this.flags];
    return openBackup({ files, location, store: this, next, operand }, address);
  }

  async remove(address: BackupAddress): Promise<void> {
    addressParts(address);
    const { cluster, namespace, release, id } = address;
    try {
      await this.#helper.write((link) =>
        link.request('remove', { address: { cluster, namespace, release, id } }),
      );
    } catch (error) {
      if (!isDeniedChange(error)) throw pvcWriteError(error, this.#claim);
      throw new DeletionDenied(this.#locate(address), reasonOf(error), {
        next: advice`see what kind of volume it is: ${this.#describe()}`,
        cause: error,
      });
    }
  }

  async sweep({ cluster, namespace, release }: ReleaseAddress): Promise<void> {
    try {
      await this.#helper.write((link) => link.request('sweep', { release: { cluster, namespace, release } }));
    } catch (error) {
      // What stays is told by `condition`; a defect is none of that.
      if (!(pvcWriteError(error, this.#claim) instanceof ToolError)) throw error;
    }
  }

  async condition(): Promise<StoreCondition> {
    const said = await this.#read('condition', {});
    const error = objectAt(said, 'unwritable');
    const freeBytes = numberAt(said, 'freeBytes');
    const freeFiles = numberAt(said, 'freeFiles');
    const capacityBytes = numberAt(said, 'capacityBytes');
    const describe = this.#describe();
    const leftovers = arrayAt(said, 'leftovers').flatMap((left) => {
      const place = stringAt(left, 'location');
      const at = stringAt(left, 'at');
      if (place === undefined || at === undefined) return [];
      const [, namespace = '', release = ''] = place.split('/');
      // The next backup of the release clears it away, some hours after it was cut off.
      const fix = tool('backup', release, '-n', namespace, ...this.flags);
      return [{ location: `${this.location}/${place}`, at, fix }];
    });
    return {
      ...(error === undefined ? {} : { unwritable: unwritableClaim(readWireError(error), this.#claim) }),
      ...(freeBytes === undefined && freeFiles === undefined
        ? {}
        : {
            room: {
              ...(freeBytes === undefined ? {} : { freeBytes }),
              ...(capacityBytes === undefined ? {} : { capacityBytes }),
              ...(freeFiles === undefined ? {} : { freeFiles }),
              fix: [describe],
            },
          }),
      leftovers,
      exposed: [],
    };
  }

  /** Who may make pods that mount the claim may write it as any user: the modes of its folders say nothing. */
  async exposed(): Promise<ExposedFolder[]> {
    return [];
  }

  releaseFiles(release: ReleaseAddress): ReleaseFiles {
    releaseParts(release);
    return new ToldReleaseFiles(new PvcReleaseFiles(this.#helper, release), {
      reading: (error) => (error instanceof Damage ? error : pvcReadError(error, this.#claim)),
      writing: (error) => (error instanceof Damage ? error : pvcWriteError(error, this.#claim)),
    });
  }

  /** Ends the connection. What is asked afterwards makes another. */
  close(): Promise<void> {
    return this.#helper.close();
  }

  async #read(op: 'look' | 'condition', header: object): Promise<JsonObject> {
    try {
      return (await this.#helper.read((link) => link.request(op, header))).header;
    } catch (error) {
      throw pvcReadError(error, this.#claim);
    }
  }

  /** @throws BadFrame where it is no answer to the question. */
  async #listed(answer: Frame, filter: Partial<BackupAddress>, options?: ListOptions): Promise<ListedBackup> {
    const told = decodeTold(answer);
    const { address } = told;
    assertAsked(address, filter);
    const location = this.#locate(address);
    if ('damage' in told)
      return { address, location, damage: told.damage, unreadable: true, next: this.#describe() };
    return (await inspectBackup(new ToldFiles(told.files), address, location, options)).listed;
  }

  /** Whether the backup is there, of which nobody heard what became of it. */
  async #isThere({ address, document }: UnknownOutcome): Promise<boolean> {
    try {
      const found = await this.#files(address).read(DOCUMENT, MAX_DOCUMENT_BYTES);
      return found.equals(Buffer.from(document.text));
    } catch (error) {
      if (error instanceof Damage || error instanceof ToolError) return false;
      throw error;
    }
  }

  #mayBeThere({ release, id }: BackupAddress): string {
    return `whether ${release}@${id} was saved is not known, whole if it was`;
  }

  #saved(address: BackupAddress, { digest, document }: UnknownOutcome['document']): SavedBackup {
    return { address, location: this.#locate(address), digest, document };
  }

  #files(address: BackupAddress): PvcFiles {
    return new PvcFiles(this.#helper, address, (error, doing) => {
      if (error instanceof Damage) return error;
      return doing === 'read' ? pvcReadError(error, this.#claim) : pvcWriteError(error, this.#claim);
    });
  }

  /** Parts that an unreadable folder above it does not have are "". */
  #locate({ cluster, namespace, release, id }: BackupAddress): string {
    return [this.location, cluster, namespace, release, id].filter((part) => part !== '').join('/');
  }

  #describe(): Command {
    return kubectl('describe', 'pvc', this.#claim.claim, '-n', this.#claim.namespace);
  }
}

/** @throws BadFrame where a listing tells of something else than it was asked for. */
function assertAsked(address: BackupAddress, filter: Partial<BackupAddress>): void {
  for (const part of ['cluster', 'namespace', 'release', 'id'] as const) {
    const wanted = filter[part];
    if (wanted !== undefined && address[part] !== wanted && address[part] !== '')
      throw new BadFrame(`a listing tells of the ${part} ${address[part]}`);
  }
}
