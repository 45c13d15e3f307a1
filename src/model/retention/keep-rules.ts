import { before, type CalendarSpan, spanText } from './calendar-span.ts';

/** How many of something are kept; Infinity for all. */
type Count = number;

/** Which backups are kept, by the rules of restic's `forget`: one reason is enough. */
export interface KeepRules {
  last?: Count;
  /** Younger than this, counted from the newest. */
  within?: CalendarSpan;
  /** Of so many days, weeks … that have a backup, the newest. */
  daily?: Count;
  weekly?: Count;
  monthly?: Count;
  yearly?: Count;
}

/** Where no rule is given. */
export const DEFAULT_RULES: KeepRules = { within: { years: 0, months: 0, days: 30, hours: 0 } };

const DAY_MS = 86_400_000;

/** What tells one period from the next, in UTC, which the ids of backups are in. */
const PERIODS: {
  rule: 'last' | 'daily' | 'weekly' | 'monthly' | 'yearly';
  of(time: number, index: number): number | string;
}[] = [
  { rule: 'last', of: (_, index) => index },
  { rule: 'daily', of: (time) => Math.floor(time / DAY_MS) },
  // ISO weeks begin on Monday; 1 January 1970 was a Thursday.
  { rule: 'weekly', of: (time) => Math.floor((time / DAY_MS + 3) / 7) },
  { rule: 'monthly', of: (time) => new Date(time).toISOString().slice(0, 7) },
  { rule: 'yearly', of: (time) => new Date(time).getUTCFullYear() },
];

/**
 * Why each of some backups is kept: "last", "within 30d", "daily", "oldest monthly"; empty where no rule keeps it. The
 * algorithm is restic's (internal/data/snapshot_policy.go, ApplyPolicy): the newest of each of the last N periods that have
 * one, and the oldest of all while a rule has counts left.
 * @param times of backups, milliseconds, the newest first; none of them is in the future.
 */
export function reasonsToKeep(times: readonly number[], rules: KeepRules): string[][] {
  const reasons = times.map((): string[] => []);
  const [newest] = times;
  if (newest === undefined) return reasons;
  if (rules.within !== undefined) {
    const limit = before(newest, rules.within);
    const why = `within ${spanText(rules.within)}`;
    for (const [index, time] of times.entries()) if (time > limit) reasons[index]!.push(why);
  }
  for (const { rule, of } of PERIODS) {
    let left = rules[rule] ?? 0;
    let previous: number | string | undefined;
    for (const [index, time] of times.entries()) {
      if (left <= 0) break;
      const period = of(time, index);
      const isNew = period !== previous;
      if (!isNew && index < times.length - 1) continue;
      reasons[index]!.push(isNew ? rule : `oldest ${rule}`);
      previous = period;
      left--;
    }
  }
  return reasons;
}
