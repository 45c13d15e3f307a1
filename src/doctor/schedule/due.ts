import { kubectl } from '../../advice/command.ts';
import type { Evidence, Finding } from '../../model/findings/finding.ts';
import { numberAt, stringAt, valueAt } from '../../model/json/json.ts';
import type { ReportedEvent } from '../../model/kubernetes/event.ts';
import { endOfJob, isByHand } from '../../model/kubernetes/job.ts';
import { displayName, type KubeObject, nameOf, refOf } from '../../model/kubernetes/object.ts';
import { isScheduleOfTool } from '../../model/schedule/backup-cronjob.ts';
import type { CronSchedule } from '../../model/schedule/cron-schedule.ts';
import { isTimeZone } from '../../model/schedule/cron-trouble.ts';
import { type BackupRun, inNamespace, ofRun, ofSchedule, patchCronJob, runNow, said } from './backup-run.ts';
import { type BackupSchedule, createdAt, podsOfJob } from './backup-schedule.ts';
import { resume, setFields } from './repairs.ts';

/** A run that has been due for less has no reason yet to be there: the controller looks every few seconds. */
const GRACE_MS = 5 * 60_000;
/** What the controller says of a schedule that it can't use (pkg/controller/cronjob/cronjob_controllerv2.go). */
const UNREADABLE = new Set([
  'UnparseableSchedule',
  'UnParseableCronJobSchedule',
  'UnknownTimeZone',
  'InvalidSchedule',
]);
const MISSED = new Set(['MissSchedule', 'TooManyMissedTimes', 'FailedNeedsStart']);
/** "If startingDeadlineSeconds is less than 10, the CronJob may not be scheduled" (Kubernetes, "CronJob"). */
const SHORTEST_DEADLINE_S = 10;

/** What is known of when a backup is due. */
export interface DueFacts extends Pick<BackupSchedule, 'cronJob' | 'jobs' | 'release'> {
  /** Undefined: can't be read here. */
  schedule: CronSchedule | undefined;
  /** Of the namespace; absent where they can't be listed. */
  pods?: readonly KubeObject[];
  /** About the CronJob, the newest first. */
  events: readonly ReportedEvent[];
  now: Date;
}

/** Whether the CronJob starts its Jobs when it should, and whether they succeed often enough. */
export function judgeDue(facts: DueFacts): Finding[] {
  const { cronJob, schedule, now } = facts;
  const run: BackupRun = { cronJob, ...(facts.release === undefined ? {} : { release: facts.release }) };
  const suspended = valueAt(cronJob, 'spec', 'suspend') === true;
  const findings = suspended ? [suspension(run)] : [];
  const refused = facts.events.find((event) => UNREADABLE.has(event.reason) && !isOfEarlier(event, cronJob));
  const isNever = schedule !== undefined && schedule.next(now) === undefined;
  if (isNever) return [...findings, neverDue(run, refused)];
  if (refused !== undefined) {
    return [...findings, unusableSchedule(run, said(refused.reason, refused.message, refused.at))];
  }
  const zone = stringAt(cronJob, 'spec', 'timeZone');
  if (zone !== undefined && !isTimeZone(zone)) {
    const text = `spec.timeZone: ${zone}, which this machine’s time zone database does not have either`;
    return [...findings, unusableSchedule(run, { text })];
  }
  if (/^@every\b/.test(stringAt(cronJob, 'spec', 'schedule') ?? '')) findings.push(countsFromRestart(run));
  if (!suspended) findings.push(...(hangingRun(run, facts) ?? missedRun(run, facts) ?? shortDeadline(run)));
  const stale = staleSuccess(run, facts);
  if (stale !== undefined) findings.push(stale);
  if (findings.length === 0 && lastSuccess(facts) === undefined) findings.push(notYet(run, facts));
  return findings;
}

/** `invalid schedule: 0 2 31 2 * : …`, `invalid timeZone: "X": …`: of a schedule that was mended since, within the hour. */
function isOfEarlier({ message }: ReportedEvent, cronJob: KubeObject): boolean {
  const named = /(?:schedule(?: for cronjob)?|timeZone): "?(.+?)"? ?: /.exec(message)?.[1];
  const present = ['schedule', 'timeZone'].map((field) => stringAt(cronJob, 'spec', field));
  return named !== undefined && !present.includes(named);
}

function suspension(run: BackupRun): Finding {
  return ofRun('MB202', run, {
    summary: 'is suspended, so that nothing is backed up',
    evidence: [{ text: 'spec.suspend: true' }],
    advice: [
      isScheduleOfTool(run.cronJob) ? ofSchedule(run, 'resume') : patchCronJob(run, { suspend: false }),
    ],
    ...resume(run),
  });
}

