import { randomBytes } from 'node:crypto';
import { chmod, type FileHandle, link, mkdir, open, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errnoOf } from './errno.ts';
import { renamePatiently } from './patient-rename.ts';

/** Only the owner: backups hold Secrets in plain text. */
export const FILE_MODE = 0o600;
export const FOLDER_MODE = 0o700;

/** Writes a file, 0600 whatever the umask is. It survives a power cut only after `syncPath`. */
export async function writePrivateFile(
  path: string,
  content: string | Uint8Array,
  { replace }: { replace: boolean },
): Promise<void> {
  const handle = await openPrivateFile(path, { replace });
  try {
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
}

/** An empty file to be written, 0600 whatever the umask is. @param replace what is there; otherwise that is an error, EEXIST. */
export async function openPrivateFile(path: string, { replace }: { replace: boolean }): Promise<FileHandle> {
  const handle = await open(path, replace ? 'w' : 'wx', FILE_MODE);
  try {
    await handle.chmod(FILE_MODE);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Makes a file's content, or the names in a folder, safe from a power cut. fsync(2) is about the file, not
 * the descriptor: it also covers what was written and closed before.
 *
 * Windows flushes a file through a handle that may write, and has no such thing for folders, whose names its file system keeps in a
 * journal of its own (FlushFileBuffers in learn.microsoft.com/windows/win32/api/fileapi).
 */
export async function syncPath(path: string, platform: NodeJS.Platform = process.platform): Promise<void> {
  const isWindows = platform === 'win32';
  if (isWindows && (await stat(path)).isDirectory()) return;
  const handle = await open(path, isWindows ? 'r+' : 'r');
  try {
    await syncHandle(handle);
  } finally {
    await handle.close();
  }
}

/** The same of what is open. */
export async function syncHandle(handle: Pick<FileHandle, 'sync'>): Promise<void> {
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems have no fsync for folders; nothing more can be done there.
    if (!['EINVAL', 'ENOTSUP'].includes(errnoOf(error) ?? '')) throw error;
  }
}

/** What was written has its name, and may lose it again in a power cut: the folder above could not be synced. */
export class NotDurable extends Error {
  /** The operating system's. */
  readonly code: string | undefined;

  constructor(cause: Error) {
    super(cause.message, { cause });
    this.code = errnoOf(cause);
  }
}

/**
 * Gives what lies beside its final name, and is synced, that name: rename(2), and the folder above is synced.
 * @throws NotDurable after the rename; before it, the error of the operating system.
 */
export async function renameDurably(from: string, to: string): Promise<void> {
  await renamePatiently(from, to);
  try {
    await syncPath(dirname(to));
  } catch (cause) {
    throw new NotDurable(cause as Error);
  }
}

/** What link(2) says on file systems that have no hard links, or allow none. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** On its way to the name of a file: hidden, and on the same file system. */
const TEMPORARY = /^\.(.+)\.[0-9a-f]{8}$/;

/** The name of the file that `name` was to become; undefined where {@link replaceFile} gives no such name. */
export function replacedName(name: string): string | undefined {
  return TEMPORARY.exec(name)?.[1];
}

function temporaryOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}`);
}

/**
 * Writes a file (0600) in the place of whatever bears its name: every reader, at any time, finds the old one or the new
 * one, whole. It is written beside its name, synced, and then renamed.
 *
 * - Where anything fails before the rename (a full disk, a lost permission), nothing new remains, and the old file stays.
 * - After kill -9 or a power cut it is the old one or the new one; a file by a name of {@link replacedName} may remain,
 *   which says nothing and harms nothing. Ctrl-C does not stop it half way.
 * - When it returns, the new one survives a power cut.
 * @throws NotDurable where the new one is there and may not survive a power cut; else the error of the operating system.
 */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = temporaryOf(path);
  try {
    await writePrivateFile(temporary, content, { replace: false });
    await syncPath(temporary);
    await renameDurably(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

/**
 * Writes a file (0600) under a name that nobody has: whole or not at all, as {@link replaceFile} does, and over nothing. Of
 * several who do it at once one gets the name.
 * @throws NotDurable as replaceFile does; EEXIST where the name is taken; else the error of the operating system.
 */
export async function placeFile(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = temporaryOf(path);
  try {
    await writePrivateFile(temporary, content, { replace: false });
    await syncPath(temporary);
    await takeName(temporary, path);
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
  try {
    await syncPath(dirname(path));
  } catch (cause) {
    throw new NotDurable(cause as Error);
  }
}

/** link(2) fails where the name is taken, which rename(2) does not. */
async function takeName(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!NO_LINKS.has(errnoOf(error) ?? '')) throw error;
    // Taken by an empty file, which is no archive, and then given to the whole one.
    await writePrivateFile(to, '', { replace: false });
    await renamePatiently(from, to).catch(async (failure: unknown) => {
      await rm(to, { force: true });
      throw failure;
    });
  }
}

/** Makes one folder, 0700 whatever the umask is. True where it is new; an existing one is left as it is. */
export async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: FOLDER_MODE });
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
  await chmod(path, FOLDER_MODE);
  return true;
}

/** Makes a folder and those above it that are missing, each durable in its parent. */
export async function ensureFolder(path: string): Promise<void> {
  const parent = dirname(path);
  try {
    if (await makeFolder(path)) await syncPath(parent);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || parent === path) throw error;
    await ensureFolder(parent);
    if (await makeFolder(path)) await syncPath(parent);
  }
}
