import { Damage } from './damage.ts';
import { assertSize } from './size-limits.ts';
import type { StoredFiles } from './stored-files.ts';

/** The files of a backup that is in memory: unpacked from an archive. */
export class MemoryFiles implements StoredFiles {
  readonly #files: ReadonlyMap<string, Uint8Array>;
  readonly replaceVerification: StoredFiles['replaceVerification'];

  /** @param replaceVerification where verified.json is kept, which the archive does not hold. */
  constructor(
    files: ReadonlyMap<string, Uint8Array>,
    replaceVerification: StoredFiles['replaceVerification'],
  ) {
    this.#files = files;
    this.replaceVerification = replaceVerification;
  }

  async read(path: string, maximum: number, expected?: number): Promise<Buffer> {
    const content = this.#find(path);
    const { length } = content;
    assertSize(path, length, maximum, expected);
    return Buffer.from(content.buffer, content.byteOffset, length);
  }

  async size(path: string): Promise<number> {
    return this.#find(path).length;
  }

  async paths(): Promise<string[]> {
    return [...this.#files.keys()].sort();
  }

  #find(path: string): Uint8Array {
    const content = this.#files.get(path);
    if (content === undefined) throw new Damage(`${path} is missing`, { missing: true });
    return content;
  }
}
