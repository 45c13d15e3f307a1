import { chmod, type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from './errno.ts';

/** Only the owner: backups hold Secrets in plain text. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/**
 * Writes a file, 0600 whatever the umask is. The file is not safe from a power cut until `synced` resolves;
 * it is separate so that many files are synced at once (the file system then writes its journal once).
 */
export async function writeFileDurably(
  path: string,
  content: string | Uint8Array,
  { replace }: { replace: boolean },
): Promise<{ synced: Promise<void> }> {
  const handle = await open(path, replace ? 'w' : 'wx', FILE_MODE);
  try {
    await handle.chmod(FILE_MODE);
    await handle.writeFile(content);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return { synced: syncAndClose(handle) };
}

async function syncAndClose(handle: FileHandle): Promise<void> {
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the names in a folder safe from a power cut. */
export async function syncFolder(path: string): Promise<void> {
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
    if (await makeFolder(path)) await syncFolder(parent);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || parent === path) throw error;
    await ensureFolder(parent);
    if (await makeFolder(path)) await syncFolder(parent);
  }
}
