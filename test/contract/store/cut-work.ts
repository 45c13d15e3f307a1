import type { Store } from '../../../src/store/store.ts';
import { ADDRESS, writeSample } from '../../unit/store/sample-backup.ts';
import type { CutWork } from './kind.ts';

/** The report of a drill, which is written where there is one already. */
export const REPORT = 'drills/20261123T000000Z.json';
export const [EARLIER, LATER] = ['{"earlier":true}', '{"later":true}'.repeat(5000)].map((text) =>
  Buffer.from(text),
) as [Buffer, Buffer];

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
  if (work === 'report') {
    await store.releaseFiles(ADDRESS)?.write(REPORT, LATER);
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
