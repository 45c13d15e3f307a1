import { lstat, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { advice } from '../../advice/advice.ts';
import { shell } from '../../advice/command.ts';
import { ToolError } from '../../errors/tool-error.ts';
import { renameDurably } from '../durable-file.ts';
import { errnoOf } from '../errno.ts';
import { DeletionDenied, reasonOf, writeError } from '../store-error.ts';
import { hiddenFolder } from './partial-folder.ts';

/** The store is there, and does not let this user change what it holds. */
const DENIED = new Set(['EACCES', 'EPERM', 'EROFS']);

/** Whether the operating system said that what is there may not be changed. */
export function isDeniedChange(error: unknown): boolean {
  return DENIED.has(errnoOf(error) ?? '');
}

/** A backup's folder, and the same as the user would write it. */
interface RemovedFolder {
  path: string;
  location: string;
}

/** What stands in a backup's place is no folder. */
export class NoFolder extends Error {}

/** The backup is gone to every reader, and some of its files still lie in the folder `hidden` beside its place. */
export class FilesLeft extends Error {
  readonly hidden: string;

  constructor(hidden: string, cause: unknown) {
    super(`not all of its files: ${reasonOf(cause)}`, { cause });
    this.hidden = hidden;
  }
}

/**
 * Takes a backup away: it gets a hidden name, which is synced, and what bears that is removed. So it is there whole or
 * not at all to every reader, after a crash or a power cut too. One that is gone already counts as removed.
 * @throws NoFolder; FilesLeft; the error of the operating system where it is still there.
 */
export async function removeFolderOf(path: string): Promise<void> {
  const hidden = hiddenFolder(dirname(path), 'deleting', basename(path));
  try {
    if (!(await lstat(path)).isDirectory()) throw new NoFolder('it is not a folder');
    await renameDurably(path, hidden);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    await rm(hidden, { recursive: true, force: true });
  } catch (cause) {
    throw new FilesLeft(basename(hidden), cause);
  }
}

/**
 * {@link removeFolderOf}, with its errors in words.
 * @param store as the user named it.
 * @throws DeletionDenied; ToolError where it is no folder, or where something of it could not be removed.
 */
export async function removeFromFolder({ path, location }: RemovedFolder, store: string): Promise<void> {
  try {
    await removeFolderOf(path);
  } catch (error) {
    if (error instanceof NoFolder) throw noFolder(location);
    if (error instanceof FilesLeft) {
      const rest = join(dirname(location), error.hidden);
      throw new ToolError(`the backup ${location} is gone, but ${error.message}`, {
        next: advice`remove what is left of it: ${shell('rm', '-r', rest)}`,
        cause: error.cause,
      });
    }
    if (isDeniedChange(error))
      throw new DeletionDenied(location, reasonOf(error), {
        next: advice`check the permissions of the folder above it: ${shell('ls', '-ld', dirname(location))}`,
        cause: error,
      });
    throw writeError(error, store);
  }
}

function noFolder(location: string): ToolError {
  return new ToolError(`${location} is not a folder: nothing is removed through a symbolic link`, {
    untouched: 'it was left as it is',
    next: advice`see what it is: ${shell('ls', '-ld', location)}`,
  });
}
