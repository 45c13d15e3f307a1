import { chmod, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from './errno.ts';

/** Only the owner: backups hold Secrets in plain text. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Writes a file, 0600 whatever the umask is. It survives a power cut only after `syncPath`. */
export async function writePrivateFile(
  path: string,
  content: string | Uint8Array,
  { replace }: { replace: boolean },
): Promise<void> {
  const handle = await open(path, replace ? 'w' : 'wx', FILE_MODE);
  try {
    await handle.chmod(FILE_MODE);
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
}

/**
 * Makes a file's content, or the names in a folder, safe from a power cut. fsync(2) is about the file, not
 * the descriptor: it also covers what was written and closed before.
 */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems have no fsync for folders; nothing more can be done there.
    if (!['EINVAL', 'ENOTSUP'].includes(errnoOf(error) ?? '')) throw error;
  } finally {
    await handle.close();
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
