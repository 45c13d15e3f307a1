import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { TarHeader } from 'modern-tar';
import { ToolError } from '../../errors/tool-error.ts';
import { isBackupId } from '../../model/records/backup-id.ts';
import type { BackupAddress } from '../store.ts';
import { Damage } from './damage.ts';
import { addressParts, DOCUMENT, isFolderName, isInnerPath, MAX_FILE_BYTES, RESERVED } from './layout.ts';

/** The most that an archive holds, unpacked: all of it is in memory. Backups of ordinary releases have some 100 KiB. */
export const MAX_ARCHIVE_BYTES = 512 * 1024 * 1024;

/** Above what a backup.json of MAX_DOCUMENT_BYTES can name. */
const MAX_ENTRIES = 60_000;

/** RFC 1952: the operating system, 255 for unknown; zlib writes the one that it was built for. */
const GZIP_OS = 9;

/** One backup in one file. */
export interface ArchivedBackup {
  address: BackupAddress;
  /** Every file, backup.json and its digest among them, by its path in the backup. */
  files: ReadonlyMap<string, Uint8Array>;
}

/**
 * A backup as a .tar.gz that unpacks, in a folder store, to its place there: <cluster>/<namespace>/<release>/<id>/… The
 * same backup gives the same bytes: files in order of their paths, 0600 in folders 0700, root's, of the moment `at`.
 * @throws ToolError where it is larger than a reader would take.
 */
export async function packArchive({ address, files }: ArchivedBackup, at: Date): Promise<Buffer> {
  const root = addressParts(address).join('/');
  const ordered = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  const bytes = ordered.reduce((sum, [, { length }]) => sum + length, 0);
  if (bytes > MAX_ARCHIVE_BYTES / 2) {
    throw new ToolError(`${address.release}@${address.id} is too large for an archive (${bytes} bytes)`);
  }
  const { packTar } = await import('modern-tar');
  const mtime = new Date(Math.floor(at.getTime() / 1000) * 1000);
  const tar = await packTar([
    ...foldersOf(root, ordered).map((name) => ({
      header: { name: `${name}/`, size: 0, type: 'directory' as const, mode: 0o700, mtime },
    })),
    ...ordered.map(([path, body]) => ({
      header: { name: `${root}/${path}`, size: body.length, mode: 0o600, mtime },
      body,
    })),
  ]);
  const packed = await promisify(gzip)(tar);
  packed[GZIP_OS] = 255;
  return packed;
}

/** Every folder on the way to the files, those above first. */
function foldersOf(root: string, files: readonly (readonly [path: string, unknown])[]): string[] {
  const folders = new Set<string>();
  for (const [path] of files) {
    const parts = `${root}/${path}`.split('/');
    for (const depth of parts.keys()) if (depth > 0) folders.add(parts.slice(0, depth).join('/'));
  }
  return [...folders].sort();
}

/**
 * What {@link packArchive} packed, or somebody else: nothing of it is believed. The content is checked by whoever reads it.
 * @throws Damage where it is no such archive: cut off, changed, larger than MAX_ARCHIVE_BYTES, a path that leads
 *   elsewhere or stands twice, anything but files and folders, more than one backup.
 */
export async function unpackArchive(packed: Uint8Array): Promise<ArchivedBackup> {
  const tar = await unzipped(packed);
  const { unpackTar } = await import('modern-tar');
  let entries = 0;
  const admit = (header: TarHeader): boolean => {
    if (++entries > MAX_ENTRIES) throw new Damage(`it has more than ${MAX_ENTRIES} entries`);
    if (header.type === 'directory') return false;
    if (header.type !== 'file') throw new Damage(`${header.name} is not a file`);
    if (header.size > MAX_FILE_BYTES)
      throw new Damage(`${header.name} has ${header.size} bytes, at most ${MAX_FILE_BYTES} are read`);
    return true;
  };
  const unpacked = await unpackTar(tar, { strict: true, filter: admit }).catch((error: unknown) => {
    if (error instanceof Damage) throw error;
    throw new Damage('it is not a tar archive, or not all of one');
  });
  return oneBackup(unpacked.map(({ header, data }) => [header.name, data ?? new Uint8Array()]));
}

async function unzipped(packed: Uint8Array): Promise<Buffer> {
  try {
    return await promisify(gunzip)(packed, { maxOutputLength: MAX_ARCHIVE_BYTES });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw new Damage(`it has more than ${MAX_ARCHIVE_BYTES} bytes when it is unpacked`);
    throw new Damage('it is not compressed by gzip, or not all of it is there');
  }
}

function oneBackup(entries: readonly (readonly [name: string, data: Uint8Array])[]): ArchivedBackup {
  const files = new Map<string, Uint8Array>();
  const roots = new Map<string, BackupAddress>();
  for (const [name, data] of entries) {
    const [cluster = '', namespace = '', release = '', id = '', ...inner] = name.split('/');
    const path = inner.join('/');
    if (![cluster, namespace, release].every(isFolderName) || !isBackupId(id))
      throw new Damage(`${name} is in no folder of a backup`);
    if (!isInnerPath(path) && !RESERVED.has(path)) throw new Damage(`${name} is outside the backup`);
    if (files.has(path)) throw new Damage(`${path} is in it twice`);
    files.set(path, data);
    roots.set([cluster, namespace, release, id].join('/'), { cluster, namespace, release, id });
  }
  const [address, other] = [...roots.values()];
  if (address === undefined) throw new Damage(`it holds no ${DOCUMENT}`);
  if (other !== undefined) throw new Damage('it holds files of several backups');
  return { address, files };
}
