import { kubectl } from '../../advice/command.ts';
import type { Evidence, Finding } from '../../model/findings/finding.ts';
import { stringAt, valueAt } from '../../model/json/json.ts';
import { endOfJob } from '../../model/kubernetes/job.ts';
import { type KubeObject, nameOf } from '../../model/kubernetes/object.ts';
import type { DrillReport } from '../../model/records/drill-report.ts';
import { drillInWords, drillVerdict } from '../../model/records/drill-verdict.ts';
import type { CronSchedule } from '../../model/schedule/cron-schedule.ts';
import { inNamespace, ofRun, runNow } from './backup-run.ts';
import { createdAt } from './backup-schedule.ts';
import { scheduleText } from './due.ts';

/** What is known of the drills of one schedule. */
export interface HeldDrills {
  /** Their CronJob. */
  cronJob: KubeObject;
  /** Those that are kept, the newest first. */
  jobs: readonly KubeObject[];
  /** Undefined where it can't be read: another finding says so of the schedule itself. */
  schedule: CronSchedule | undefined;
  /** The last of each release of the namespace, as far as the store tells. */
  reports: readonly DrillReport[];
  now: Date;
}

/** Whether the last drill passed, and whether one did lately. Only where a schedule holds drills: others are nobody's duty. */
export function judgeDrills(held: HeldDrills): Finding[] {
  return [...judgeLast(held), ...judgeAge(held)];
}

function judgeLast({ cronJob, jobs, reports }: HeldDrills): Finding[] {
  const ended = jobs.find((job) => endOfJob(job) !== undefined);
  const end = ended === undefined ? undefined : endOfJob(ended);
  if (ended === undefined || end?.type !== 'Failed') return [];
  const told = reports.filter((report) => drillVerdict(report) !== 'passed').map(reported);
  const run = { cronJob, job: ended };
  const isLate = told.length > 0 && reports.every(({ outcome }) => outcome === 'passed');
  return [
    ofRun('MB260', run, {
      summary: isLate ? 'held a drill that missed its target' : 'held a drill that did not pass',
      evidence: [
        {
          text: [end.reason, end.message].filter(Boolean).join(': ') || 'its Job failed',
          ...(end.at === undefined ? {} : { at: end.at }),
        },
        ...told,
      ],
      advice: [kubectl('logs', `job/${nameOf(ended)}`, ...inNamespace(run)), runNow(run)],
    }),
  ];
}

function reported(report: DrillReport): Evidence {
  return { text: `${report.release}: the drill ${report.id} ${drillInWords(report)}`, at: report.at };
}

function judgeAge({ cronJob, schedule, now }: HeldDrills): Finding[] {
  const last = stringAt(cronJob, 'status', 'lastSuccessfulTime');
  const since = Date.parse(last ?? createdAt(cronJob));
  // As of a backup: one that is missed is no age yet.
  const [, second] = schedule?.previous(2, now) ?? [];
  const isNever = schedule !== undefined && schedule.next(now) === undefined;
  const isOld = second !== undefined && second.getTime() > since;
  if (!isNever && !isOld) return [];
  const isSuspended = valueAt(cronJob, 'spec', 'suspend') === true;
  const run = { cronJob };
  return [
    ofRun('MB261', run, {
      summary: isNever
        ? `is never due (${scheduleText(cronJob)}): no drill is held`
        : `holds drills (${scheduleText(cronJob)}), and none passed the last two times that one was due`,
      evidence: [
        last === undefined
          ? { text: 'no drill passed since it was made', at: createdAt(cronJob) }
          : { text: 'the last drill that passed', at: last },
        ...(isSuspended ? [{ text: 'spec.suspend: true' }] : []),
      ],
      advice: [runNow(run)],
    }),
  ];
}
