import type { DoctorContext, ExaminedRelease } from '../doctor/doctor-context.ts';
import { ToolError } from '../errors/tool-error.ts';
import type { AlertsSeen, ChecklistFacts, GoodBackup } from '../model/checklist/checklist-facts.ts';
import { type StorePlace, storePlace } from '../model/checklist/store-place.ts';
import { timeOfId } from '../model/records/backup-id.ts';
import type { DrillReport } from '../model/records/drill-report.ts';
import { type ScheduleFacts, savesRelease, toolSchedules } from '../model/schedule/schedule-facts.ts';
import { latestBackups } from '../store/find/latest-backups.ts';
import type { ListedBackup } from '../store/store.ts';

const RULE = ['monitoring.coreos.com/v1', 'PrometheusRule'] as const;

/** What the checklist lists beside what a release is read from. */
export const CHECKLIST_KINDS = [['batch/v1', 'CronJob'], RULE] as const;

/** What was seen of everything that the checklist of any release is judged by. */
export interface ChecklistSight {
  /** Undefined where the store could not be read. */
  backups: readonly ListedBackup[] | undefined;
  /** Of the release; undefined where the store could not be read. */
  drills: readonly DrillReport[] | undefined;
  /** Of an S3 store in use that is not Amazon's. */
  s3Endpoint: string | undefined;
  /** Whether a runbook is being written. */
  isRunbook: boolean;
}

/** What the checklist of a release is judged by. Reads only, and fails on nothing that cluster or store answer. */
export async function checklistFacts(
  { namespace, name, live }: ExaminedRelease,
  doctor: DoctorContext,
  { backups, drills, s3Endpoint, isRunbook }: ChecklistSight,
): Promise<ChecklistFacts> {
  const [schedules, cluster, store, alerts] = await Promise.all([
    readSchedules(doctor),
    doctor.reader.try("the cluster's identity", () => doctor.cluster()),
    placeInUse(doctor, s3Endpoint),
    seeAlerts(doctor),
  ]);
  const own = backups?.filter(({ address }) => address.namespace === namespace && address.release === name);
  return {
    now: doctor.now,
    namespace: doctor.namespace,
    isHelm: live.history.length > 0,
    backups: own && latestBackups(own, cluster).map(goodBackup),
    store,
    schedules: schedules?.flatMap((schedule) => {
      const saves = savesRelease(schedule, { namespace, name });
      return saves === 'no' ? [] : [{ ...schedule, saves }];
    }),
    alerts,
    drills,
    isRunbook,
  };
}

/** The CronJobs of this tool that can be seen; undefined where CronJobs can't be read. */
export async function readSchedules({
  reader,
  namespace,
  now,
}: Pick<DoctorContext, 'reader' | 'namespace' | 'now'>): Promise<ScheduleFacts[] | undefined> {
  const cronJobs = await reader.list('batch/v1', 'CronJob', namespace);
  return cronJobs && toolSchedules(cronJobs, now);
}

async function placeInUse(
  doctor: DoctorContext,
  endpoint: string | undefined,
): Promise<StorePlace | undefined> {
  try {
    return storePlace((await doctor.store()).location, endpoint);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return undefined;
  }
}

function goodBackup({ address, summary }: ListedBackup): GoodBackup {
  return { id: address.id, at: new Date(timeOfId(address.id)), holdsValues: summary?.helm !== undefined };
}

async function seeAlerts({ reader, inventory, namespace }: DoctorContext): Promise<AlertsSeen> {
  const [apiVersion, kind] = RULE;
  const rules = await reader.list(apiVersion, kind, namespace);
  if (rules === undefined) return { seen: false, why: 'PrometheusRules can’t be read' };
  if (inventory.unknownKinds.some((unknown) => unknown.kind === kind)) {
    return {
      seen: false,
      why: 'this cluster has no PrometheusRules, and rules in files of Prometheus can’t be seen from here',
    };
  }
  return { seen: true, rules, everywhere: namespace === undefined };
}
