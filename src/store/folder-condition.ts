import { randomBytes } from 'node:crypto';
import { readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { syncPath, writePrivateFile } from './durable-file.ts';
import { errnoOf } from './errno.ts';
import { exposedBelow } from './folder-access.ts';
import { isFolderName } from './layout.ts';
import { leftBehind } from './partial-folder.ts';
import type { StoreCondition } from './store.ts';
import { reasonOf } from './store-error.ts';

/** Cluster, namespace, release: the folders that backups are written in. */
const DEPTH = 3;

/**
 * How the store in a folder is doing.
 * @throws Error of the operating system where the folder can't be read.
 */
export async function folderCondition(root: string, location: string): Promise<StoreCondition> {
  await readdir(root);
  const [unwritable, room, leftovers, exposed] = await Promise.all([
    whyUnwritable(root),
    roomIn(root),
    leftoversIn(root, location, DEPTH),
    exposedBelow(root, location, DEPTH),
  ]);
  return { ...(unwritable === undefined ? {} : { unwritable }), ...room, leftovers, exposed };
}

/**
 * Tries it: permissions alone don't tell of a read-only mount, a quota, or what a file server thinks. The name
 * is hidden, so that nothing takes it for a backup.
 */
async function whyUnwritable(root: string): Promise<string | undefined> {
  const probe = join(root, `.writable-${process.pid}.${randomBytes(4).toString('hex')}`);
  try {
    await writePrivateFile(probe, 'Written by memcached-backup doctor, to see whether it can.\n', {
      replace: false,
    });
    await syncPath(probe);
    return undefined;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return reasonOf(error);
  } finally {
    await rm(probe, { force: true }).catch(() => {});
  }
}

/** statfs(2): blocks for ordinary users; file systems without a table of inodes count 0 of 0. */
async function roomIn(root: string): Promise<Pick<StoreCondition, 'freeBytes' | 'freeFiles'>> {
  try {
    const { bavail, bsize, files, ffree } = await statfs(root);
    return { freeBytes: bavail * bsize, ...(files === 0 ? {} : { freeFiles: ffree }) };
  } catch {
    // Some network file systems have none; that says nothing about the store.
    return {};
  }
}

/** Folders that can't be read are passed over: listing the backups has named them. */
async function leftoversIn(
  folder: string,
  location: string,
  depth: number,
): Promise<StoreCondition['leftovers']> {
  try {
    if (depth === 0) {
      const left = await leftBehind(folder, Date.now());
      return left.map(({ name, at }) => ({ location: join(location, name), at: at.toISOString() }));
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
