import { rename, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf } from './errno.ts';

/** What Windows says of a file, or of a folder that holds one, which another program has open. */
const IN_USE = new Set(['EACCES', 'EBUSY', 'EPERM']);

/** Milliseconds before each further try; scanners let go within some tenths of a second. */
const PAUSES_MS = [10, 20, 50, 100, 200, 300, 400];

/**
 * rename(2). Windows refuses it while another program has something of it open, as virus scanners and indexers have for a moment
 * what was just written: there it is tried for about a second. What stands in the way of a folder stays, and is not waited for.
 * @throws Error of the operating system.
 */
export async function renamePatiently(
  from: string,
  to: string,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  const pauses = platform === 'win32' ? PAUSES_MS.values() : [].values();
  for (;;) {
    try {
      return await rename(from, to);
    } catch (error) {
      if (!IN_USE.has(errnoOf(error) ?? '') || (await isFolder(to))) throw error;
      const { value: pause } = pauses.next();
      if (pause === undefined) throw error;
      await sleep(pause);
    }
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
