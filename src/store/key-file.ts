import { readFile, stat } from 'node:fs/promises';
import { UsageError } from '../errors/tool-error.ts';
import { reasonOf } from './store-error.ts';

/** Recipients and keys are lines of text; nothing larger is read. */
const MAX_KEY_FILE_BYTES = 1024 * 1024;

/** Whether somebody typed the key in the place of its file: then it is shown nowhere. */
export function isKeyItself(file: string): boolean {
  return /^\s*(?:AGE-|-----BEGIN)/i.test(file);
}

/**
 * Reads a file of keys, private or public.
 * @param what it is, for messages.
 * @throws UsageError; the name is not shown where it is the key itself.
 */
export async function readKeyFile(file: string, what: string): Promise<string> {
  if (isKeyItself(file)) {
    throw new UsageError(`the ${what} is to be named, and this is a key itself`, {
      untouched: 'nothing was changed',
      next: 'put it in a file that only you can read, and name that; whoever saw the command line (ps, the history of the shell) has the key now: make another',
    });
  }
  try {
    const stats = await stat(file);
    // A pipe (<(pass show key)) has no size; a folder is refused by the read.
    if (stats.isFile() && stats.size > MAX_KEY_FILE_BYTES) {
      throw new Error(`it has ${stats.size} bytes, at most ${MAX_KEY_FILE_BYTES} are read`);
    }
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`can't read the ${what} ${file}: ${reasonOf(error)}`, {
      untouched: 'nothing was changed',
    });
  }
}
