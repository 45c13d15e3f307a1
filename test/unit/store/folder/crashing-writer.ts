/**
 * Writes a backup and is killed just before its Nth file operation. Arguments: the store, N, and "ahead" where files are
 * to be written before all is known, or "elsewhere" where nothing is known of the disk. Where there are fewer, it prints how many.
 */
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { killBefore } from '../../../support/kill-before.ts';

const [root = '', at = '', how = ''] = process.argv.slice(2);
const operations = killBefore(Number(at), ['open', 'mkdir', 'chmod', 'rename']);

if (how === 'elsewhere') {
  Object.assign(fs, { readFile: () => Promise.reject(new Error('no /proc')) });
  syncBuiltinESMExports();
}
const { openStore } = await import('../../../../src/store/open-store.ts');
const { ADDRESS, sampleContent, writeSample } = await import('../sample-backup.ts');
const store = await openStore(root);
if (how === 'ahead') {
  const save = await store.begin!(ADDRESS, 'backup');
  const { files } = sampleContent();
  save!.write(files.slice(1));
  // Most of it is written, and some of it synced, when the rest of it comes.
  await new Promise((resolve) => setTimeout(resolve, 50));
  await save!.save(sampleContent());
} else await writeSample(store);
process.stdout.write(`${operations()}`);
