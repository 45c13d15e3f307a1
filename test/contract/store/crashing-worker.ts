/**
 * Does one piece of work on the store it is given, and is killed just before its Nth file operation. Arguments: the store,
 * the work, and N.
 */
import { killBefore } from '../../support/kill-before.ts';
import type { CutWork } from './kind.ts';

const [root = '', work = '', at = ''] = process.argv.slice(2);
killBefore(Number(at), ['open', 'mkdir', 'chmod', 'rename', 'rm']);

const { openStore } = await import('../../../src/store/open-store.ts');
const { doWork } = await import('./cut-work.ts');
await doWork(await openStore(root), work as CutWork);
