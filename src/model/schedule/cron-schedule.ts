import { stringAt } from '../json/json.ts';
import type { KubeObject } from '../kubernetes/object.ts';

/** When a CronJob is due. */
export interface CronSchedule {
  /** The first due time after this moment; undefined where there will never be one. */
  next(after: Date): Date | undefined;
  /** The last `count` due times before this moment, the newest first; fewer where there were fewer. */
  previous(count: number, before: Date): Date[];
}

/**
 * A CronJob's schedule in the dialect of the controller (github.com/robfig/cron/v3, ParseStandard): five
 * fields, `@daily` and its like, `@every 1h30m`, and a TZ= in front that old clusters took. Without a time
 * zone it is the controller manager's own, which is UTC nearly everywhere. Undefined where it can't be read,
 * or where this machine does not know the time zone.
 */
export async function readSchedule(cronJob: KubeObject): Promise<CronSchedule | undefined> {
  const written = stringAt(cronJob, 'spec', 'schedule') ?? '';
  const [, zoneInFront, schedule = ''] = /^(?:(?:CRON_)?TZ=(\S+)\s+)?(.*)$/s.exec(written.trim()) ?? [];
  const timezone = stringAt(cronJob, 'spec', 'timeZone') ?? zoneInFront ?? 'UTC';
  const every = /^@every\s+(\S+)$/.exec(schedule)?.[1];
  if (every !== undefined) return everySchedule(durationMs(every), cronJob);
  return cronSchedule(schedule, timezone);
}

async function cronSchedule(schedule: string, timezone: string): Promise<CronSchedule | undefined> {
  const { Cron } = await import('croner');
  const [, , day = '', , weekday = ''] = schedule.split(/\s+/);
  // A field that begins with a star does not widen the other one, "*/2" included.
  const domAndDow = /^[*?]/.test(day) || /^[*?]/.test(weekday);
  try {
    const cron = new Cron(schedule === '@midnight' ? '@daily' : schedule, {
      paused: true,
      timezone,
      domAndDow,
    });
    // The time zone is looked at only now.
    cron.nextRun();
    return {
      next: (after) => cron.nextRun(after) ?? undefined,
      previous: (count, before) => cron.previousRuns(count, before),
    };
  } catch {
    return undefined;
  }
}

/** Counted from the last run, or from when the CronJob was made. */
function everySchedule(period: number | undefined, cronJob: KubeObject): CronSchedule | undefined {
  const start = Date.parse(
    stringAt(cronJob, 'status', 'lastScheduleTime') ??
      stringAt(cronJob, 'metadata', 'creationTimestamp') ??
      '',
  );
  if (period === undefined || Number.isNaN(start)) return undefined;
  return {
    next: (after) => new Date(start + (Math.floor((after.getTime() - start) / period) + 1) * period),
    previous: (count, before) => {
      const last = start + (Math.ceil((before.getTime() - start) / period) - 1) * period;
      return Array.from({ length: count }, (_, index) => new Date(last - index * period));
    },
  };
}

const UNITS: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** "1h30m" as Go writes it, in milliseconds; a second at least, as the controller has it. */
function durationMs(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:h|m|s|ms))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g))
    total += Number(amount) * UNITS[unit]!;
  return Math.max(1000, total);
}
