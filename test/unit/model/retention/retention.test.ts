import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { backupId } from '../../../../src/model/records/backup-id.ts';
import { before, parseSpan, spanText } from '../../../../src/model/retention/calendar-span.ts';
import { DEFAULT_RULES, type KeepRules } from '../../../../src/model/retention/keep-rules.ts';
import {
  type Holding,
  judgeRetention,
  type RetentionRules,
} from '../../../../src/model/retention/retention.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const DAY = 86_400_000;

function span(text: string): NonNullable<ReturnType<typeof parseSpan>> {
  return parseSpan(text) ?? assert.fail(text);
}

function rulesOf(keep: KeepRules, others: Partial<RetentionRules> = {}): RetentionRules {
  return { keep, keepMin: 1, keepSafety: span('7d'), ...others };
}

/** A backup `days` ago, at an hour of the day. */
function at(days: number, hour = 2, holding: Partial<Holding> = {}): Holding {
  const time = Date.parse('2026-11-24T00:00:00Z') - days * DAY + hour * 3_600_000;
  return { id: backupId(new Date(time)), standing: 'good', verified: false, healthy: true, ...holding };
}

function bad(days: number, hour = 3): Holding {
  return at(days, hour, { standing: 'flawed', flaw: 'incomplete' });
}

function kept(holdings: Holding[], rules: RetentionRules, keepAll?: string): string[] {
  return judgeRetention(holdings, rules, { now: NOW, keepAll })
    .filter(({ keep }) => keep)
    .map(({ holding }) => holding.id);
}

function ids(...holdings: Holding[]): string[] {
  return holdings.map(({ id }) => id);
}

describe('what counting alone would lose', () => {
  test('daily for 40 days, 7 days, 4 weeks and 6 months: 11 stay', () => {
    const daily = Array.from({ length: 40 }, (_, days) => at(days));
    const stay = kept(daily, rulesOf({ daily: 7, weekly: 4, monthly: 6 }));
    assert.equal(stay.length, 11);
    assert.equal(stay.at(-1), daily.at(-1)?.id, 'the oldest, while a rule has counts left');
  });

  test('good until 5 days ago and incomplete since: incomplete ones take no slot', () => {
    const good = [5, 6, 7, 8, 9].map((days) => at(days));
    const since = [0, 1, 2, 3, 4].map((days) => bad(days));
    assert.deepEqual(kept([...good, ...since], rulesOf({ last: 3 })), ids(...since, ...good.slice(0, 3)));
  });

  test('a good one at 02:00 and an incomplete one at 03:00 each day: the good ones stay', () => {
    const days = [0, 1, 2, 3];
    const stay = kept(
      days.flatMap((day) => [at(day), bad(day)]),
      rulesOf({ daily: 2 }),
    );
    assert.deepEqual(stay, ids(bad(0), at(0), bad(1), at(1)));
  });

  test('one that a clock stamped a year ahead is neither counted nor removed', () => {
    const future = at(-365);
    const real = [at(0), at(1), at(2)];
    assert.deepEqual(kept([...real, future], rulesOf({ last: 1 })), ids(future, real[0]!));
    assert.deepEqual(
      kept([...real, future], rulesOf({ within: span('2d') })),
      ids(future, real[0]!, real[1]!),
    );
  });

  test('a schedule that stopped 60 days ago: age counts from the newest, so nothing ages out', () => {
    const old = Array.from({ length: 20 }, (_, index) => at(60 + index));
    assert.equal(kept(old, rulesOf({ within: span('7d') })).length, 7);
  });

  test('five safety backups of today take no slot of the nightly ones', () => {
    const safety = [4, 5, 6, 7, 8].map((hour) => at(0, hour, { standing: 'safety' }));
    const nightly = [0, 1, 2, 3, 4].map((days) => at(days));
    const stay = kept([...safety, ...nightly], rulesOf({ last: 3 }));
    assert.deepEqual(stay, ids(...safety.toReversed(), ...nightly.slice(0, 3)));
  });
});

