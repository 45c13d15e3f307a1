import { UsageError } from '../../errors/tool-error.ts';
import { timeOfId } from './backup-id.ts';

/** A moment of the past as people say it, by the clock and the time zone of whoever says it. */
export interface SaidMoment {
  /** As it was said: "2h". */
  said: string;
  /** Milliseconds since 1970, where it begins: what is before it was taken earlier. */
  from: number;
  /** Where it ends: what was taken up to then, this millisecond among it, had been taken by that moment. */
  until: number;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};
/** As the AGE columns of kubectl and of this tool have it: 45s, 3m12s, 5h, 2d4h. */
const AGE = /^(?:\d{1,6}[smhdw])+$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})?)?$/;

/** What may be said, for help and errors. */
export const MOMENTS = '2h, yesterday, 2026-11-28 or 2026-11-28T14:00 (local time)';

/**
 * The moment that `text` means: an age ("2h"), "yesterday" or a day ("2026-11-28"), to their end, or a time of a day
 * ("2026-11-28T14:00"), to the end of its minute or second. All of them are in local time, unless a zone is said (Z, +02:00).
 * @param now by which ages and yesterday are told.
 * @returns undefined where it means none: no such day, or other words.
 */
export function momentOf(text: string, now: Date): SaidMoment | undefined {
  if (AGE.test(text)) {
    const at = now.getTime() - spanOf(text);
    return { said: text, from: at, until: at };
  }
  if (text === 'yesterday') {
    return { said: text, ...dayOf(now.getFullYear(), now.getMonth(), now.getDate() - 1) };
  }
  const [, year, month, day, hour, minute, second, zone] = DATE.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  // A day that a month lacks would be counted on into the next one.
  const last = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > last) return undefined;
  if (hour === undefined || minute === undefined) {
    return { said: text, ...dayOf(Number(year), Number(month) - 1, Number(day)) };
  }
  const begin = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second ?? '00'}${zone ?? ''}`);
  if (Number.isNaN(begin)) return undefined;
  return { said: text, from: begin, until: begin + (second === undefined ? 60_000 : 1000) - 1 };
}

/**
 * What `--before` means: a moment, or the one of a backup's id; what was taken before it is meant.
 * @throws UsageError where it is neither.
 */
export function boundOf(text: string, now: Date): SaidMoment {
  const ofId = timeOfId(text);
  const bound = Number.isNaN(ofId) ? momentOf(text, now) : { said: text, from: ofId, until: ofId };
  if (bound !== undefined) return bound;
  throw new UsageError(`--before takes a moment such as ${MOMENTS}, or a backup's id, not "${text}"`);
}

/** "2026-11-28 14:00:59 (UTC+01:00)", by the clock of whoever reads it. */
export function localTime(at: number): string {
  const date = new Date(at);
  const two = (count: number): string => String(count).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const offset = -date.getTimezoneOffset();
  const zone =
    offset === 0
      ? 'UTC'
      : `UTC${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return `${day} ${time} (${zone})`;
}

function spanOf(text: string): number {
  let span = 0;
  for (const [, count, unit = 's'] of text.matchAll(/(\d+)([smhdw])/g))
    span += Number(count) * UNIT_MS[unit]!;
  return span;
}

/** A day in local time; days have 23 to 25 hours. */
function dayOf(year: number, month: number, day: number): Pick<SaidMoment, 'from' | 'until'> {
  return {
    from: new Date(year, month, day).getTime(),
    until: new Date(year, month, day + 1).getTime() - 1,
  };
}
