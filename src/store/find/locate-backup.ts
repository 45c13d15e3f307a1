import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { advice } from '../../advice/advice.ts';
import { ToolError, UsageError } from '../../errors/tool-error.ts';
import { compareIds } from '../../model/records/backup-id.ts';
import {
  type BackupSelector,
  parseSelector,
  qualifiedName,
  splitNamespace,
} from '../../model/records/backup-selector.ts';
import { boundOf } from '../../model/records/moment.ts';
import { listCommand, type StoreName, verifyCommand } from '../advice.ts';
import { type ClusterInUse, uidFolder } from '../cluster-name.ts';
import { FolderFiles } from '../folder/folder-files.ts';
import { openBackup } from '../format/backup-reader.ts';
import { CHECKSUM, DOCUMENT } from '../format/layout.ts';
import { readWithKeysOf } from '../seal/sealing-store.ts';
import type { BackupAddress, BackupReader, ListedBackup, Store } from '../store.ts';
import { chosenInWords } from './chosen-in-words.ts';
import { latestBackups } from './latest-backups.ts';
import { assertNotMistyped } from './mistyped-name.ts';
import { elsewhere, wrongNamespace } from './other-namespaces.ts';
import { ownBackups } from './own-backups.ts';
import { selectBackup } from './select-backup.ts';

/** Which backup a command line means. */
export interface WantedBackup {
  /** [NAMESPACE/]RELEASE[@ID] (backup-selector.ts), or the path of a backup's folder; undefined: the store's only release. */
  name: string | undefined;
  /** Only this namespace's (-n). */
  namespace?: string | undefined;
  /** Only what lies in this cluster's folder (--cluster-name). */
  clusterName?: string | undefined;
  /** Only this cluster's, in whatever folder. */
  cluster?: ClusterInUse | undefined;
  /** Asked only where backups of that name lie in several namespaces or clusters. */
  here: CurrentScope;
  /** Take the newest one also where it is damaged, so as to report it. */
  damagedToo?: boolean;
  /** Of latest, previous or healthy only what was taken before that (--before): a moment, or a backup's id. */
  before?: string | undefined;
  /** The command that was typed, for advice; absent: the one that lists. */
  command?: string;
}

/** The namespace and cluster in use; undefined where that can't be told, and never an error. */
export interface CurrentScope {
  namespace(): Promise<string | undefined>;
  cluster(): Promise<ClusterInUse | undefined>;
  /** By which ages and days are told. */
  now?(): Date;
  /** Told which backup was taken, where that took a look: a line for a person. */
  say?(line: string): void;
}

/** A backup that was found, and not opened yet. */
export interface LocatedBackup {
  location: string;
  /** RELEASE@ID; the path itself where a path was given. */
  name: string;
  /** The same as `-o name` prints it, with the namespace. */
  qualifiedName: string;
  /** Where it was found; absent where a path was given. */
  store?: StoreName;
  address?: BackupAddress;
  /** @throws DamagedBackup; ToolError where its format is newer than this tool. */
  open(): Promise<BackupReader>;
}

/**
 * Finds the backup that a command line names, without a cluster where the store alone tells which it is.
 * @throws UsageError naming the candidates where there are several; ToolError where there is none;
 *   UnreachableError where the store can't be read.
 */
export async function locateBackup(
  store: () => Promise<Store>,
  wanted: WantedBackup,
): Promise<LocatedBackup> {
  const atPath = wanted.name === undefined ? undefined : await backupAtPath(wanted.name, store);
  if (atPath !== undefined) return atPath;
  const opened = await store();
  const { address, location } = await findInStore(opened, wanted);
  return {
    location,
    name: `${address.release}@${address.id}`,
    qualifiedName: qualifiedName(address),
    store: opened,
    address,
    open: () => opened.open(address),
  };
}

/**
 * The backup that `text` is the path of, wherever it lies; undefined where it is no path.
 * @param store the one in use, for advice, and for the keys that open what is sealed.
 * @throws ToolError where it is the path of something else.
 */
export async function backupAtPath(
  text: string,
  store: () => Promise<StoreName>,
): Promise<LocatedBackup | undefined> {
  const folder = await folderNamed(text, store);
  if (folder === undefined) return undefined;
  return {
    location: folder,
    name: folder,
    qualifiedName: folder,
    // What the user points at may be a link; what lies in the folder may not.
    open: async () => {
      const reader = await openAnywhere(await realpath(folder), folder);
      // A plain one needs neither keys nor the store that has them.
      return reader.document.sealed === undefined ? reader : readWithKeysOf(await store(), reader);
    },
  };
}

/** A backup in a folder anywhere: a copy, or unpacked from an archive. */
function openAnywhere(folder: string, location: string): Promise<BackupReader> {
  const next = advice`see all that is wrong with it: ${verifyCommand([location])}`;
  return openBackup(
    { files: new FolderFiles(folder, location), location, next },
    { folder: basename(folder) },
  );
}

