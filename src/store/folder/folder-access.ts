import type { Stats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { shell } from '../../advice/command.ts';
import { errnoOf } from '../errno.ts';
import { isFolderName } from '../format/layout.ts';
import type { ExposedFolder } from '../store.ts';

export function exposedInWords({ location, why }: ExposedFolder): string {
  return `others can write to ${location}: ${why}; whoever can may change what a restore writes`;
}

const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;
const MODE = 0o7777;

/**
 * Who else may change what lies in a folder; undefined where nobody but root. In a folder with the sticky bit others
 * may add, and neither rename nor remove what is not theirs (chmod(1)), if its owner is not one of them.
 * @param uid this user's; undefined where the system has none: nothing is said then.
 */
export function whoElseWrites(
  { uid: owner, mode }: Pick<Stats, 'uid' | 'mode'>,
  uid: number | undefined,
): string | undefined {
  if (uid === undefined) return undefined;
  if (owner !== uid && owner !== 0) return `it belongs to another user (uid ${owner})`;
  if ((mode & STICKY) !== 0) return undefined;
  const octal = `its mode ${(mode & MODE).toString(8).padStart(4, '0')}`;
  if ((mode & OTHERS_WRITE) !== 0) return `${octal} lets everybody write`;
  return (mode & GROUP_WRITES) === 0 ? undefined : `${octal} lets its group write`;
}

/** The folders on the way from a store to a release that others can write, the store's own first. */
export async function exposedOnTheWay(
  root: string,
  location: string,
  parts: readonly string[],
): Promise<ExposedFolder[]> {
  const ways = [[], ...parts.keys().map((depth) => parts.slice(0, depth + 1))];
  const found = await Promise.all(
    ways.map((inner) => exposureOf(join(root, ...inner), join(location, ...inner), inner.length === 0)),
  );
  return found.flat();
}

/** A file that others can write, or put another in the place of: it, and the folder that holds it. */
export async function exposedFile(path: string, location: string): Promise<ExposedFolder[]> {
  const found = await stat(path).then((stats) => [stats], ignoreSystem);
  const ofFile = found.flatMap((stats) => {
    const why = whoElseWrites(stats, process.getuid?.());
    return why === undefined ? [] : [{ location, why, fix: shell('chmod', 'go-w', location) }];
  });
  return [...(await exposureOf(dirname(path), dirname(location), true)), ...ofFile];
}

/** All such folders of a store, `depth` levels deep. Those that can't be read are passed over: a listing names them. */
export async function exposedBelow(root: string, location: string, depth: number): Promise<ExposedFolder[]> {
  return [...(await exposureOf(root, location, true)), ...(await inside(root, location, depth))];
}

async function inside(folder: string, location: string, depth: number): Promise<ExposedFolder[]> {
  if (depth === 0) return [];
  const entries = await readdir(folder, { withFileTypes: true }).catch(ignoreSystem);
  const folders = entries.filter((entry) => entry.isDirectory() && isFolderName(entry.name));
  const found = await Promise.all(
    folders.map(async ({ name }) => [
      ...(await exposureOf(join(folder, name), join(location, name), false)),
      ...(await inside(join(folder, name), join(location, name), depth - 1)),
    ]),
  );
  return found.flat();
}

async function exposureOf(path: string, location: string, mayBeLink: boolean): Promise<ExposedFolder[]> {
  const found = await (mayBeLink ? stat(path) : lstat(path)).then((stats) => [stats], ignoreSystem);
  return found.flatMap((stats) => {
    const why = stats.isDirectory() ? whoElseWrites(stats, process.getuid?.()) : undefined;
    return why === undefined ? [] : [{ location, why, fix: shell('chmod', 'go-w', location) }];
  });
}

function ignoreSystem(error: unknown): never[] {
  if (errnoOf(error) === undefined) throw error;
  return [];
}
