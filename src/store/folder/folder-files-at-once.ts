import { sep } from 'node:path';
import type { FilesAtOnce } from '../format/files-at-once.ts';
import { innerSizeAtOnce, isMissingAtOnce, readInnerAtOnce } from './safe-read.ts';

/** The files of a backup in a folder on a local disk; no link is followed. */
export class FolderFilesAtOnce implements FilesAtOnce {
  readonly #within: string;

  /** @param folder absolute. */
  constructor(folder: string) {
    this.#within = `${folder}${sep}`;
  }

  read<T>(path: string, maximum: number, use: (content: Buffer) => T): T {
    return readInnerAtOnce(this.#within, path, maximum, use);
  }

  readWhereThere<T>(path: string, maximum: number, use: (content: Buffer) => T): T | undefined {
    return isMissingAtOnce(this.#within, path) ? undefined : this.read(path, maximum, use);
  }

  size(path: string): number {
    return innerSizeAtOnce(this.#within, path);
  }
}