/** The folder that `text` is the path of; undefined where it is no path. */
async function folderNamed(text: string, store: () => Promise<StoreName>): Promise<string | undefined> {
  const isDocument = text !== DOCUMENT && basename(text) === DOCUMENT;
  const folder = isDocument ? dirname(text) : text;
  // One that lost its backup.json is still a backup, a damaged one.
  if ((await exists(join(folder, DOCUMENT))) || (await exists(join(folder, CHECKSUM)))) return folder;
  if (!text.startsWith('.') && !text.includes('/') && !text.includes(sep)) return undefined;
  // NAMESPACE/RELEASE@ID; a folder that is there is one all the same.
  if (splitNamespace(text).namespace !== undefined && !(await exists(folder))) return undefined;
  throw new ToolError(
    (await exists(folder))
      ? `${folder} is no backup's folder: it holds no ${DOCUMENT}`
      : `there is no folder ${folder}`,
    { next: listCommand(await store()) },
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function findInStore(store: Store, wanted: WantedBackup): Promise<ListedBackup> {
  const { name, clusterName, here, damagedToo = false } = wanted;
  const now = here.now?.() ?? new Date();
  const before = wanted.before === undefined ? undefined : boundOf(wanted.before, now);
  const named = clusterName === undefined ? wanted.cluster : { name: clusterName };
  const selector = name === undefined ? undefined : parseSelector(name, store.flags);
  const namespace = selector?.namespace ?? wanted.namespace;
  let listed = await store.list({
    ...(namespace === undefined ? {} : { namespace }),
    ...(selector === undefined ? {} : { release: selector.release }),
  });
  if (namespace === undefined) listed = await narrow(listed, here);
  const chosen = selector ?? parseSelector(onlyRelease(listed, store, namespace));
  const ofRelease = listed.filter(({ address }) => address.release === chosen.release);
  if (ofRelease.length === 0 && namespace !== undefined) {
    const { release } = chosen;
    const places = await elsewhere(store, { release, namespace });
    const command = [
      wanted.command ?? 'list',
      ...(wanted.command === undefined ? [release] : [wordOf(chosen)]),
    ];
    if (places.size > 0) throw wrongNamespace({ release, namespace }, places, { command, store });
    const again = wanted.command;
    await assertNotMistyped(
      store,
      { release, namespace },
      {
        command: (meant) =>
          again === undefined ? ['list', meant] : [again, wordOf({ ...chosen, release: meant })],
      },
    );
  }
  const cluster = named ?? (await clusterAmong(ofRelease, here));
  // Where nothing of the release is left, what could not be read may tell why.
  const among = ofRelease.length > 0 ? ofRelease : listed;
  const found = selectBackup(among, chosen, store, { cluster, damagedToo, now, before });
  const passedOver = latestBackups(ofRelease, cluster).filter(
    ({ address }) => compareIds(address.id, found.address.id) > 0,
  );
  const told = chosenInWords(chosen, found, { now, before, passedOver });
  if (told !== undefined) here.say?.(`${told}.`);
  return found;
}

/** As it was typed, without the namespace. */
function wordOf({ release, id }: BackupSelector): string {
  return id === 'latest' ? release : `${release}@${id}`;
}

/** Where several namespaces are listed and one of them is the one in use, that one; else everything as it is. */
async function narrow(listed: ListedBackup[], here: CurrentScope): Promise<ListedBackup[]> {
  if (placesOf(listed, 'namespace').size <= 1) return listed;
  const own = await here.namespace();
  const ofOwn = listed.filter(({ address }) => address.namespace === own);
  return ofOwn.length > 0 ? ofOwn : listed;
}

/**
 * Where several folders are listed: their one cluster, as the backups themselves tell; else the cluster in use, if
 * any of the backups is of it.
 */
async function clusterAmong(listed: ListedBackup[], here: CurrentScope): Promise<ClusterInUse | undefined> {
  if (placesOf(listed, 'cluster').size <= 1) return undefined;
  const only = onlyCluster(listed);
  if (only !== undefined) return only;
  const cluster = await here.cluster();
  return cluster !== undefined && ownBackups(listed, cluster).length > 0 ? cluster : undefined;
}

/** The cluster of all the backups; undefined where they are of several, or do not tell. */
function onlyCluster(listed: ListedBackup[]): ClusterInUse | undefined {
  const known = listed.filter(({ summary }) => summary !== undefined);
  const told = known.find(({ summary }) => summary?.cluster.uid !== undefined) ?? known[0];
  if (told?.summary === undefined) return undefined;
  const { uid, caDigest } = told.summary.cluster;
  const cluster: ClusterInUse = {
    name: uid === undefined ? told.address.cluster : uidFolder(uid),
    identity: { uid, caDigest },
  };
  return ownBackups(listed, cluster).length === listed.length ? cluster : undefined;
}

function placesOf(listed: ListedBackup[], part: 'namespace' | 'cluster'): Set<string> {
  return new Set(listed.map(({ address }) => address[part]).filter((place) => place !== ''));
}

function onlyRelease(listed: ListedBackup[], store: Store, namespace: string | undefined): string {
  const releases = new Set(listed.map(({ address }) => address.release).filter((release) => release !== ''));
  const [only, ...others] = [...releases].sort();
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  if (only === undefined) {
    throw new ToolError(`the store ${store.location} holds no backup${where}`, {
      next: listCommand(store),
    });
  }
  if (others.length === 0) return only;
  throw new UsageError(
    `the store holds backups of several releases${where}: ${[only, ...others].join(', ')}`,
    {
      next: `name one: ${only}`,
    },
  );
}
