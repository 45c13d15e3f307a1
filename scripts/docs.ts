import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandPages } from './docs/command-pages.ts';
import { manPages } from './docs/man-pages.ts';

/**
 * `npm run docs`: writes docs/commands from what `--help` is made of, and the same as man pages to dist/man/man1:
 * `man -l dist/man/man1/kubectl-memcached_backup-restore.1`.
 */
const root = join(import.meta.dirname, '..');
writeFolder(join(root, 'docs/commands'), commandPages());
writeFolder(join(root, 'dist/man/man1'), manPages());

/** The folder then holds these files alone. */
function writeFolder(folder: string, files: ReadonlyMap<string, string>): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (!files.has(name)) rmSync(join(folder, name));
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  process.stdout.write(`${folder}: ${files.size} pages\n`);
}
