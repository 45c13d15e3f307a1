/** A span as people say it: "30d", "1y6m", "12h". Months and years are those of the calendar. */
export interface CalendarSpan {
  years: number;
  months: number;
  days: number;
  hours: number;
}

const UNITS = { y: 'years', m: 'months', d: 'days', h: 'hours' } as const;
const SPAN = /^(?:\d{1,6}[ymdh])+$/;

/** restic's durations (internal/data/duration.go); undefined for what is none, or no time at all. */
export function parseSpan(text: string): CalendarSpan | undefined {
  if (!SPAN.test(text)) return undefined;
  const span = { years: 0, months: 0, days: 0, hours: 0 };
  for (const [, count, unit] of text.matchAll(/(\d+)([ymdh])/g)) span[UNITS[unit as 'y']] += Number(count);
  return Object.values(span).some((count) => count > 0) ? span : undefined;
}

export function spanText(span: CalendarSpan): string {
  return Object.entries(UNITS)
    .map(([letter, unit]) => (span[unit] === 0 ? '' : `${span[unit]}${letter}`))
    .join('');
}

/**
 * The moment a span before `time`, milliseconds, by the calendar of UTC. A day that a month lacks is counted on from its
 * end, as Go's time.AddDate does: a month before 31 March is 3 March, or 2 March in a leap year.
 */
export function before(time: number, { years, months, days, hours }: CalendarSpan): number {
  const at = new Date(time);
  return (
    at.setUTCFullYear(at.getUTCFullYear() - years, at.getUTCMonth() - months, at.getUTCDate() - days) -
    hours * 3_600_000
  );
}