function countsFromRestart(run: BackupRun): Finding {
  return ofRun('MB212', run, {
    summary: 'nobody can tell when it is due: it counts from each start of the controller',
    evidence: [{ text: `spec.schedule: ${stringAt(run.cronJob, 'spec', 'schedule')}` }],
    advice: [patchCronJob(run, { schedule: '0 */6 * * *', timeZone: 'Etc/UTC' })],
  });
}

function unusableSchedule(run: BackupRun, evidence: Evidence): Finding {
  return ofRun('MB205', run, {
    summary: `the controller can't use its schedule (${scheduleText(run.cronJob)}), so that it never runs`,
    evidence: [evidence],
    advice: [patchCronJob(run, { schedule: '0 2 * * *', timeZone: 'Etc/UTC' })],
  });
}

/** @param event the controller calls such a schedule invalid once it has met it. */
function neverDue(run: BackupRun, event: ReportedEvent | undefined): Finding {
  return ofRun('MB204', run, {
    summary: `its schedule (${scheduleText(run.cronJob)}) names no day that exists, so that it never runs`,
    evidence: [
      { text: `spec.schedule: ${stringAt(run.cronJob, 'spec', 'schedule')}` },
      ...(event === undefined ? [] : [said(event.reason, event.message, event.at)]),
    ],
    advice: [patchCronJob(run, { schedule: '0 2 * * *' })],
  });
}

/** A run that has not ended although the next one was due: it blocks that one, or they pile up. */
function hangingRun(
  run: BackupRun,
  { cronJob, jobs, schedule, events, pods = [], now }: DueFacts,
): Finding[] | undefined {
  const running = jobs.filter((job) => endOfJob(job) === undefined && !isSuspended(job) && !isByHand(job));
  const oldest = running.at(-1);
  if (oldest === undefined) return undefined;
  const since = stringAt(oldest, 'status', 'startTime') ?? createdAt(oldest);
  const due = lastDue(schedule, now);
  const refused = events.find(({ reason, at }) => reason === 'JobAlreadyActive' && at >= since);
  if (refused === undefined && (due === undefined || due.getTime() <= Date.parse(since))) return undefined;
  const blocks = stringAt(cronJob, 'spec', 'concurrencyPolicy') === 'Forbid';
  const evidence: Evidence[] = [
    { text: `${displayName(refOf(oldest))} was started and has not ended`, at: since },
  ];
  if (refused !== undefined) evidence.push(said(refused.reason, refused.message, refused.at));
  else if (due !== undefined) evidence.push({ text: 'the next run was due', at: due.toISOString() });
  if (blocks) evidence.push({ text: 'spec.concurrencyPolicy: Forbid' });
  return [
    ofRun(
      'MB210',
      { ...run, job: oldest },
      {
        summary: blocks
          ? 'does not end, and no other run is started before it has'
          : `does not end; ${running.length === 1 ? 'the next one was due already' : `${running.length} runs are under way`}`,
        evidence,
        advice: [
          // There is no log before a container has started.
          podsOfJob(oldest, pods).some((pod) => stringAt(pod, 'status', 'phase') === 'Running')
            ? kubectl('logs', `job/${nameOf(oldest)}`, ...inNamespace(run))
            : kubectl('describe', 'pods', '-l', `job-name=${nameOf(oldest)}`, ...inNamespace(run)),
          kubectl('delete', 'job', nameOf(oldest), ...inNamespace(run)),
          patchCronJob(run, { jobTemplate: { spec: { activeDeadlineSeconds: 3600 } } }),
        ],
      },
    ),
  ];
}

/** A due time that no Job was started for. */
function missedRun(run: BackupRun, { cronJob, schedule, events, now }: DueFacts): Finding[] | undefined {
  const created = createdAt(cronJob);
  const last = stringAt(cronJob, 'status', 'lastScheduleTime');
  const due = lastDue(schedule, now, fits(schedule, last) ? 1 : 2);
  const event = events.find(({ reason, at }) => MISSED.has(reason) && at >= (last ?? created));
  const missed = due !== undefined && due.getTime() > Date.parse(created) && isBefore(last, due);
  if (!missed && event === undefined) return undefined;
  const deadline = numberAt(cronJob, 'spec', 'startingDeadlineSeconds');
  return [
    ofRun('MB208', run, {
      summary: 'a run was due and no Job was started',
      evidence: [
        ...(missed ? [{ text: 'the last due time', at: due.toISOString() }] : []),
        last === undefined
          ? { text: 'no Job was ever started (status.lastScheduleTime)' }
          : { text: 'the last start (status.lastScheduleTime)', at: last },
        ...(event === undefined ? [] : [said(event.reason, event.message, event.at)]),
        ...(deadline === undefined ? [] : [{ text: `spec.startingDeadlineSeconds: ${deadline}` }]),
      ],
      advice: [...(deadline === undefined ? [] : [patchCronJob(run, lenientDeadline())]), runNow(run)],
    }),
  ];
}

