import { stringAt, valueAt } from '../json/json.ts';
import { type KubeObject, nameOf, refOf } from '../kubernetes/object.ts';
import { backupMaker, isScheduleOfTool } from './backup-cronjob.ts';
import { readSchedule } from './cron-schedule.ts';
import { type ScheduledBackup, scheduledBackup } from './scheduled-backup.ts';
import { type ScheduledStore, scheduledStore } from './scheduled-store.ts';

/** A CronJob of this tool, for whoever tells a person of it. */
export interface ScheduleFacts {
  namespace: string;
  cronJob: string;
  /** `schedule install` made it: the commands of `schedule` know it. */
  isInstalled: boolean;
  /** As it is written: "0 2 * * *". */
  schedule: string;
  /** Undefined: the controller's own, which is UTC nearly everywhere. */
  timeZone: string | undefined;
  suspended: boolean;
  /** When it is due next, suspended or not; undefined: never, or it can't be told. */
  next: Date | undefined;
  /** RFC 3339; undefined where no run succeeded yet. */
  lastSuccess: string | undefined;
  /** Undefined where its arguments can't be read. */
  backup: ScheduledBackup | undefined;
  /** Undefined where only its pod can tell. */
  store: ScheduledStore | undefined;
}

/** Those of the CronJobs that run this tool's `backup`. */
export async function toolSchedules(cronJobs: readonly KubeObject[], now: Date): Promise<ScheduleFacts[]> {
  const own = cronJobs.filter((cronJob) => backupMaker(cronJob) === 'tool');
  return Promise.all(
    own.map(async (cronJob) => ({
      namespace: refOf(cronJob).namespace ?? '',
      cronJob: nameOf(cronJob),
      isInstalled: isScheduleOfTool(cronJob),
      schedule: stringAt(cronJob, 'spec', 'schedule') ?? '',
      timeZone: stringAt(cronJob, 'spec', 'timeZone'),
      suspended: valueAt(cronJob, 'spec', 'suspend') === true,
      next: (await readSchedule(cronJob))?.next(now),
      lastSuccess: stringAt(cronJob, 'status', 'lastSuccessfulTime'),
      backup: scheduledBackup(cronJob),
      store: scheduledStore(cronJob),
    })),
  );
}

/** Whether a schedule saves a release; "perhaps" where a label selector decides, or its arguments can't be read. */
export function savesRelease(
  { backup }: Pick<ScheduleFacts, 'backup'>,
  release: { namespace: string; name: string },
): 'yes' | 'no' | 'perhaps' {
  if (backup === undefined) return 'perhaps';
  const { namespace, releases, selector } = backup;
  if (namespace !== undefined && namespace !== release.namespace) return 'no';
  if (releases.length > 0) return releases.includes(release.name) ? 'yes' : 'no';
  return selector === undefined ? 'yes' : 'perhaps';
}
