import { addBackup, addDrill } from '../model/metrics/release-metrics.ts';
import type { MetricFamily } from '../model/metrics/text-format.ts';
import { GatheredMetrics } from '../model/metrics/tool-metrics.ts';
import type { ReleaseStatus } from '../status/release-status.ts';
import { storeKind } from '../store/store-kind.ts';

/**
 * `status -o prometheus`. Of a release without a backup there is `backed_up 0` alone; where the store could not be looked into, nobody
 * knows even that.
 * @param location of the store; undefined where it could not be opened.
 */
export function statusMetrics(rows: readonly ReleaseStatus[], location: string | undefined): MetricFamily[] {
  const metrics = new GatheredMetrics();
  const store: Readonly<Record<string, string>> =
    location === undefined ? {} : { store: storeKind(location) };
  for (const { namespace, release, backup, storeRead, state, ...row } of rows) {
    // Of what is gone no newer backup is due.
    if (state === 'gone') continue;
    const labels = { namespace, release, ...store };
    if (backup !== undefined) {
      const verifiedAt = backup.verifiedAt === undefined ? undefined : new Date(backup.verifiedAt);
      addBackup(metrics, labels, { ...backup, verifiedAt });
    } else if (storeRead) metrics.add('backed_up', labels, false);
    if (row.drill !== undefined) addDrill(metrics, labels, row.drill, row.drillPassedAt);
  }
  const [first] = rows;
  if (first !== undefined) metrics.add('store_readable', store, first.storeRead);
  metrics.add('store_backups', store, first?.store?.backups);
  metrics.add('store_backups_size_bytes', store, first?.store?.bytes);
  return metrics.families();
}
