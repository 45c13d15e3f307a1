import { randomBytes } from 'node:crypto';
import { readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { shell } from '../../advice/command.ts';
import { syncPath, writePrivateFile } from '../durable-file.ts';
import { errnoOf } from '../errno.ts';
import { isFolderName } from '../format/layout.ts';
import type { StoreCondition, StoreRoom } from '../store.ts';
import { reasonOf } from '../store-error.ts';
import { exposedBelow } from './folder-access.ts';
import { leftBehind } from './partial-folder.ts';

/** Cluster, namespace, release: the folders that backups are written in. */
const DEPTH = 3;

/**
 * How the store in a folder is doing.
 * @throws Error of the operating system where the folder can't be read.
 */
export async function folderCondition(root: string, location: string): Promise<StoreCondition> {
  await readdir(root);
  const [unwritable, room, leftovers, exposed] = await Promise.all([
    whatKeepsFromWriting(root),
    roomIn(root),
    leftoversIn(root, location),
    exposedBelow(root, location, DEPTH),
  ]);
  return {
    ...(unwritable === undefined
      ? {}
      : {
          unwritable: {
            why: reasonOf(unwritable),
            fix: [shell('ls', '-ld', location), shell('df', '-h', location)],
          },
        }),
    ...(room === undefined
      ? {}
      : { room: { ...room, fix: [shell('df', '-h', location), shell('df', '-i', location)] } }),
    leftovers,
    exposed,
  };
}

/**
 * Tries it: permissions alone don't tell of a read-only mount, a quota, or what a file server thinks. The name
 * is hidden, so that nothing takes it for a backup.
 * @returns the error of the operating system; undefined where it can be written.
 */
export async function whatKeepsFromWriting(root: string): Promise<unknown> {
  const probe = join(root, `.writable-${process.pid}.${randomBytes(4).toString('hex')}`);
  try {
    await writePrivateFile(probe, 'Written by memcached-backup doctor, to see whether it can.\n', {
      replace: false,
    });
    await syncPath(probe);
    return undefined;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return error;
  } finally {
    await rm(probe, { force: true }).catch(() => {});
  }
}

/** statfs(2): blocks for ordinary users; file systems without a table of inodes count 0 of 0. */
export async function roomIn(root: string): Promise<Omit<StoreRoom, 'fix'> | undefined> {
  try {
    const { blocks, bfree, bavail, bsize, files, ffree } = await statfs(root);
    const capacityBytes = (blocks - bfree + bavail) * bsize;
    return { freeBytes: bavail * bsize, capacityBytes, ...(files === 0 ? {} : { freeFiles: ffree }) };
  } catch {
    // Some network file systems have none; that says nothing about the store.
    return undefined;
  }
}

/**
 * What cut-off backups and removals left. Folders that can't be read are passed over: listing the backups has named them.
 * @param depth of the folders that backups are written in, below this one.
 */
export async function leftoversIn(
  folder: string,
  location: string,
  depth: number = DEPTH,
): Promise<StoreCondition['leftovers']> {
  try {
    if (depth === 0) {
      const left = await leftBehind(folder, Date.now());
      return left.map(({ name, at }) => {
        const path = join(location, name);
        return { location: path, at: at.toISOString(), fix: shell('rm', '-r', path) };
      });
    }
    const entries = await readdir(folder, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory() && isFolderName(entry.name));
    const found = await Promise.all(
      folders.map(({ name }) => leftoversIn(join(folder, name), join(location, name), depth - 1)),
    );
    return found.flat();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return [];
  }
}
