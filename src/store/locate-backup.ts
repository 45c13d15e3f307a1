import { realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ToolError, UsageError } from '../errors/tool-error.ts';
import { parseSelector } from '../model/backup-id.ts';
import { DEFAULT_STORE, listCommand } from './advice.ts';
import { FolderReader } from './backup-reader.ts';
import { CHECKSUM, DOCUMENT } from './layout.ts';
import { selectBackup } from './select-backup.ts';
import type { BackupReader, ListedBackup, Store } from './store.ts';

/** Which backup a command line means. */
export interface WantedBackup {
  /** RELEASE, RELEASE@ID, @latest, @previous, or the path of a backup's folder; undefined: the store's only release. */
  name: string | undefined;
  /** Only this namespace's (-n). */
  namespace?: string | undefined;
  /** Only this cluster's (--cluster-name). */
  clusterName?: string | undefined;
  /** Asked only where backups of that name lie in several namespaces or clusters. */
  here: WhereWeAre;
  /** Take the newest one also where it is damaged, so as to report it. */
  damagedToo?: boolean;
}

/** The namespace and cluster in use; undefined where that can't be told, and never an error. */
export interface WhereWeAre {
  namespace(): Promise<string | undefined>;
  clusterName(): Promise<string | undefined>;
}

/** A backup that was found, and not opened yet. */
export interface LocatedBackup {
  location: string;
  /** RELEASE@ID; the path itself where a path was given. */
  name: string;
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
  const atPath = wanted.name === undefined ? undefined : await backupAtPath(wanted.name);
  if (atPath !== undefined) return atPath;
  const opened = await store();
  const { address, location } = await findInStore(opened, wanted);
  return { location, name: `${address.release}@${address.id}`, open: () => opened.open(address) };
}

/**
 * The backup that `text` is the path of, wherever it lies; undefined where it is no path.
 * @throws ToolError where it is the path of something else.
 */
export async function backupAtPath(text: string): Promise<LocatedBackup | undefined> {
  const folder = await folderNamed(text);
  if (folder === undefined) return undefined;
  return {
    location: folder,
    name: folder,
    // What the user points at may be a link; what lies in the folder may not.
    open: async () => FolderReader.openAnywhere(await realpath(folder), folder),
  };
}

/** The folder that `text` is the path of; undefined where it is no path. */
async function folderNamed(text: string): Promise<string | undefined> {
  const folder = text.endsWith(`/${DOCUMENT}`) ? dirname(text) : text;
  // One that lost its backup.json is still a backup, a damaged one.
  if ((await exists(join(folder, DOCUMENT))) || (await exists(join(folder, CHECKSUM)))) return folder;
  if (!text.startsWith('.') && !text.includes('/')) return undefined;
  throw new ToolError(
    (await exists(folder))
      ? `${folder} is no backup's folder: it holds no ${DOCUMENT}`
      : `there is no folder ${folder}`,
    { next: listCommand(DEFAULT_STORE) },
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function findInStore(store: Store, wanted: WantedBackup): Promise<ListedBackup> {
  const { name, namespace, clusterName, here, damagedToo = false } = wanted;
  const selector = name === undefined ? undefined : parseSelector(name);
  let listed = await store.list({
    ...(namespace === undefined ? {} : { namespace }),
    ...(selector === undefined ? {} : { release: selector.release }),
  });
  if (namespace === undefined) listed = await narrow(listed, 'namespace', here.namespace);
  const chosen = selector ?? parseSelector(onlyRelease(listed, store, namespace));
  const ofRelease = listed.filter(({ address }) => address.release === chosen.release);
  const ofCluster =
    clusterName === undefined ? await narrow(ofRelease, 'cluster', here.clusterName) : ofRelease;
  // Where nothing of the release is left, what could not be read may tell why.
  return selectBackup(ofCluster.length > 0 ? ofCluster : listed, chosen, clusterName, { damagedToo });
}

/** Where several places are listed and one of them is the one in use, that one; else everything as it is. */
async function narrow(
  listed: ListedBackup[],
  part: 'namespace' | 'cluster',
  inUse: () => Promise<string | undefined>,
): Promise<ListedBackup[]> {
  const places = new Set(listed.map(({ address }) => address[part]).filter((place) => place !== ''));
  if (places.size <= 1) return listed;
  const own = await inUse();
  return own !== undefined && places.has(own)
    ? listed.filter(({ address }) => address[part] === own)
    : listed;
}

function onlyRelease(listed: ListedBackup[], store: Store, namespace: string | undefined): string {
  const releases = new Set(listed.map(({ address }) => address.release).filter((release) => release !== ''));
  const [only, ...others] = [...releases].sort();
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  if (only === undefined) {
    throw new ToolError(`the store ${store.location} holds no backup${where}`, {
      next: listCommand(store.location),
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
