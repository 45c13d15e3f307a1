import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replacedName, replaceFile } from '../durable-file.ts';
import { VERIFIED } from '../format/layout.ts';
import type { StoredFiles } from '../format/stored-files.ts';
import { writeError } from '../store-error.ts';
import { innerSize, innerSizeAtOnce, isMissingAtOnce, readInner, readInnerAtOnce } from './safe-read.ts';
import { walkFolder } from './walk-folder.ts';

/** The files of a backup in a folder; no link is followed. */
export class FolderFiles implements StoredFiles {
  readonly #folder: string;
  readonly #location: string;
  readonly #atOnce: boolean;

  /**
   * @param folder absolute.
   * @param location the same, as the user would write it.
   * @param atOnce read the files right within it, and the sizes, without giving way: on a local disk alone.
   */
  constructor(folder: string, location: string, { atOnce = false }: { atOnce?: boolean } = {}) {
    this.#folder = folder;
    this.#location = location;
    this.#atOnce = atOnce;
  }

  async read(path: string, maximum: number, expected?: number): Promise<Buffer> {
    const content =
      this.#atOnce && expected === undefined ? readInnerAtOnce(this.#folder, path, maximum) : undefined;
    return content ?? readInner(this.#folder, path, maximum, expected);
  }

  lacks(path: string): boolean {
    return this.#atOnce && isMissingAtOnce(this.#folder, path);
  }

  async size(path: string): Promise<number> {
    return this.#atOnce ? innerSizeAtOnce(this.#folder, path) : innerSize(this.#folder, path);
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
