import { lstat } from 'node:fs/promises';
import { ToolError, UsageError } from '../errors/tool-error.ts';
import { NotDurable, placeFile, replaceFile } from './durable-file.ts';
import { errnoOf } from './errno.ts';
import { reasonOf } from './store-error.ts';

/** Told before anything is read; that the file is there by the time it is written is told as well. @throws UsageError */
export async function assertNotThere(file: string): Promise<void> {
  const isThere = await lstat(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw thereAlready(file);
}

/**
 * Writes a file that the user named, 0600, whole or not at all.
 * @throws UsageError where it is there, unless `force`; ToolError where it can't be written.
 */
export async function writeFileWhole(
  file: string,
  content: Uint8Array,
  { force }: { force: boolean },
): Promise<void> {
  try {
    await (force ? replaceFile(file, content) : placeFile(file, content));
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST') throw thereAlready(file);
    const isWritten = cause instanceof NotDurable;
    throw new ToolError(
      isWritten
        ? `${file} is whole, but may not survive a power cut: ${reasonOf(cause)}`
        : `can't write ${file}: ${reasonOf(cause)}`,
      { ...(isWritten ? {} : { untouched: 'no file was left behind' }), cause },
    );
  }
}

function thereAlready(file: string): UsageError {
  return new UsageError(`${file} is there already`, {
    untouched: 'it is as it was',
    next: 'name another file, or write over it: --force',
  });
}
