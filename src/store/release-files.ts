/** What lies beside a release's backups: reports of drills, snapshots of caches. */
export type BesideFolder = (typeof BESIDE_FOLDERS)[number];

export const BESIDE_FOLDERS = ['drills', 'snapshots'] as const;

export interface BesideFile {
  /** "drills/20261130T003000Z.json" */
  path: string;
  bytes: number;
}

/**
 * Files that lie beside a release's backups and are none: reports of drills, snapshots of caches. No listing of backups
 * shows them, and a release that has nothing else has no backup. Whoever reads one believes nothing of it.
 *
 * Paths are "drills/NAME" and "snapshots/ID/NAME" ({@link isBesidePath}); another one is a defect.
 */
export interface ReleaseFiles {
  /**
   * Whole or not at all: one of that path is replaced. At most {@link MAX_BESIDE_BYTES}.
   * @throws ToolError where the store can't be written.
   */
  write(path: string, content: Uint8Array): Promise<void>;
  /**
   * @returns undefined: there is none.
   * @throws Damage where it is larger than `maximum` bytes, no plain file or can't be read; UnreachableError where the store
   *   can't be read.
   */
  read(path: string, maximum: number): Promise<Buffer | undefined>;
  /**
   * Of one folder, sorted by path; of more than {@link MAX_BESIDE_FILES} the last. None where there is no such folder, nor any
   * store.
   * @throws UnreachableError where the store can't be read.
   */
  list(folder: BesideFolder): Promise<BesideFile[]>;
  /** One that is gone already counts as removed. @throws ToolError where it can't be removed. */
  remove(path: string): Promise<void>;
}

/** A cache's snapshot is cut into pieces below this; a report of a drill has some kilobytes. */
export const MAX_BESIDE_BYTES = 64 * 1024 * 1024;

/** The pieces of a cache of hundreds of gigabytes. */
export const MAX_BESIDE_FILES = 10_000;

/** Names that every kind of store takes, none of them hidden. */
const NAME = /^[A-Za-z0-9][-A-Za-z0-9._]{0,199}$/;

/** Whether a path is one of ours: what lies there besides is others', and passed over. */
export function isBesidePath(path: string): boolean {
  const [folder, ...names] = path.split('/');
  const depth = folder === 'drills' ? 1 : folder === 'snapshots' ? 2 : 0;
  return depth > 0 && names.length === depth && names.every((name) => NAME.test(name));
}

/** @throws Error (a defect) where it is none of ours. */
export function assertBesidePath(path: string): void {
  if (!isBesidePath(path)) throw new Error(`"${path}" is no file beside a release's backups`);
}

/** @throws Error (a defect) */
export function assertBesideFile(path: string, content: Uint8Array): void {
  assertBesidePath(path);
  if (content.length > MAX_BESIDE_BYTES)
    throw new Error(`${path} has ${content.length} bytes, at most ${MAX_BESIDE_BYTES} are written`);
}

/** What a store found, as {@link ReleaseFiles.list} gives it. */
export function listedBeside(files: readonly BesideFile[]): BesideFile[] {
  return files
    .filter(({ path }) => isBesidePath(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .slice(-MAX_BESIDE_FILES);
}
