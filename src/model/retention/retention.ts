import { compareIds, timeOfId } from '../records/backup-id.ts';
import { before, type CalendarSpan, spanText } from './calendar-span.ts';
import { type KeepRules, reasonsToKeep } from './keep-rules.ts';

/** A backup of one release, as far as its retention goes. */
export interface Holding {
  id: string;
  /**
   * good: complete, undamaged, of kind `backup`: these alone take the slots of rules. flawed: of no use where there is a
   * newer good one. unreadable: what is wrong may not be with the backup.
   */
  standing: 'good' | 'flawed' | 'safety' | 'unreadable';
  /** "incomplete", "damaged: …"; of those that are not good. */
  flaw?: string;
  /** The last `verify` of it found nothing wrong. */
  verified: boolean;
  /** The release was up when it was taken (records/backup-health.ts). */
  healthy: boolean;
  /** Why it stays whatever the rules say: "a restore that did not end needs it". */
  needed?: string;
}

export interface RetentionRules {
  keep: KeepRules;
  /** So many of the newest good ones stay whatever the rules say, at least 1. */
  keepMin: number;
  /** Safety backups stay so long. */
  keepSafety: CalendarSpan;
}

export interface Verdict<T> {
  holding: T;
  keep: boolean;
  /** Of what is kept and of what goes, a clause each. */
  reasons: string[];
}

/** Clocks differ by so much. */
const FUTURE_MS = 5 * 60 * 1000;

export function isFuture({ id }: Pick<Holding, 'id'>, now: number): boolean {
  return timeOfId(id) > now + FUTURE_MS;
}

/**
 * What is kept of the backups of one release. Whatever the rules: the newest good one, the newest good one that was taken while
 * the release was up, the newest that was verified, and
 * `keepMin` of the newest good ones stay; where there is no good one, all do; what is of the future, or can't be read, is
 * neither counted nor taken away.
 * @param now milliseconds.
 * @param keepAll why nothing of the release is taken away; undefined: the rules decide.
 * @returns the newest first; the order of `holdings` does not matter.
 */
export function judgeRetention<T extends Holding>(
  holdings: readonly T[],
  rules: RetentionRules,
  { now, keepAll }: { now: number; keepAll?: string | undefined },
): Verdict<T>[] {
  const sorted = holdings.toSorted((a, b) => compareIds(b.id, a.id));
  const present = sorted.filter((holding) => !isFuture(holding, now));
  const good = present.filter(({ standing }) => standing === 'good');
  const byRule = reasonsToKeep(
    good.map(({ id }) => timeOfId(id)),
    rules.keep,
  );
  const floor = floorOf(present, good, rules);
  const oldestByRule = good.findLast((_, index) => byRule[index]!.length > 0);
  const reasonsOf = (holding: T): { keep: string[]; remove: string } => {
    const always = alwaysKept(holding, good.length, { now, keepAll });
    if (always !== undefined) return { keep: [always], remove: '' };
    const keep = [...(floor.get(holding) ?? []), ...(holding.needed === undefined ? [] : [holding.needed])];
    if (holding.standing === 'safety') {
      const isYoung = timeOfId(holding.id) > before(now, rules.keepSafety);
      const age = spanText(rules.keepSafety);
      if (isYoung) keep.push(`safety backup younger than ${age}`);
      return { keep, remove: `safety backup older than ${age}` };
    }
    if (holding.standing === 'good') {
      return { keep: [...keep, ...byRule[good.indexOf(holding)]!], remove: 'no rule keeps it' };
    }
    const isOld = oldestByRule !== undefined && compareIds(holding.id, oldestByRule.id) < 0;
    if (!isOld) keep.push(`${holding.flaw ?? 'flawed'}, and not older than what the rules keep`);
    return { keep, remove: `${holding.flaw ?? 'flawed'}, and newer ones are complete` };
  };
  return sorted.map((holding) => {
    const { keep, remove } = reasonsOf(holding);
    return { holding, keep: keep.length > 0, reasons: keep.length > 0 ? keep : [remove] };
  });
}

/** Why a backup is kept before any rule is asked. */
function alwaysKept(
  holding: Holding,
  good: number,
  { now, keepAll }: { now: number; keepAll?: string | undefined },
): string | undefined {
  if (isFuture(holding, now)) return 'its date is in the future';
  if (holding.standing === 'unreadable') return holding.flaw ?? 'it could not be read';
  if (keepAll !== undefined) return keepAll;
  return good === 0 ? 'no backup of the release is complete' : undefined;
}

/** What no flag takes away, and why. */
function floorOf<T extends Holding>(
  present: readonly T[],
  good: readonly T[],
  { keepMin }: RetentionRules,
): Map<T, string[]> {
  const floor = new Map<T, string[]>();
  const add = (holding: T | undefined, why: string): void => {
    if (holding !== undefined) floor.set(holding, [...(floor.get(holding) ?? []), why]);
  };
  add(good[0], 'newest complete');
  add(
    present.find(({ standing, verified }) => verified && standing !== 'safety'),
    'newest verified',
  );
  const healthy = good.find((holding) => holding.healthy);
  if (healthy !== good[0]) add(healthy, 'newest healthy');
  for (const holding of good.slice(0, Math.max(1, keepMin))) add(holding, `one of the newest ${keepMin}`);
  return floor;
}
