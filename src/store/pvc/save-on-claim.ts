import { mapLimited } from '../../errors/map-limited.ts';
import { numberAt, valueAt } from '../../model/json/json.ts';
import { nextId } from '../../model/records/backup-id.ts';
import { NotDurable } from '../durable-file.ts';
import type { PreparedBackup, PreparedDocument } from '../format/prepare-backup.ts';
import type { BackupAddress } from '../store.ts';
import { type Link, LinkLost } from './client/link.ts';
import { BadFrame } from './wire/frames.ts';

/** Files on their way at once: enough to fill a connection, few enough for the pod's memory. */
const AT_ONCE = 16;
/** Backups of one release that are taken in the same second. */
const MAX_NAMES = 1000;

/** The connection ended after the last step was asked for: the backup is there, whole, or it is not. */
export class UnknownOutcome extends Error {
  readonly address: BackupAddress;
  readonly document: PreparedDocument;

  constructor(cause: LinkLost, address: BackupAddress, document: PreparedDocument) {
    super(cause.message, { cause });
    this.address = address;
    this.document = document;
  }
}

/** The backup is there, and may be lost in a power cut. */
export class NotDurablySaved extends Error {
  readonly address: BackupAddress;
  override readonly cause: NotDurable;

  constructor(cause: NotDurable, address: BackupAddress) {
    super(cause.message);
    this.cause = cause;
    this.address = address;
  }
}

/**
 * Saves a backup over one connection: its files, then the store's own, and its name in one step.
 * @returns also the id that it got.
 * @throws UnknownOutcome; NotDurablySaved; LinkLost and what the server says where nothing came of it; the signal's reason.
 */
export async function saveOnClaim(
  link: Link,
  address: BackupAddress,
  backup: PreparedBackup,
  signal: AbortSignal | undefined,
): Promise<{ address: BackupAddress; document: PreparedDocument }> {
  const { cluster, namespace, release } = address;
  const at = { cluster, namespace, release, id: address.id };
  const save = numberAt((await link.request('begin', { address: at })).header, 'save');
  if (save === undefined) throw new BadFrame('a save has no number');
  try {
    await mapLimited(backup.files, AT_ONCE, async ({ path, content }) => {
      signal?.throwIfAborted();
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      await link.request('file', { save, path }, bytes);
    });
    signal?.throwIfAborted();
    return await giveName(link, save, at, backup);
  } catch (error) {
    // Where the connection has ended, the server removes it by itself.
    if (!(error instanceof UnknownOutcome)) await link.request('abort', { save }).catch(() => {});
    throw error;
  }
}

/** Not to be broken off: it ends with a whole backup or with nothing. */
async function giveName(link: Link, save: number, address: BackupAddress, backup: PreparedBackup) {
  let { id } = address;
  for (let tries = 0; tries < MAX_NAMES; tries++, id = nextId(id)) {
    const document = backup.document(id);
    const files = [...document.own].map(([path, text]) => ({ path, bytes: Buffer.from(text) }));
    const own = files.map(({ path, bytes }) => ({ path, size: bytes.length }));
    const body = Buffer.concat(files.map(({ bytes }) => bytes));
    const named = { ...address, id };
    try {
      const { header } = await link.request('commit', { save, as: id, own }, body);
      const isTaken = valueAt(header, 'taken');
      if (isTaken === false) return { address: named, document };
      if (isTaken !== true) throw new BadFrame('it does not say whether the backup has its name');
    } catch (error) {
      if (error instanceof LinkLost && !error.unsent) throw new UnknownOutcome(error, named, document);
      if (error instanceof NotDurable) throw new NotDurablySaved(error, named);
      throw error;
    }
  }
  throw new BadFrame(`it says of ${MAX_NAMES} names that they are taken`);
}
