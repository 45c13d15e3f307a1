/** Removes the sample backup and is killed just before its Nth file operation. Arguments: the store and N. */
import { killBefore } from '../../../support/kill-before.ts';

const [root = '', at = ''] = process.argv.slice(2);
killBefore(Number(at), ['open', 'rename', 'rm']);

const { FolderStore } = await import('../../../../src/store/folder/folder-store.ts');
const { ADDRESS } = await import('../sample-backup.ts');
await new FolderStore(root).remove(ADDRESS);
