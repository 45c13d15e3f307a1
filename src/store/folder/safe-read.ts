import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { errnoOf } from '../errno.ts';
import { Damage } from '../format/damage.ts';
import { NotAtOnce } from '../format/files-at-once.ts';
import { assertSize } from '../format/size-limits.ts';
import { reasonOf } from '../store-error.ts';

/** O_NONBLOCK: opening a named pipe would wait for its writer. Windows has neither that nor O_NOFOLLOW. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** What open(2) says of a link with O_NOFOLLOW: Linux and macOS; FreeBSD. */
const IS_LINK = new Set(['ELOOP', 'EMLINK']);

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
    const handle = await openInner(folder, path);
    try {
      assertPlain(path, await handle.stat(), maximum, expected);
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

async function openInner(folder: string, path: string): Promise<FileHandle> {
  if (isRightWithin(path)) {
    try {
      return await open(join(folder, path), FLAGS);
    } catch (error) {
      if (!IS_LINK.has(errnoOf(error) ?? '')) throw error;
    }
  }
  // Also a folder on the way may be a link; a file that is where its path says has this very real path.
  const [realFolder, realFile] = await Promise.all([realpath(folder), realpath(join(folder, path))]);
  if (realFile !== join(realFolder, path)) throw new Damage(`${path} is a symbolic link or behind one`);
  return await open(realFile, FLAGS);
}

/** Whether O_NOFOLLOW alone keeps from following a link: there is no folder on the way. */
function isRightWithin(path: string): boolean {
  return constants.O_NOFOLLOW !== undefined && !path.includes('/') && !path.includes(sep);
}

/** Holds what is lent; most of what a listing reads fits in, and so nothing has to be set aside for it. */
const lent = { memory: Buffer.alloc(0), size: 64 * 1024 };

/**
 * The same without giving way to anything else meanwhile: a tenth of the time, for a file on a local disk.
 * @param within the folder, with a separator at its end.
 * @param use as FilesAtOnce.read has it.
 * @throws NotAtOnce where that is not for this path: it lies in a folder within, or may be a link.
 */
export function readInnerAtOnce<T>(
  within: string,
  path: string,
  maximum: number,
  use: (content: Buffer) => T,
): T {
  if (!isRightWithin(path)) throw new NotAtOnce();
  let content: Buffer;
  try {
    const descriptor = openSync(within + path, FLAGS);
    try {
      const stats = fstatSync(descriptor);
      assertPlain(path, stats, maximum);
      content = readAll(descriptor, stats.size);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (IS_LINK.has(errnoOf(error) ?? '')) throw new NotAtOnce();
    throw asDamage(error, path);
  }
  return use(content);
}

/** So many bytes, or those up to the end: lent. */
function readAll(descriptor: number, size: number): Buffer {
  const content = size > lent.size ? Buffer.allocUnsafe(size) : memoryToLend();
  let length = 0;
  while (length < size) {
    const read = readSync(descriptor, content, length, size - length, null);
    if (read === 0) break;
    length += read;
  }
  return content.subarray(0, length);
}

function memoryToLend(): Buffer {
  if (lent.memory.length === 0) lent.memory = Buffer.allocUnsafeSlow(lent.size);
  return lent.memory;
}

const NO_ERROR = { throwIfNoEntry: false } as const;

/** Whether there is nothing by that name: a tenth of the time of an error that says so. */
export function isMissingAtOnce(within: string, path: string): boolean {
  try {
    return lstatSync(within + path, NO_ERROR) === undefined;
  } catch {
    // What is wrong, reading it tells.
    return false;
  }
}

/** The size of a plain file inside a backup's folder. @throws Damage where there is none. */
export async function innerSize(folder: string, path: string): Promise<number> {
  try {
    return sizeOf(await lstat(join(folder, path)), path);
  } catch (error) {
    throw asDamage(error, path);
  }
}

/** The same without giving way to anything else meanwhile. */
export function innerSizeAtOnce(within: string, path: string): number {
  try {
    const stats = lstatSync(within + path, NO_ERROR);
    if (stats === undefined) throw missing(path);
    return sizeOf(stats, path);
  } catch (error) {
    throw asDamage(error, path);
  }
}

function assertPlain(path: string, stats: Stats, maximum: number, expected?: number): void {
  if (!stats.isFile()) throw new Damage(`${path} is not a file`);
  assertSize(path, stats.size, maximum, expected);
}

function sizeOf(stats: Stats, path: string): number {
  if (!stats.isFile()) throw new Damage(`${path} is not a file`);
  return stats.size;
}

function missing(path: string): Damage {
  return new Damage(`${path} is missing`, { missing: true });
}

function asDamage(error: unknown, path: string): Damage {
  if (error instanceof Damage) return error;
  if (errnoOf(error) === 'ENOENT') return missing(path);
  return new Damage(`${path} can't be read: ${reasonOf(error)}`, { unreadable: true });
}
