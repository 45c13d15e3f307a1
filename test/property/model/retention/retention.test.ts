import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backupId, compareIds, timeOfId } from '../../../../src/model/records/backup-id.ts';
import { before, type CalendarSpan } from '../../../../src/model/retention/calendar-span.ts';
import type { KeepRules } from '../../../../src/model/retention/keep-rules.ts';
import {
  type Holding,
  isFuture,
  judgeRetention,
  type RetentionRules,
} from '../../../../src/model/retention/retention.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const HOUR = 3_600_000;

const spans: fc.Arbitrary<CalendarSpan> = fc.record({
  years: fc.constantFrom(0, 0, 1),
  months: fc.nat(3),
  days: fc.nat(40),
  hours: fc.integer({ min: 1, max: 50 }),
});
const counts = fc.option(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(Number.POSITIVE_INFINITY)), {
  nil: undefined,
});

const keepRules: fc.Arbitrary<KeepRules> = fc
  .record({
    last: counts,
    within: fc.option(spans, { nil: undefined }),
    daily: counts,
    weekly: counts,
    monthly: counts,
    yearly: counts,
  })
  .map(
    (rules) =>
      Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined)) as KeepRules,
  )
  .filter((rules) => Object.keys(rules).length > 0);

const allRules: fc.Arbitrary<RetentionRules> = fc.record({
  keep: keepRules,
  keepMin: fc.integer({ min: 1, max: 6 }),
  keepSafety: spans,
});

/** Hours before now, dense and sparse, some of the future. */
const ages = fc.oneof(
  fc.integer({ min: 0, max: 200 }),
  fc.integer({ min: 0, max: 30_000 }),
  fc.integer({ min: -100, max: -1 }),
);

function holdingsOf(standings: Holding['standing'][]): fc.Arbitrary<Holding[]> {
  return fc.uniqueArray(
    fc.record({
      id: ages.map((age) => backupId(new Date(NOW - age * HOUR))),
      standing: fc.constantFrom(...standings),
      verified: fc.boolean(),
      healthy: fc.boolean(),
      needed: fc.constantFrom(undefined, undefined, undefined, 'a journal needs it'),
    }) as fc.Arbitrary<Holding>,
    { selector: ({ id }) => id, maxLength: 60 },
  );
}

const holdings = holdingsOf(['good', 'good', 'flawed', 'safety', 'unreadable']);

function keptOf(all: readonly Holding[], rules: RetentionRules): Set<string> {
  const verdicts = judgeRetention(all, rules, { now: NOW });
  return new Set(verdicts.filter(({ keep }) => keep).map(({ holding }) => holding.id));
}

test('for any set of backups and flags the floor holds', () => {
  fc.assert(
    fc.property(holdings, allRules, (all, rules) => {
      const kept = keptOf(all, rules);
      const newestFirst = all.toSorted((a, b) => compareIds(b.id, a.id));
      const present = newestFirst.filter((holding) => !isFuture(holding, NOW));
      const good = present.filter(({ standing }) => standing === 'good');
      for (const { id } of good.slice(0, rules.keepMin))
        assert.ok(kept.has(id), `${id} is one of the newest`);
      const verified = present.find(({ standing, verified: is }) => is && standing !== 'safety');
      if (verified !== undefined) assert.ok(kept.has(verified.id), 'the newest verified one');
      const healthy = good.find((holding) => holding.healthy);
      if (healthy !== undefined) assert.ok(kept.has(healthy.id), 'the newest healthy one');
      for (const { id, standing, needed } of all) {
        if (standing === 'unreadable' || needed !== undefined) assert.ok(kept.has(id));
        if (isFuture({ id }, NOW)) assert.ok(kept.has(id), 'of the future');
      }
      if (good.length === 0) assert.equal(kept.size, all.length);
      const lost = all.filter(({ id }) => !kept.has(id));
      for (const { id, standing } of lost) {
        if (standing === 'flawed')
          assert.ok(good.some((newer) => kept.has(newer.id) && compareIds(newer.id, id) > 0));
      }
    }),
    { numRuns: 1000 },
  );
});

