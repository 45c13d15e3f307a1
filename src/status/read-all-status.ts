import { openDoctorContext } from '../doctor/open-doctor-context.ts';
import { mapLimited } from '../errors/map-limited.ts';
import { ToolError } from '../errors/tool-error.ts';
import { checklistOf } from '../model/checklist/checklist.ts';
import type { CommandContext } from '../session/context.ts';
import { CHECKLIST_KINDS, checklistFacts } from './checklist-facts.ts';
import { type ReleaseStatus, readStatus } from './release-status.ts';
import { totalOf } from './store-total.ts';

/** Whose status is read, and how. */
export interface WantedStatus {
  /** Every memcached release of the namespace where empty. */
  releases: readonly string[];
  allNamespaces: boolean;
  /** Between two looks at a pod's counters, milliseconds. */
  intervalMs: number;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
  /** Also what the whole store holds, of every namespace, which takes longer. */
  total?: boolean;
  /** Also the backup guide's checklist of each release. */
  checklist?: { s3Endpoint: string | undefined };
}

/** Releases whose backups are read at a time: a backup is in memory while it is compared. */
const AT_ONCE = 4;
const CRON_JOBS = [['batch/v1', 'CronJob']] as const;

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
  const kinds = options.checklist === undefined ? CRON_JOBS : CHECKLIST_KINDS;
  const { doctor } = await openDoctorContext({ ...options, areas: [], kinds }, context);
  const isTotal = options.total === true;
  const listed = isTotal ? doctor.store().then((store) => store.list({})) : doctor.backups();
  const backups = await listed.catch((error: unknown) => {
    if (!(error instanceof ToolError)) throw error;
    io.warn(`whether there are backups can't be told: ${error.message}`);
    return undefined;
  });
  const total =
    isTotal && backups !== undefined ? totalOf(backups, (await doctor.store()).location) : undefined;
  const rows = await mapLimited(doctor.releases, AT_ONCE, async (release) => ({
    ...(await readStatus(release, doctor, backups, context)),
    store: total,
    ...(options.checklist === undefined
      ? {}
      : {
          checklist: checklistOf(
            await checklistFacts(release, doctor, { ...options.checklist, backups, isRunbook: false }),
          ),
        }),
  }));
  for (const { what, why } of doctor.reader.unreadable) io.warn(`${what} could not be read: ${why}`);
  const unreadable = doctor.releases.flatMap(({ live }) => live.unreadable);
  for (const { message } of unreadable) io.warn(message);
  if (rows.length === 0) io.say('No memcached releases found.');
  return { rows, isWhole: unreadable.length === 0 };
}
