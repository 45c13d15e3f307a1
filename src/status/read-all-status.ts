import { openDoctorContext } from '../doctor/open-doctor-context.ts';
import { mapLimited } from '../errors/map-limited.ts';
import { ToolError } from '../errors/tool-error.ts';
import type { CommandContext } from '../session/context.ts';
import { type ReleaseStatus, readStatus } from './release-status.ts';

/** Whose status is read, and how. */
export interface WantedStatus {
  /** Every memcached release of the namespace where empty. */
  releases: readonly string[];
  allNamespaces: boolean;
  /** Between two looks at a pod's counters, milliseconds. */
  intervalMs: number;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
}

/** Releases whose backups are read at a time: a backup is in memory while it is compared. */
const AT_ONCE = 4;

/**
 * The status of each release. Reads only; what could not be read is said.
 * @returns isWhole: false where records of Helm's could not be read.
 * @throws UnreachableError, ApiError where the API server gives no answer at all.
 */
export async function readAllStatus(
  options: WantedStatus,
  context: CommandContext,
): Promise<{ rows: ReleaseStatus[]; isWhole: boolean }> {
  const { io } = context;
  const { doctor } = await openDoctorContext(
    { ...options, areas: [], kinds: [['batch/v1', 'CronJob']] },
    context,
  );
  const backups = await doctor.backups().catch((error: unknown) => {
    if (!(error instanceof ToolError)) throw error;
    io.warn(`whether there are backups can't be told: ${error.message}`);
    return undefined;
  });
  const rows = await mapLimited(doctor.releases, AT_ONCE, (release) =>
    readStatus(release, doctor, backups, context),
  );
  for (const { what, why } of doctor.reader.unreadable) io.warn(`${what} could not be read: ${why}`);
  const unreadable = doctor.releases.flatMap(({ live }) => live.unreadable);
  for (const { message } of unreadable) io.warn(message);
  if (rows.length === 0) io.say('No memcached releases found.');
  return { rows, isWhole: unreadable.length === 0 };
}
