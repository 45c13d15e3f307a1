import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inBothZones, wallClock } from '../../../../src/model/schedule/wall-clock.ts';

test('a moment as a clock on the wall shows it, in summer and in winter', () => {
  assert.equal(
    wallClock(new Date('2026-11-30T01:00:00Z'), 'Europe/Berlin'),
    '2026-11-30 02:00 Europe/Berlin',
  );
  assert.equal(
    wallClock(new Date('2026-07-01T00:00:00Z'), 'Europe/Berlin'),
    '2026-07-01 02:00 Europe/Berlin',
  );
  assert.equal(wallClock(new Date('2026-11-30T00:00:00Z'), undefined), '2026-11-30 00:00 UTC');
  assert.equal(wallClock(new Date('2026-11-30T00:00:00Z'), 'Nowhere/X'), '2026-11-30 00:00 UTC');
});

test('in both zones, where they show another time', () => {
  const moment = new Date('2026-11-30T01:00:00Z');
  assert.equal(
    inBothZones(moment, 'Europe/Berlin', 'America/New_York'),
    '2026-11-30 02:00 Europe/Berlin (2026-11-29 20:00 America/New_York here)',
  );
  assert.equal(inBothZones(moment, 'Europe/Berlin', 'Europe/Paris'), '2026-11-30 02:00 Europe/Berlin');
});
