/**
 * The files of one backup as a store holds them: backup.json, backup.json.sha256, verified.json where there is one, and
 * the backup's own, by paths relative to the backup with "/". Nothing that is read is believed; whoever reads checks it.
 */
export interface StoredFiles {
  /**
   * Reads a file.
   * @param expected its size, where that is known: a file of another size is not read at all.
   * @throws Damage where it is missing (`missing` is set then), no plain file, larger than `maximum` bytes, of another
   *   size than expected, or can't be read; UnreachableError where the store no longer answers.
   */
  read(path: string, maximum: number, expected?: number): Promise<Buffer>;
  /** Its size in bytes. @throws as read does. */
  size(path: string): Promise<number>;
  /** Everything that is there, links and the like among it, in order. @throws as read does. */
  paths(): Promise<string[]>;
  /**
   * Writes verified.json, all of it or nothing; undefined removes it.
   * @throws ToolError where the store can't be written.
   */
  replaceVerification(text: string | undefined): Promise<void>;
}
