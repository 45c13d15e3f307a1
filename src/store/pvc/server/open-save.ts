import { join } from 'node:path';
import { isBackupId } from '../../../model/records/backup-id.ts';
import { PartialFiles } from '../../folder/partial-files.ts';
import { finishBackup } from '../../folder/save-backup.ts';
import { CHECKSUM, DOCUMENT, isInnerPath, SIGNATURE } from '../../format/layout.ts';
import { Refused } from '../wire/wire-error.ts';

/** Above what a backup.json can name. */
const MAX_FILES = 60_000;

/** Beside verified.json, which comes later, the files that a store writes itself. */
const OWN = new Set([DOCUMENT, SIGNATURE, CHECKSUM]);

/** A backup that is being written: hidden until it is whole, and removed where it never is. */
export class OpenSave {
  readonly #parent: string;
  readonly #files: PartialFiles;
  #count = 0;

  /** @param partial the hidden folder, in `parent`, that becomes the backup. */
  constructor(parent: string, partial: string) {
    this.#parent = parent;
    this.#files = new PartialFiles(partial);
  }

  async write(path: string, content: Buffer): Promise<void> {
    if (!isInnerPath(path)) throw new Refused(`"${path}" can not be a file of a backup`);
    if (++this.#count > MAX_FILES) throw new Refused(`a backup has at most ${MAX_FILES} files`);
    await this.#files.write(path, content, { replace: false });
  }

  /** Gives it its name. False where that is taken: it may be tried again with another. */
  async commit(id: string, own: ReadonlyMap<string, Buffer>): Promise<boolean> {
    if (!isBackupId(id)) throw new Refused(`"${id}" is not a backup id`);
    if (
      !own.has(DOCUMENT) ||
      [...own.keys()].at(-1) !== CHECKSUM ||
      [...own.keys()].some((path) => !OWN.has(path))
    )
      throw new Refused('these are not the files that end a backup');
    return finishBackup(this.#files, own, join(this.#parent, id));
  }

  abort(): Promise<void> {
    return this.#files.remove();
  }
}
