import { constants } from 'node:fs';
import { lstat, open, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../errno.ts';
import { Damage } from '../format/damage.ts';
import { assertSize } from '../format/size-limits.ts';
import { reasonOf } from '../store-error.ts';

/**
 * Reads a file inside a backup's folder.
 * @param expected its size, where that is known: a file of another size is not read at all.
 * @throws Damage where it is missing, no plain file, reached through a symbolic link, larger than `maximum`
 *   bytes, of another size than expected, or can't be read.
 */
export async function readInner(
  folder: string,
  path: string,
  maximum: number,
  expected?: number,
): Promise<Buffer> {
  try {
    // Also a folder on the way may be a link; a file that is where its path says has this very real path.
    const [realFolder, realFile] = await Promise.all([realpath(folder), realpath(join(folder, path))]);
    if (realFile !== join(realFolder, path)) throw new Damage(`${path} is a symbolic link or behind one`);
    // O_NONBLOCK: opening a named pipe would wait for its writer.
    const handle = await open(realFile, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw new Damage(`${path} is not a file`);
      assertSize(path, stats.size, maximum, expected);
      const content = await handle.readFile();
      // It may grow meanwhile.
      assertSize(path, content.length, Number.POSITIVE_INFINITY, expected);
      return content;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw asDamage(error, path);
  }
}

/** The size of a plain file inside a backup's folder. @throws Damage where there is none. */
export async function innerSize(folder: string, path: string): Promise<number> {
  try {
    const stats = await lstat(join(folder, path));
    if (!stats.isFile()) throw new Damage(`${path} is not a file`);
    return stats.size;
  } catch (error) {
    throw asDamage(error, path);
  }
}

function asDamage(error: unknown, path: string): Damage {
  if (error instanceof Damage) return error;
  if (errnoOf(error) === 'ENOENT') return new Damage(`${path} is missing`, { missing: true });
  return new Damage(`${path} can't be read: ${reasonOf(error)}`, { unreadable: true });
}
