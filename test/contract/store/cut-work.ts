import type { Store } from '../../../src/store/store.ts';
import { ADDRESS, writeSample } from '../../unit/store/sample-backup.ts';
import type { CutWork } from './kind.ts';

/** What is cut somewhere in it. */
export async function doWork(store: Store, work: CutWork): Promise<void> {
  if (work === 'save') {
    await writeSample(store);
    return;
  }
  if (work === 'remove') {
    await store.remove(ADDRESS);
    return;
  }
  const reader = await store.open(ADDRESS);
  await reader.noteVerification({
    at: new Date().toISOString(),
    tool: { name: 'memcached-backup', version: '0.1.0' },
    passed: ['structure'],
    unchecked: [],
  });
}
