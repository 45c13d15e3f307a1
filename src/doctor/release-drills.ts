import type { DrillReport } from '../model/records/drill-report.ts';
import { ownDrills } from '../store/find/drill-reports.ts';
import type { ListedBackup } from '../store/store.ts';
import type { DoctorContext } from './doctor-context.ts';

/** Drills that are read of a release: enough for a trend. */
const MOST = 6;

/**
 * The last drills of a release, the newest first.
 * @param backups of the store; undefined where it could not be read.
 * @returns undefined where nobody knows.
 */
export async function releaseDrills(
  { namespace, name }: { namespace: string; name: string },
  doctor: DoctorContext,
  backups: readonly ListedBackup[] | undefined,
): Promise<DrillReport[] | undefined> {
  if (backups === undefined) return undefined;
  const own = backups.filter(({ address }) => address.namespace === namespace && address.release === name);
  return doctor.reader.try<DrillReport[] | undefined>(`the drills of ${name}`, async () => {
    const [store, cluster] = await Promise.all([doctor.store(), doctor.cluster()]);
    return cluster && ownDrills(store, own, { cluster, namespace, release: name }, MOST);
  });
}
