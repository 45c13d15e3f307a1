import type { Finding } from '../../model/findings/finding.ts';
import { valueAt } from '../../model/json/json.ts';
import { displayName, type KubeObject, refOf } from '../../model/kubernetes/object.ts';
import { isScheduleOfTool } from '../../model/schedule/backup-cronjob.ts';
import { savesRelease } from '../../model/schedule/schedule-facts.ts';
import { scheduledBackup } from '../../model/schedule/scheduled-backup.ts';
import { type BackupRun, ofRun } from './backup-run.ts';
import type { BackupSchedule } from './backup-schedule.ts';

/**
 * What is said of a script's CronJob that is suspended where this tool has a schedule, as `schedule install --replace` leaves it: it is
 * not resumed, for two would save, and prune, the same.
 * @param found what would be said of it otherwise.
 * @param releases of its namespace.
 */
export function besideSuccessor(
  backup: BackupSchedule,
  found: Finding[],
  { schedules, releases }: { schedules: readonly BackupSchedule[]; releases: readonly string[] },
): Finding[] {
  const { cronJob, maker } = backup;
  const { namespace = '' } = refOf(cronJob);
  const own = schedules
    .map((each) => each.cronJob)
    .filter((each) => isScheduleOfTool(each) && refOf(each).namespace === namespace);
  if (maker !== 'script' || !isSuspended(cronJob) || own.length === 0) return found;
  const savesAll = (each: KubeObject): boolean => {
    const saved = { backup: scheduledBackup(each) };
    return releases.every((name) => savesRelease(saved, { namespace, name }) === 'yes');
  };
  const successor = own.find((each) => !isSuspended(each) && savesAll(each));
  if (successor === undefined) return found.map(({ repair: _, ...rest }) => rest);
  const run: BackupRun = { cronJob, ...(backup.release === undefined ? {} : { release: backup.release }) };
  return [
    ofRun('MB200', run, {
      summary: `is suspended, and ${displayName(refOf(successor))} backs up in its place`,
      evidence: [{ text: 'spec.suspend: true' }],
    }),
  ];
}

function isSuspended(cronJob: KubeObject): boolean {
  return valueAt(cronJob, 'spec', 'suspend') === true;
}
