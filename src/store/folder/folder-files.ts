import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replacedName, replaceFile } from '../durable-file.ts';
import { VERIFIED } from '../format/layout.ts';
import type { StoredFiles } from '../format/stored-files.ts';
import { writeError } from '../store-error.ts';
import { innerSize, readInner } from './safe-read.ts';
import { walkFolder } from './walk-folder.ts';

/** The files of a backup in a folder; no link is followed. */
export class FolderFiles implements StoredFiles {
  readonly #folder: string;
  readonly #location: string;

  /**
   * @param folder absolute.
   * @param location the same, as the user would write it.
   */
  constructor(folder: string, location: string) {
    this.#folder = folder;
    this.#location = location;
  }

  read(path: string, maximum: number, expected?: number): Promise<Buffer> {
    return readInner(this.#folder, path, maximum, expected);
  }

  size(path: string): Promise<number> {
    return innerSize(this.#folder, path);
  }

  async paths(): Promise<string[]> {
    const paths = await walkFolder(this.#folder);
    // What a killed `verify` left is on its way to verified.json.
    return paths.filter((path) => replacedName(path) !== VERIFIED);
  }

  /** What was there before stays until all of the new one is on the disk. */
  async replaceVerification(text: string | undefined): Promise<void> {
    try {
      await replaceVerifiedFile(this.#folder, text);
    } catch (error) {
      throw writeError(error, this.#location);
    }
  }
}

/** verified.json of the backup in a folder; undefined removes it. @throws Error of the operating system. */
export async function replaceVerifiedFile(folder: string, text: string | undefined): Promise<void> {
  const path = join(folder, VERIFIED);
  await (text === undefined ? rm(path, { force: true }) : replaceFile(path, text));
}