function shortDeadline(run: BackupRun): Finding[] {
  const deadline = numberAt(run.cronJob, 'spec', 'startingDeadlineSeconds');
  if (deadline === undefined || deadline >= SHORTEST_DEADLINE_S) return [];
  return [
    ofRun('MB209', run, {
      summary: `a run that can't be started within ${deadline} s is skipped, and the controller may look less often`,
      evidence: [{ text: `spec.startingDeadlineSeconds: ${deadline}` }],
      advice: [patchCronJob(run, lenientDeadline())],
      ...setFields(run, `let runs of cronjob.batch/${nameOf(run.cronJob)} start up to an hour late`, [
        { path: ['spec', 'startingDeadlineSeconds'], to: 3600 },
      ]),
    }),
  ];
}

function lenientDeadline(): unknown {
  return { startingDeadlineSeconds: 3600 };
}

/** Two due times have passed since the last success. */
function staleSuccess(run: BackupRun, facts: DueFacts): Finding | undefined {
  const { cronJob, schedule, now } = facts;
  const [, secondLast] = schedule?.previous(2, new Date(now.getTime() - GRACE_MS)) ?? [];
  const success = lastSuccess(facts);
  const since = success ?? createdAt(cronJob);
  if (secondLast === undefined || !isBefore(since, secondLast)) return undefined;
  return ofRun('MB206', run, {
    summary:
      success === undefined
        ? 'has never succeeded, though it was due twice and more'
        : 'has not succeeded in the last two times that it was due',
    evidence: [
      success === undefined
        ? { text: 'it was made; status.lastSuccessfulTime is empty', at: since }
        : { text: 'the last success (status.lastSuccessfulTime)', at: success },
      { text: `the last due time but one (${scheduleText(cronJob)})`, at: secondLast.toISOString() },
    ],
    advice: [runNow(run)],
  });
}

function notYet(run: BackupRun, { schedule, now }: DueFacts): Finding {
  const next = schedule?.next(now)?.toISOString();
  return ofRun('MB203', run, {
    summary: `has not made a backup yet${next === undefined ? '' : `; it is due at ${next}`}`,
    advice: [runNow(run)],
  });
}

/** When a Job succeeded last, RFC 3339; undefined where none ever did. */
export function lastSuccess({ cronJob, jobs }: Pick<DueFacts, 'cronJob' | 'jobs'>): string | undefined {
  const times = jobs.flatMap((job) => {
    const end = endOfJob(job);
    return end?.type === 'Complete' && end.at !== undefined ? [end.at] : [];
  });
  const told = stringAt(cronJob, 'status', 'lastSuccessfulTime');
  return [...times, ...(told === undefined ? [] : [told])].sort().at(-1);
}

/** "0 2 * * *, Europe/Berlin" */
export function scheduleText(cronJob: KubeObject): string {
  const zone = stringAt(cronJob, 'spec', 'timeZone');
  return [stringAt(cronJob, 'spec', 'schedule') ?? '', ...(zone === undefined ? [] : [zone])].join(', ');
}

/** @param count 1: the last due time; 2: the one before. */
function lastDue(schedule: CronSchedule | undefined, now: Date, count = 1): Date | undefined {
  return schedule?.previous(count, new Date(now.getTime() - GRACE_MS))[count - 1];
}

/**
 * Whether the controller's last start is a due time as we reckon them. If not, it lives in another time zone,
 * or the schedule is a new one: then a whole period has to pass before we call a run missed.
 */
function fits(schedule: CronSchedule | undefined, last: string | undefined): boolean {
  if (schedule === undefined || last === undefined) return true;
  const at = Date.parse(last);
  if (Number.isNaN(at)) return true;
  return schedule.next(new Date(at - 1000))?.getTime() === at;
}

function isBefore(time: string | undefined, due: Date): boolean {
  return time === undefined || Date.parse(time) < due.getTime();
}

function isSuspended(job: KubeObject): boolean {
  return valueAt(job, 'spec', 'suspend') === true;
}
