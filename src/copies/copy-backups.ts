import { checkFiles } from '../backup/checks/check-files.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { brokenOff } from '../errors/interruptible.ts';
import { BrokenOffError, ToolError, UsageError } from '../errors/tool-error.ts';
import type { BackupDocument, Sealing } from '../model/records/backup-format.ts';
import { parseSelector } from '../model/records/backup-selector.ts';
import type { CommandContext } from '../session/context.ts';
import { currentScope } from '../session/current-scope.ts';
import { showing } from '../session/under-way.ts';
import { findBackups } from '../store/find/find-backups.ts';
import { locateBackup } from '../store/find/locate-backup.ts';
import { IdTaken } from '../store/format/prepare-backup.ts';
import { sealedTo } from '../store/format/sealed-backup.ts';
import type { GitAccess } from '../store/git/git-access.ts';
import { openStore } from '../store/open-store.ts';
import type { S3Access } from '../store/s3/s3-access.ts';
import { isSameBackup, isSameSealing, isSealedFor } from '../store/seal/same-backup.ts';
import { savingAs, sealingBy, signaturesOf } from '../store/seal/sealing-store.ts';
import type { BackupAddress, BackupReader, SavedBackup, Store } from '../store/store.ts';
import { MissingStore } from '../store/store-error.ts';
import { changedContent } from './changed-content.ts';
import { soundContent } from './sound-content.ts';

export interface WantedCopy {
  /** RELEASE[@ID], each. */
  backups: readonly string[];
  /** Every backup of the store that is no safety backup, of `namespace` where that is given. */
  all: boolean;
  /** The store to copy to. */
  to: string;
  /** How it is reached, where it lies in S3. */
  s3?: S3Access;
  /** What is done to each on the way; absent: it stays byte for byte as it is. */
  change?: 'seal' | 'open';
  /** How it is used, where it lies in Git. */
  git?: GitAccess;
  /** -n */
  namespace?: string;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
  dryRun: boolean;
}

/** The two stores, and how backups go from one to the other. */
interface Way {
  from: Store;
  to: Store;
  /** The other one again, which seals and signs what comes changed. */
  changing: Store;
  change: WantedCopy['change'];
  dryRun: boolean;
}

/** What became of one backup. */
export interface CopiedBackup {
  address: BackupAddress;
  /** there: the other store has it, whole. */
  outcome: 'copied' | 'there' | 'would-copy' | 'failed';
  /** Where it is now. */
  location?: string;
  /** It was signed, and its copy, which says something else now, is not. */
  lostSignature?: true;
  error?: ToolError;
}

/**
 * Copies backups to another store, one after the other: those that it has are passed over, so that a second run after a cut
 * goes on. Each is checked first and, once it has arrived, read again. backup.json stays byte for byte as it is, unless the backup
 * is sealed, sealed to others or opened on the way; the id stays in any case. One that can't be copied does not keep the others; where a store can't be reached, the rest is not tried.
 * @throws UsageError; ToolError where there is no such backup; BrokenOffError.
 */
export async function copyBackups(wanted: WantedCopy, context: CommandContext): Promise<CopiedBackup[]> {
  if (wanted.all === wanted.backups.length > 0) {
    throw new UsageError('name the backups to copy, or --all', { untouched: 'nothing was copied' });
  }
  const { change, dryRun } = wanted;
  const [from, to] = [
    await context.store(),
    await openStore(wanted.to, undefined, {
      signal: context.signal,
      s3: { ...wanted.s3, warn: (text) => context.io.warn(text) },
      git: { ...wanted.git, warn: (text) => context.io.warn(text) },
      ...(context.pvc === undefined ? {} : { pvc: context.pvc }),
    }),
  ];
  const way: Way = { from, to, changing: savingAs(from, to, change === 'seal'), change, dryRun };
  // A key that was typed wrong is told once, and a passphrase asked for before the work begins.
  await sealingWanted(way, {});
  return showing(context.io, 'Copying backups', async (update) => {
    const addresses = await chosen(from, wanted, context);
    const copied: CopiedBackup[] = [];
    for (const address of addresses) {
      if (context.signal.aborted) throw interrupted(context.signal, copied.length, addresses.length);
      update(`Copying ${address.release}@${address.id} (${copied.length + 1} of ${addresses.length})`);
      const each = await copyOne(address, way, context);
      copied.push(each);
      if (each.error?.exitCode === ExitCode.unreachable) break;
    }
    return copied;
  });
}

function interrupted(signal: AbortSignal, done: number, total: number): BrokenOffError {
  return brokenOff(signal, 'the copy', {
    untouched: `${done} of ${total} backups were gone through; of the others nothing was copied`,
    next: 'the same command goes on where it ended',
  });
}

