/**
 * Writes a backup and is killed just before its Nth file operation. Arguments: the store and N. Where there are fewer, it
 * prints how many.
 */
import { killBefore } from '../../../support/kill-before.ts';

const [root = '', at = ''] = process.argv.slice(2);
const operations = killBefore(Number(at), ['open', 'mkdir', 'chmod', 'rename']);

const { openStore } = await import('../../../../src/store/open-store.ts');
const { writeSample } = await import('../sample-backup.ts');
await writeSample(await openStore(root));
process.stdout.write(`${operations()}`);
