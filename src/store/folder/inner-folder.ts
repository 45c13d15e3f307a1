import { lstatSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { advice } from '../../advice/advice.ts';
import { shell } from '../../advice/command.ts';
import { ToolError } from '../../errors/tool-error.ts';
import { ensureFolder, makeFolder, syncPath } from '../durable-file.ts';
import { makeFolderAtOnce } from '../durable-file-at-once.ts';
import { errnoOf } from '../errno.ts';

/** A folder inside a store. */
export interface InnerFolder {
  /** The store's, absolute; it may be a symbolic link itself. */
  root: string;
  /** As the user named the store. */
  location: string;
  /** The folders from there on: cluster, namespace, release. */
  parts: readonly string[];
}

/**
 * A folder in the store is a symbolic link: no listing looks behind one, so what is written through it would not be
 * found again.
 */
export class LinkedFolder extends ToolError {
  constructor(location: string) {
    super(`${location} is a symbolic link: nothing in a store is written or read through one`, {
      untouched: 'nothing was written there',
      next: advice`see where it leads (${shell('ls', '-ld', location)}), and put that folder in its place; only the store itself may be a link`,
    });
  }
}

/** @throws LinkedFolder where one on the way is a symbolic link. What does not exist yet is none. */
export async function assertNoLink({ root, location, parts }: InnerFolder): Promise<void> {
  for (const depth of parts.keys()) {
    const inner = parts.slice(0, depth + 1);
    try {
      if ((await lstat(join(root, ...inner))).isSymbolicLink())
        throw new LinkedFolder(join(location, ...inner));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return;
      throw error;
    }
  }
}

/** The same without giving way to anything else meanwhile: on a local disk alone. */
function assertNoLinkAtOnce({ root, location, parts }: InnerFolder): void {
  let path = root;
  let shown = location;
  for (const part of parts) {
    path = join(path, part);
    shown = join(shown, part);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return;
    if (stats.isSymbolicLink()) throw new LinkedFolder(shown);
  }
}

/**
 * Makes the folders that are missing, each durable in its parent.
 * @param atOnce without giving way, but for syncs: on a local disk alone.
 * @throws as assertNoLink does.
 */
export async function ensureInnerFolder(
  folder: InnerFolder,
  { atOnce = false }: { atOnce?: boolean } = {},
): Promise<string> {
  const { root, parts } = folder;
  const assertNone = atOnce ? assertNoLinkAtOnce : assertNoLink;
  const make = atOnce ? makeFolderAtOnce : makeFolder;
  await assertNone(folder);
  await ensureFolder(root);
  let path = root;
  for (const part of parts) {
    const parent = path;
    path = join(parent, part);
    if (await make(path)) await syncPath(parent);
  }
  // One that somebody put there meanwhile.
  await assertNone(folder);
  return path;
}