async function chosen(
  from: Store,
  { backups, all, namespace, clusterName }: WantedCopy,
  context: CommandContext,
): Promise<BackupAddress[]> {
  if (all) {
    const filter = {
      ...(namespace === undefined ? {} : { namespace }),
      ...(clusterName === undefined ? {} : { cluster: clusterName }),
    };
    const found = await findBackups(from, filter);
    for (const { address, location, damage } of found.backups)
      if (address.id === '') context.io.warn(`${location} could not be looked into: ${damage}`);
    // A safety backup is of use with its journal alone, which stays where it is.
    const wanted = found.backups.filter(
      ({ address, summary }) => address.id !== '' && summary?.kind !== 'safety',
    );
    return wanted.map(({ address }) => address).reverse();
  }
  const addresses: BackupAddress[] = [];
  for (const name of backups) {
    parseSelector(name, from.flags);
    const located = await locateBackup(async () => from, {
      name,
      namespace,
      clusterName,
      here: currentScope(context),
    });
    if (located.address === undefined) throw new UsageError(`"${name}" is not in the store ${from.location}`);
    addresses.push(located.address);
  }
  return addresses;
}

async function copyOne(
  address: BackupAddress,
  way: Way,
  { version, signal, now }: CommandContext,
): Promise<CopiedBackup> {
  const { from, to } = way;
  try {
    const reader = await from.open(address);
    const wanted = await sealingWanted(way, reader.document);
    const isChanged = way.change !== undefined && !isSealedFor(wanted, reader.document.sealed);
    if (await isThere(reader, to, isChanged ? { sealing: wanted } : undefined)) {
      return { address, outcome: 'there' };
    }
    await signaturesOf(from).assertTrusted(reader, now());
    const content = isChanged ? await changedContent(reader, version) : await soundContent(reader, version);
    if (way.dryRun) return { address, outcome: 'would-copy' };
    const saved = await (isChanged ? way.changing : to).save(address, content, signal);
    await assertArrived(to, address, saved);
    const hasLost = isChanged && (await isSigned(reader)) && !(await isSigned(await to.open(address)));
    const { location } = saved;
    return { address, outcome: 'copied', location, ...(hasLost ? { lostSignature: true } : {}) };
  } catch (error) {
    if (!(error instanceof ToolError) || error instanceof BrokenOffError) throw error;
    return { address, outcome: 'failed', error };
  }
}

/** To whom the copy is to be sealed; undefined: it is not. */
async function sealingWanted(
  { change, changing }: Pick<Way, 'change' | 'changing'>,
  { sealed }: Pick<BackupDocument, 'sealed'>,
): Promise<Sealing | undefined> {
  if (change === undefined) return sealed;
  return change === 'seal' ? sealingBy(changing, 'backup') : undefined;
}

async function isSigned(reader: BackupReader): Promise<boolean> {
  return (await reader.signature()) !== undefined;
}

/**
 * Whether the other store has it.
 * @param changed how it arrives there, where that is not byte for byte.
 * @throws DamagedBackup; ToolError where the id is another backup's, or the same one is sealed otherwise.
 */
async function isThere(
  reader: BackupReader,
  to: Store,
  changed: { sealing: Sealing | undefined } | undefined,
): Promise<boolean> {
  const { address, digest, document } = reader;
  const listed = await to.list(address).catch((error: unknown) => {
    // A folder is made by the first backup.
    if (error instanceof MissingStore) return [];
    throw error;
  });
  if (!listed.some(({ address: { id } }) => id === address.id)) return false;
  const there = await to.open(address);
  if (there.digest === digest && changed === undefined) return true;
  const isAsWanted = isSameSealing(
    there.document.sealed,
    changed === undefined ? document.sealed : changed.sealing,
  );
  const isIt = isSameBackup(there.document, document) && !(changed === undefined && isAsWanted);
  if (!isIt) throw new IdTaken(address);
  if (isAsWanted) return true;
  const how = there.document.sealed === undefined ? 'not sealed' : sealedTo(there.document.sealed);
  throw new ToolError(`${address.release}@${address.id} is in ${to.location} already, ${how}`, {
    untouched: 'neither was changed',
    next: 'copy to another store; or remove that one first, with prune or by hand',
  });
}

/** Every byte is read again. A copy that is not as it should be does not stay. */
async function assertArrived(to: Store, address: BackupAddress, saved: SavedBackup): Promise<void> {
  if (saved.address.id !== address.id) {
    // Somebody saved another one under this id, meanwhile.
    await to.remove(saved.address);
    throw new IdTaken(address);
  }
  const reader = await to.open(address);
  const wrong = (await checkFiles(reader)).find(({ status }) => status === 'failed');
  if (reader.digest === saved.digest && wrong === undefined) return;
  await to.remove(address);
  throw new ToolError(
    `the copy of ${address.release}@${address.id} in ${to.location} was not as it was sent`,
    {
      untouched: 'it was removed again; the backup itself is as it was',
      next: 'check that store, then the same command again',
    },
  );
}