describe('whatever the rules', () => {
  test('the newest healthy one stays, however many nights a crash loop lasts', () => {
    const sick = { healthy: false };
    const healthy = at(40);
    const holdings = [at(1, 2, sick), at(2, 2, sick), at(3, 2, sick), healthy, at(41)];
    const verdicts = judgeRetention(holdings, rulesOf({ last: 1 }), { now: NOW });
    assert.deepEqual(
      verdicts.flatMap(({ holding, keep, reasons }) => (keep ? [[holding.id, reasons.join(', ')]] : [])),
      [
        [holdings[0]!.id, 'newest complete, one of the newest 1, last'],
        [healthy.id, 'newest healthy'],
      ],
    );
  });

  test('the newest verified one stays, however old', () => {
    const verified = at(300, 2, { verified: true });
    assert.deepEqual(kept([at(0), at(1), verified, at(301)], rulesOf({ last: 1 })), ids(at(0), verified));
  });

  test('so many of the newest good ones stay', () => {
    const daily = [0, 1, 2, 3, 4].map((days) => at(days));
    assert.deepEqual(kept(daily, rulesOf({ last: 1 }, { keepMin: 3 })), ids(...daily.slice(0, 3)));
  });

  test('where no good one is left, nothing goes', () => {
    const all = [bad(400), at(300, 2, { standing: 'safety' }), bad(200)];
    assert.equal(kept(all, rulesOf({ last: 1 })).length, 3);
  });

  test('nothing goes of a release that may be gone', () => {
    const daily = [0, 1, 2, 3, 4].map((days) => at(days));
    const verdicts = judgeRetention(daily, rulesOf({ last: 1 }), { now: NOW, keepAll: 'it is gone' });
    assert.ok(verdicts.every(({ keep, reasons }) => keep && reasons[0] === 'it is gone'));
  });

  test('what could not be read stays', () => {
    const unread = at(300, 2, { standing: 'unreadable', flaw: 'permission denied' });
    assert.deepEqual(kept([at(0), unread], rulesOf({ last: 1 })), ids(at(0), unread));
  });

  test('a safety backup goes after its time, but for the one that is needed', () => {
    const safety = (days: number, needed?: string): Holding =>
      at(days, 13, { standing: 'safety', ...(needed === undefined ? {} : { needed }) });
    const all = [at(0), safety(6), safety(8), safety(9, 'a restore that did not end needs it')];
    assert.deepEqual(kept(all, rulesOf({ last: 1 })), ids(at(0), safety(6), safety(9)));
  });
});

test('each is kept or removed for reasons that are said', () => {
  const verdicts = judgeRetention([at(0), at(1), bad(3), at(40)], rulesOf({ last: 2, within: span('1d') }), {
    now: NOW,
  });
  assert.deepEqual(
    verdicts.map(({ keep, reasons }) => [keep, reasons.join(', ')]),
    [
      [true, 'newest complete, one of the newest 1, within 1d, last'],
      [true, 'last'],
      [false, 'incomplete, and newer ones are complete'],
      [false, 'no rule keeps it'],
    ],
  );
});

test('without a rule, 30 days count', () => {
  assert.deepEqual(kept([at(0), at(29), at(31)], rulesOf(DEFAULT_RULES)), ids(at(0), at(29)));
});

test('weeks are those of ISO 8601, months and days those of UTC', () => {
  const of = (id: string): Holding => ({ id, standing: 'good', verified: false, healthy: true });
  // 2026-11-22 is a Sunday, 2026-11-23 a Monday.
  const week = [
    of('20261123T000000Z'),
    of('20261122T235959Z'),
    of('20261116T000000Z'),
    of('20261115T235959Z'),
    of('20261114T000000Z'),
  ];
  assert.deepEqual(
    kept(week, rulesOf({ weekly: 3 })),
    [week[0]!, week[1]!, week[3]!].map(({ id }) => id),
  );
  const months = [
    of('20261101T000000Z'),
    of('20261031T235959Z'),
    of('20261001T000000Z'),
    of('20260930T000000Z'),
    of('20260901T000000Z'),
  ];
  assert.deepEqual(
    kept(months, rulesOf({ monthly: 2 })),
    [months[0]!, months[1]!].map(({ id }) => id),
  );
});

describe('a span', () => {
  test('is years, months, days and hours', () => {
    assert.deepEqual(parseSpan('2y5m7d3h'), { years: 2, months: 5, days: 7, hours: 3 });
    assert.equal(spanText(span('3h7d')), '7d3h');
    for (const text of ['', '1w', '30', 'd', '-1d', '0d', '1.5d', '1d ', '9999999d'])
      assert.equal(parseSpan(text), undefined, text);
  });

  test('counts days that a month lacks on from its end', () => {
    assert.equal(
      new Date(before(Date.parse('2026-03-31T10:00:00Z'), span('1m'))).toISOString(),
      '2026-03-03T10:00:00.000Z',
    );
    assert.equal(
      new Date(before(Date.parse('2028-02-29T10:00:00Z'), span('1y3h'))).toISOString(),
      '2027-03-01T07:00:00.000Z',
    );
  });
});
