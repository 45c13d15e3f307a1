import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mapLimited } from '../../errors/map-limited.ts';
import { makeFolder, syncPath, writePrivateFile } from '../durable-file.ts';

/** Enough for one journal write in practice, far from any limit on open files. */
const SYNCED_AT_ONCE = 64;

/** The files of a backup under way, in its hidden folder. Files may be written at once. */
export class PartialFiles {
  readonly folder: string;
  /** Folder within → its mkdir, so that files written at once wait for the same one. */
  readonly #folders = new Map<string, Promise<unknown>>();
  /** File → its last write. */
  readonly #writes = new Map<string, Promise<void>>();

  constructor(folder: string) {
    this.folder = folder;
  }

  write(path: string, content: string | Uint8Array, { replace }: { replace: boolean }): Promise<void> {
    const written = this.#makeFolder(dirname(path)).then(() =>
      writePrivateFile(join(this.folder, path), content, { replace }),
    );
    this.#writes.set(path, written);
    return written;
  }

  /**
   * Waits until everything written would survive a power cut. All files are synced at once and at the end:
   * the file system then writes its journal once instead of once a file.
   * @throws what failed first.
   */
  async sync(): Promise<void> {
    await Promise.all(this.#writes.values());
    const paths = ['.', ...this.#folders.keys(), ...this.#writes.keys()];
    await mapLimited(paths, SYNCED_AT_ONCE, (path) => syncPath(join(this.folder, path)));
  }

  /** Never throws: on a disk that fails here too, a hidden folder stays, which a later backup removes. */
  async remove(): Promise<void> {
    await Promise.allSettled(this.#writes.values());
    await rm(this.folder, { recursive: true, force: true }).catch(() => {});
  }

  #makeFolder(folder: string): Promise<unknown> {
    if (folder === '.') return Promise.resolve();
    let made = this.#folders.get(folder);
    if (made === undefined) {
      made = this.#makeFolder(dirname(folder)).then(() => makeFolder(join(this.folder, folder)));
      this.#folders.set(folder, made);
    }
    return made;
  }
}
