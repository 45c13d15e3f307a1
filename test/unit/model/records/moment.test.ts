import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { UsageError } from '../../../../src/errors/tool-error.ts';
import { boundOf, momentOf } from '../../../../src/model/records/moment.ts';

const NOW = new Date('2026-11-29T12:00:00Z');
const MODULE = new URL('../../../../src/model/records/moment.ts', import.meta.url).href;

/** What is meant in a time zone: [from, until, until in words]. A zone is a process's. */
function meantIn(zone: string, text: string): string[] {
  const script = `
    import { momentOf, localTime } from ${JSON.stringify(MODULE)};
    const { from, until } = momentOf(${JSON.stringify(text)}, new Date(${NOW.getTime()}));
    console.log(JSON.stringify([new Date(from).toISOString(), new Date(until).toISOString(), localTime(until)]));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TZ: zone },
    encoding: 'utf8',
  });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout);
}

test('an age is counted back from now, in the units of the AGE column', () => {
  const hours = (text: string): number => (NOW.getTime() - (momentOf(text, NOW)?.until ?? 0)) / 3_600_000;
  assert.deepEqual(['2h', '30m', '1d12h', '1w', '3600s'].map(hours), [2, 0.5, 36, 168, 1]);
});

test('days and times are those of the time zone of whoever says them', () => {
  assert.deepEqual(meantIn('Europe/Vienna', 'yesterday'), [
    '2026-11-27T23:00:00.000Z',
    '2026-11-28T22:59:59.999Z',
    '2026-11-28 23:59:59 (UTC+01:00)',
  ]);
  assert.deepEqual(meantIn('America/New_York', '2026-11-28T14:00'), [
    '2026-11-28T19:00:00.000Z',
    '2026-11-28T19:00:59.999Z',
    '2026-11-28 14:00:59 (UTC-05:00)',
  ]);
  assert.deepEqual(meantIn('UTC', '2026-11-28')[2], '2026-11-28 23:59:59 (UTC)');
});

test('a day on which clocks change ends at its end', () => {
  assert.deepEqual(meantIn('Europe/Vienna', '2026-10-25').slice(0, 2), [
    '2026-10-24T22:00:00.000Z',
    '2026-10-25T22:59:59.999Z',
  ]);
});

test('a zone that is said counts', () => {
  assert.deepEqual(meantIn('America/New_York', '2026-11-28T14:00:30Z').slice(0, 2), [
    '2026-11-28T14:00:30.000Z',
    '2026-11-28T14:00:30.999Z',
  ]);
});

test('what is no moment is none', () => {
  for (const text of [
    '',
    'h',
    '2',
    '2x',
    '-2h',
    'today',
    '2026-02-30',
    '2026-00-10',
    '2026-11-28T25:00',
    '20261128',
    '2h ',
  ])
    assert.equal(momentOf(text, NOW), undefined, text);
});

test('--before takes a moment, where it begins, or the id of a backup', () => {
  assert.equal(boundOf('20261128T140000Z', NOW).from, Date.parse('2026-11-28T14:00:00Z'));
  assert.equal(boundOf('2h', NOW).from, Date.parse('2026-11-29T10:00:00Z'));
  assert.throws(() => boundOf('soon', NOW), UsageError);
});
