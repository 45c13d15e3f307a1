import { mapLimited } from '../../errors/map-limited.ts';
import { orUndefined } from '../../errors/or-undefined.ts';
import type { Finding } from '../../model/findings/finding.ts';
import { eventsOf } from '../../model/kubernetes/event.ts';
import { endOfJob } from '../../model/kubernetes/job.ts';
import { type KubeObject, nameOf, refOf, uidOf } from '../../model/kubernetes/object.ts';
import { isDrillOfTool, scriptOf } from '../../model/schedule/backup-cronjob.ts';
import { readSchedule } from '../../model/schedule/cron-schedule.ts';
import { finding } from '../catalogue.ts';
import type { DoctorContext } from '../doctor-context.ts';
import { releaseDrills } from '../release-drills.ts';
import type { ResourceReader } from '../resource-reader.ts';
import { type BackupRun, ofRun } from './backup-run.ts';
import { type BackupSchedule, backupSchedules, createdAt, jobsOf } from './backup-schedule.ts';
import { judgeDrills } from './drills.ts';
import { judgeDue, lastSuccess, scheduleText } from './due.ts';
import { judgeCreation } from './job-creation.ts';
import { mergeSame } from './merge-same.ts';
import { judgeNeeds, type Look } from './missing.ts';
import { judgeRuns } from './newest-run.ts';
import { judgeOwnSchedule } from './own-schedule.ts';
import { judgeScriptSafety } from './script-safety.ts';
import { besideSuccessor } from './successor.ts';

/** CronJobs of drills, and releases, looked at at once. */
const AT_ONCE = 4;

/** Do backups happen by themselves, and if not, why? */
export async function examineSchedules(doctor: DoctorContext): Promise<Finding[]> {
  const { reader, namespace, releases } = doctor;
  const cronJobs = await reader.list('batch/v1', 'CronJob', namespace);
  if (cronJobs === undefined) return [];
  const jobs = (await reader.list('batch/v1', 'Job', namespace)) ?? [];
  const schedules = backupSchedules(cronJobs, jobs, releases);
  const findings = await Promise.all(
    schedules.map(async (schedule) => {
      const inNamespace = releases.filter((each) => each.namespace === refOf(schedule.cronJob).namespace);
      const found = await examineSchedule(doctor, schedule);
      return besideSuccessor(schedule, found, { schedules, releases: inNamespace.map(({ name }) => name) });
    }),
  );
  const drills = await mapLimited(cronJobs.filter(isDrillOfTool), AT_ONCE, (cronJob) =>
    examineDrills(doctor, cronJob, jobs),
  );
  return [...unprotected(doctor, schedules), ...findings.flat(), ...drills.flat()];
}

async function examineDrills(
  doctor: DoctorContext,
  cronJob: KubeObject,
  jobs: readonly KubeObject[],
): Promise<Finding[]> {
  const own = jobsOf(cronJob, jobs);
  // The store is asked only where there may be something to tell.
  const isAsked = own.some((job) => endOfJob(job)?.type === 'Failed');
  const here = doctor.releases.filter(({ namespace }) => namespace === refOf(cronJob).namespace);
  const backups = isAsked ? await orUndefined(() => doctor.backups()) : undefined;
  const last = await mapLimited(here, AT_ONCE, async (release) => {
    const [report] = (await releaseDrills(release, doctor, backups)) ?? [];
    return report;
  });
  const reports = last.filter((report) => report !== undefined);
  return judgeDrills({ cronJob, jobs: own, schedule: await readSchedule(cronJob), reports, now: doctor.now });
}

async function examineSchedule(doctor: DoctorContext, backup: BackupSchedule): Promise<Finding[]> {
  const { reader, now } = doctor;
  const { cronJob, jobs, maker } = backup;
  const run: BackupRun = { cronJob, ...(backup.release === undefined ? {} : { release: backup.release }) };
  const namespace = refOf(cronJob).namespace;
  const [schedule, events, pods, look] = await Promise.all([
    readSchedule(cronJob),
    reader.list('v1', 'Event', namespace),
    reader.list('v1', 'Pod', namespace),
    lookIn(reader, namespace),
  ]);
  const ofCronJob = eventsOf(events ?? [], refOf(cronJob), uidOf(cronJob));
  const newestJob = jobs[0] === undefined ? '' : createdAt(jobs[0]);
  const found = mergeSame([
    ...judgeNeeds(run, look),
    ...judgeCreation(
      run,
      ofCronJob.filter(({ at }) => at > newestJob),
    ),
    ...(await judgeRuns(reader, backup, { events: events ?? [], now })),
    ...judgeDue({ ...backup, schedule, events: ofCronJob, ...(pods === undefined ? {} : { pods }), now }),
    ...judgeOwnSchedule(run, schedule, now),
    ...(maker === 'script' ? judgeScriptSafety(run) : []),
  ]);
  if (found.length > 0) return found;
  const success = lastSuccess(backup);
  const next = schedule?.next(now)?.toISOString();
  return [
    ofRun('MB200', run, {
      summary: `backs up (${scheduleText(cronJob)})${next === undefined ? '' : `; next at ${next}`}`,
      evidence: success === undefined ? [] : [{ text: 'the last success', at: success }],
    }),
  ];
}

/** Objects that pods need, as far as they can be listed. */
async function lookIn(reader: ResourceReader, namespace: string | undefined): Promise<Look> {
  const kinds = ['Secret', 'ConfigMap', 'ServiceAccount'] as const;
  const lists = new Map<string, KubeObject[] | undefined>();
  for (const kind of kinds) lists.set(kind, await reader.list('v1', kind, namespace));
  return (kind, name) => {
    const list = lists.get(kind);
    return list === undefined ? undefined : (list.find((object) => nameOf(object) === name) ?? 'absent');
  };
}

/** What no CronJob that can be seen backs up. */
function unprotected({ releases, namespace }: DoctorContext, schedules: BackupSchedule[]): Finding[] {
  if (schedules.length === 0) {
    const where = namespace === undefined ? 'no namespace has a CronJob that' : 'no CronJob here';
    return [finding('MB201', { summary: `${where} backs memcached up` })];
  }
  const outside = releases.filter((release) => !schedules.some((each) => covers(each, release.namespace)));
  if (outside.length === 0) return [];
  return [
    finding('MB201', {
      summary: `no CronJob backs up ${outside.map((each) => `${each.namespace}/${each.name}`).join(', ')}`,
    }),
  ];
}

/** Whether a CronJob can mean a namespace: its own, one that its script names, or all. */
function covers({ cronJob, maker }: BackupSchedule, namespace: string): boolean {
  const script = scriptOf(cronJob);
  if (refOf(cronJob).namespace === namespace) return true;
  if (maker === 'tool' && /\s(?:-A|--all-namespaces)\b/.test(script)) return true;
  return [...script.matchAll(/\s(?:-n|--namespace)[=\s]+["']?([\w-]+)/g)].some(
    ([, named]) => named === namespace,
  );
}