test('keeping more never removes more', () => {
  const more = fc.record({
    count: fc.constantFrom(
      'last',
      'daily',
      'weekly',
      'monthly',
      'yearly',
      'within',
      'keepMin',
      'keepSafety' as const,
    ),
    by: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(holdings, allRules, more, (all, rules, { count, by }) => {
      const longer = (span: CalendarSpan | undefined): CalendarSpan => ({
        years: 0,
        months: 0,
        days: by,
        hours: 0,
        ...span,
        ...(span === undefined ? {} : { days: span.days + by }),
      });
      const wider: RetentionRules =
        count === 'keepMin'
          ? { ...rules, keepMin: rules.keepMin + by }
          : count === 'keepSafety'
            ? { ...rules, keepSafety: longer(rules.keepSafety) }
            : count === 'within'
              ? { ...rules, keep: { ...rules.keep, within: longer(rules.keep.within) } }
              : { ...rules, keep: { ...rules.keep, [count]: (rules.keep[count as 'last'] ?? 0) + by } };
      const kept = keptOf(all, wider);
      for (const id of keptOf(all, rules)) assert.ok(kept.has(id), id);
    }),
    { numRuns: 1000 },
  );
});

test('the order in which backups are listed does not matter', () => {
  const shuffled = holdings.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(shuffled, allRules, ([all, other], rules) => {
      assert.deepEqual(keptOf(other, rules), keptOf(all, rules));
    }),
  );
});

test('pruning twice removes nothing more', () => {
  fc.assert(
    fc.property(holdings, allRules, (all, rules) => {
      const kept = keptOf(all, rules);
      const rest = all.filter(({ id }) => kept.has(id));
      assert.deepEqual(keptOf(rest, rules), kept);
    }),
    { numRuns: 1000 },
  );
});

/** Monday's date of the ISO week, by the calendar alone. */
function weekOf(time: number): string {
  const day = new Date(time);
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
  return day.toISOString().slice(0, 10);
}

/** restic's documentation of forget, put another way: each rule alone, from sets of periods. */
function resticKeeps(times: readonly number[], keep: KeepRules): Set<number> {
  const kept = new Set<number>();
  const oldest = times.at(-1);
  const periods: [number | undefined, (time: number) => string][] = [
    [keep.last, (time) => String(time)],
    [keep.daily, (time) => new Date(time).toISOString().slice(0, 10)],
    [keep.weekly, weekOf],
    [keep.monthly, (time) => new Date(time).toISOString().slice(0, 7)],
    [keep.yearly, (time) => new Date(time).toISOString().slice(0, 4)],
  ];
  for (const [count, periodOf] of periods) {
    if (count === undefined) continue;
    const newestOf = new Map<string, number>();
    for (const time of times) if (!newestOf.has(periodOf(time))) newestOf.set(periodOf(time), time);
    for (const time of [...newestOf.values()].slice(0, count)) kept.add(time);
    if (newestOf.size < count && oldest !== undefined) kept.add(oldest);
  }
  for (const time of times)
    if (keep.within !== undefined && time > before(times[0]!, keep.within)) kept.add(time);
  return kept;
}

test('of good backups, and no more than one to stay, the same are kept as restic keeps', () => {
  const good = holdingsOf(['good']).map((all) =>
    all
      .filter((holding) => !isFuture(holding, NOW))
      .map((holding): Holding => ({ id: holding.id, standing: 'good', verified: false, healthy: false })),
  );
  fc.assert(
    fc.property(good, keepRules, fc.record({ keepSafety: spans }), (all, keep, { keepSafety }) => {
      const times = all.map(({ id }) => timeOfId(id)).sort((a, b) => b - a);
      const expected = resticKeeps(times, keep);
      const kept = [...keptOf(all, { keep, keepMin: 1, keepSafety })].map((id) => timeOfId(id));
      assert.deepEqual(kept.sort(), [...expected].sort());
    }),
    { numRuns: 2000 },
  );
});
