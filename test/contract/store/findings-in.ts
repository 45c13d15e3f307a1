import { examineStore } from '../../../src/doctor/storage/examine-store.ts';
import type { Finding } from '../../../src/model/findings/finding.ts';
import type { Store } from '../../../src/store/store.ts';

/** What doctor finds in a store, without a cluster. */
export async function findingsIn(store: Store): Promise<Finding[]> {
  const { findings } = await examineStore({
    store,
    backups: () => store.list({}),
    releases: undefined,
    cluster: undefined,
    now: new Date('2026-11-23T12:00:00Z'),
  });
  return findings;
}
