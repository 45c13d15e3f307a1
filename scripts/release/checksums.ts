import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The digests of all files of a folder, as sha256sum prints them, by name; those below a folder whose name starts with a dot are left out. */
export function sha256Sums(folder: string): string {
  return filesIn(folder)
    .map((file) => `${sha256Of(join(folder, file))}  ${file}\n`)
    .join('');
}

/** In hexadecimal. */
export function sha256Of(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((file) => !file.split('/').some((part) => part.startsWith('.')))
    .sort();
}
