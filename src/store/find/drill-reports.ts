import { UsageError } from '../../errors/tool-error.ts';
import { parseJsonWithin } from '../../model/json/bounded-json.ts';
import type { Json } from '../../model/json/json.ts';
import { BeyondLimit } from '../../model/json/limits.ts';
import { compareIds, isBackupId } from '../../model/records/backup-id.ts';
import {
  DRILL_REPORT_MAX_BYTES,
  type DrillReport,
  drillReportPath,
  readDrillReport,
} from '../../model/records/drill-report.ts';
import type { ClusterInUse } from '../cluster-name.ts';
import { Damage } from '../format/damage.ts';
import type { ListedBackup, ReleaseAddress, Store } from '../store.ts';
import { ownFolders } from './own-backups.ts';

/** Reports of one release that stay: of a drill a week, those of two years. */
const KEPT = 100;

/** Of each report: lists of a few thousand short texts. */
const LIMITS = { bytes: DRILL_REPORT_MAX_BYTES, values: 20_000, depth: 16, members: 100 };

/**
 * Keeps the report of a drill beside the backups of its release, for the trend, `status`, `runbook` and alerts. Those that are
 * older than the newest {@link KEPT} go, where the store allows it.
 * @throws UsageError where the store takes none; ToolError where it can't be written.
 */
export async function keepDrillReport(store: Store, report: DrillReport): Promise<void> {
  const { cluster, namespace, release } = report;
  const files = store.releaseFiles({ cluster, namespace, release });
  if (files === undefined)
    throw new UsageError(
      `the store ${store.location} takes no reports of drills: it is one backup in a file`,
    );
  await files.write(drillReportPath(report.id), Buffer.from(`${JSON.stringify(report, undefined, 2)}\n`));
  // It is kept; that older ones stay where they may not be removed is no failure of the drill.
  const ids = await drillIds(store, report).catch(() => []);
  for (const id of ids.slice(KEPT)) await files.remove(drillReportPath(id)).catch(() => {});
}

/**
 * The last drills of a release in any of some folders of clusters, the newest first. What is no report of this release, and
 * what can't be read, is passed over: whoever may write the store could put anything there.
 * @param most how many.
 * @throws UnreachableError where the store can't be read.
 */
export async function lastDrills(
  store: Store,
  folders: readonly string[],
  { namespace, release }: Omit<ReleaseAddress, 'cluster'>,
  most: number,
): Promise<DrillReport[]> {
  const found = await Promise.all(
    folders.map(async (cluster) => {
      const address = { cluster, namespace, release };
      const ids = await drillIds(store, address);
      const reports: DrillReport[] = [];
      for (const id of ids) {
        if (reports.length === most) break;
        const report = await readReport(store, address, id);
        if (report !== undefined) reports.push(report);
      }
      return reports;
    }),
  );
  return found
    .flat()
    .sort((a, b) => compareIds(b.id, a.id))
    .slice(0, most);
}

/** {@link lastDrills} of the cluster in use, in whichever folders it has backups. @param listed of the release, in any order. */
export function ownDrills(
  store: Store,
  listed: readonly ListedBackup[],
  { cluster, namespace, release }: { cluster: ClusterInUse; namespace: string; release: string },
  most: number,
): Promise<DrillReport[]> {
  return lastDrills(store, ownFolders(listed, cluster), { namespace, release }, most);
}

/** The newest first. */
async function drillIds(store: Store, { cluster, namespace, release }: ReleaseAddress): Promise<string[]> {
  const listed = (await store.releaseFiles({ cluster, namespace, release })?.list('drills')) ?? [];
  return listed
    .map(({ path }) => path.slice('drills/'.length).replace(/\.json$/, ''))
    .filter(isBackupId)
    .sort((a, b) => compareIds(b, a));
}

async function readReport(
  store: Store,
  address: ReleaseAddress,
  id: string,
): Promise<DrillReport | undefined> {
  const report = parsed(await read(store, address, id));
  const isIt =
    report?.id === id &&
    report.release === address.release &&
    report.namespace === address.namespace &&
    report.cluster === address.cluster;
  return isIt ? report : undefined;
}

async function read(store: Store, address: ReleaseAddress, id: string): Promise<Buffer | undefined> {
  try {
    return await store.releaseFiles(address)?.read(drillReportPath(id), DRILL_REPORT_MAX_BYTES);
  } catch (error) {
    if (error instanceof Damage) return undefined;
    throw error;
  }
}

function parsed(bytes: Buffer | undefined): DrillReport | undefined {
  if (bytes === undefined) return undefined;
  let value: Json;
  try {
    value = parseJsonWithin(bytes, LIMITS);
  } catch (error) {
    if (error instanceof BeyondLimit || error instanceof SyntaxError) return undefined;
    throw error;
  }
  return readDrillReport(value);
}
