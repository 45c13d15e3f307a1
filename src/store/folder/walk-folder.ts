import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Damage } from '../format/damage.ts';
import { reasonOf } from '../store-error.ts';

/**
 * Everything below `folder` that is no folder, links among it: relative paths with "/", in order. Links are
 * named and not followed (readdir's own `recursive` follows them, out of the backup or round in a circle).
 * @throws Damage naming a folder that can't be read.
 */
export async function walkFolder(folder: string): Promise<string[]> {
  const found: string[] = [];
  const inner = [''];
  for (let at = inner.shift(); at !== undefined; at = inner.shift()) {
    const entries = await readdir(join(folder, at), { withFileTypes: true }).catch((error: unknown) => {
      throw new Damage(`the folder ${at} can't be read: ${reasonOf(error)}`);
    });
    for (const entry of entries) {
      (entry.isDirectory() ? inner : found).push(at === '' ? entry.name : `${at}/${entry.name}`);
    }
  }
  return found.sort();
}
