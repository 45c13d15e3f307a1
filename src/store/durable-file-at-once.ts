import { chmodSync, closeSync, fchmodSync, fsync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { FILE_MODE, FOLDER_MODE, syncHandle } from './durable-file.ts';
import { errnoOf } from './errno.ts';

/**
 * What durable-file.ts does, for small files on a local disk (folder/local-disk.ts): nothing else has its turn meanwhile, which spares
 * handing each step to another thread. Syncs take time on a local disk, too, and give way.
 */

/** A file that was written, and is open until it was synced. */
export class OpenFile {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fsync(this.#descriptor, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  async close(): Promise<void> {
    closeSync(this.#descriptor);
  }
}

/** Writes a file, 0600 whatever the umask is. @param replace what is there; otherwise that is an error, EEXIST. */
export function writePrivateFileAtOnce(
  path: string,
  content: string | Uint8Array,
  { replace }: { replace: boolean },
): OpenFile {
  const descriptor = openSync(path, replace ? 'w' : 'wx', FILE_MODE);
  try {
    fchmodSync(descriptor, FILE_MODE);
    writeFileSync(descriptor, content);
    return new OpenFile(descriptor);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Makes the names in a folder safe from a power cut. */
export async function syncFolderAtOnce(path: string): Promise<void> {
  const folder = new OpenFile(openSync(path, 'r'));
  try {
    await syncHandle(folder);
  } finally {
    await folder.close();
  }
}

/** Makes one folder, 0700 whatever the umask is; an existing one is left as it is. @returns whether it is new. */
export function makeFolderAtOnce(path: string): boolean {
  try {
    mkdirSync(path, { mode: FOLDER_MODE });
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
  chmodSync(path, FOLDER_MODE);
  return true;
}
