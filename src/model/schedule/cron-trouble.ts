import { type CronSchedule, readSchedule } from './cron-schedule.ts';

/** What a schedule is to be: --cron and --time-zone. */
export interface WantedCron {
  cron: string;
  timeZone: string;
}

/** A cron line that works: when it is due, and how near two runs can come. */
export interface SoundCron {
  schedule: CronSchedule;
  /** Between two due times, the shortest of the next ones; seconds. */
  shortestIntervalS: number;
}

/** How many due times are looked at for the shortest interval. */
const LOOK_AHEAD = 50;

/**
 * What is wrong with a cron line that the API server may well accept, one sentence without a full stop; else what it means.
 * Kubernetes takes what the controller's parser reads (github.com/robfig/cron/v3, ParseStandard), and so `0 2 31 2 *`, which
 * is never due, and `@every 1h`, which begins anew with each start of the controller.
 */
export async function judgeCron({ cron, timeZone }: WantedCron, now: Date): Promise<SoundCron | string> {
  if (/^(?:CRON_)?TZ=/.test(cron)) return `"${cron}" names a time zone, which is --time-zone's to say`;
  if (/^@every\b/.test(cron))
    return `"${cron}" counts from each start of the cluster's controller, so that nobody can tell when a run is due: name times, such as "0 */6 * * *"`;
  if (!isTimeZone(timeZone))
    return `"${timeZone}" is no time zone of the tz database (such as Europe/Berlin, America/New_York or Etc/UTC)`;
  if (!/^@(?:hourly|daily|midnight|weekly|monthly|yearly|annually)$/.test(cron) && !isFiveFields(cron))
    return `"${cron}" is no cron line: minute, hour, day of the month, month and day of the week, such as "0 2 * * *", or @daily`;
  const schedule = await readSchedule({ spec: { schedule: cron, timeZone } });
  if (schedule === undefined) return `"${cron}" can't be read as a cron line`;
  const due = dueTimes(schedule, now);
  if (due.length === 0) return `"${cron}" is never due: there is no such day`;
  const gaps = due.slice(1).map((time, index) => (time.getTime() - due[index]!.getTime()) / 1000);
  return { schedule, shortestIntervalS: Math.min(...gaps, 366 * 86_400) };
}

function dueTimes(schedule: CronSchedule, now: Date): Date[] {
  const times: Date[] = [];
  for (let time = schedule.next(now); time !== undefined; time = schedule.next(time)) {
    times.push(time);
    if (times.length === LOOK_AHEAD) break;
  }
  return times;
}

/** No seconds, no year, no letters of other dialects (Jenkins' H, Quartz' L, W and #). */
function isFiveFields(cron: string): boolean {
  const fields = cron.trim().split(/\s+/);
  const names =
    /^(?:[\d*?/,-]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)+$/i;
  return fields.length === 5 && fields.every((field) => names.test(field));
}

/** Kubernetes refuses "Local" and what Go's tz database does not have; so does the database of this program. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][\w+-]*(?:\/[\w+-]+)*$/.test(name) || /^local$/i.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
