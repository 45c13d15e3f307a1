/**
 * Files right within a backup's folder, and sizes, that are read without giving way to anything else meanwhile: of a folder on a local disk, where that is
 * a tenth of the work. Nothing that is read is believed; whoever reads checks it.
 */
export interface FilesAtOnce {
  /**
   * @param use is lent the content: the memory is another's as soon as it returns.
   * @throws Damage as StoredFiles.read does; NotAtOnce; what `use` throws.
   */
  read<T>(path: string, maximum: number, use: (content: Buffer) => T): T;
  /** The same; undefined where there is no such file, which costs less than an error that says so. @throws as read does */
  readWhereThere<T>(path: string, maximum: number, use: (content: Buffer) => T): T | undefined;
  /** Its size in bytes. @throws Damage as StoredFiles.size does. */
  size(path: string): number;
}

/** What stands there is for the patient way, which can tell what it is: a symbolic link. */
export class NotAtOnce extends Error {}
