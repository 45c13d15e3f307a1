import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ScheduledRun } from '../../../../src/model/schedule/run-history.ts';
import { scheduledBackup } from '../../../../src/model/schedule/scheduled-backup.ts';
import { type StoredMoment, storeAgreement } from '../../../../src/model/schedule/store-agreement.ts';
import { aCronJob } from '../../doctor/schedule/objects.ts';

const STORE = 's3://backups';

function run(
  job: string,
  outcome: ScheduledRun['outcome'],
  started: string,
  ...releases: string[]
): ScheduledRun {
  const told = scheduledBackup(aCronJob({ container: { args: ['backup', ...releases, '--store', STORE] } }));
  const startedAt = new Date(`2026-11-${started}:00Z`);
  const endedAt = outcome === 'running' ? undefined : new Date(startedAt.getTime() + 12_000);
  return { job, byHand: false, outcome, startedAt, endedAt, reason: '', message: '', told, location: STORE };
}

function backup(release: string, at: string, isGood = true): StoredMoment {
  return { namespace: 'cache', release, at: new Date(`2026-11-${at}Z`), isGood };
}

const LAST_NIGHT = run('run-26', 'succeeded', '26T02:00');
const OF_CART = run('run-26', 'succeeded', '26T02:00', 'cart');
const BEFORE = run('run-25', 'succeeded', '25T02:00', 'cart');

function agreement(runs: ScheduledRun[], backups: StoredMoment[]) {
  return storeAgreement(runs, STORE, backups);
}

describe('whether the store tells the same as the Jobs', () => {
  test('a backup of the newest run that succeeded is there: they agree', () => {
    const verdict = { verdict: 'agrees', job: 'run-26' };
    assert.deepEqual(agreement([OF_CART, BEFORE], [backup('cart', '26T02:00:03')]), verdict);
    assert.deepEqual(agreement([LAST_NIGHT], [backup('whatever', '26T02:00:03')]), verdict);
  });

  test('older ones may have gone by the rules of retention', () => {
    const backups = [backup('cart', '26T02:00:03')];
    assert.equal(agreement([OF_CART, BEFORE], backups).verdict, 'agrees');
  });

  test('no backup of that time: it is missing, whatever is older', () => {
    assert.deepEqual(agreement([OF_CART], [backup('cart', '25T02:00:03')]), {
      verdict: 'missing',
      job: 'run-26',
      releases: ['cart'],
    });
    assert.equal(agreement([LAST_NIGHT], []).verdict, 'missing');
  });

  test('of each release that is named', () => {
    const backups = [backup('cart', '26T02:00:03'), backup('sessions', '25T02:00:03')];
    assert.deepEqual(agreement([run('run-26', 'succeeded', '26T02:00', 'cart', 'sessions')], backups), {
      verdict: 'missing',
      job: 'run-26',
      releases: ['sessions'],
    });
  });

  test('one that is damaged or incomplete is none', () => {
    assert.equal(agreement([LAST_NIGHT], [backup('cart', '26T02:00:03', false)]).verdict, 'missing');
  });

  test('a run that failed since promises nothing; the last that succeeded does', () => {
    const failed = run('run-27', 'failed', '27T02:00');
    const backups = [backup('cart', '26T02:00:03')];
    assert.deepEqual(agreement([failed, OF_CART], backups), {
      verdict: 'agrees',
      job: 'run-26',
    });
  });

  test('clocks of nodes may be a minute off, and no more', () => {
    assert.equal(agreement([LAST_NIGHT], [backup('cart', '26T01:59:01')]).verdict, 'agrees');
    assert.equal(agreement([LAST_NIGHT], [backup('cart', '26T01:58:59')]).verdict, 'missing');
  });

  test('a backup that is newer than every run is somebody else’s', () => {
    const backups = [backup('cart', '26T02:00:03'), backup('cart', '26T10:00:00')];
    assert.deepEqual(agreement([OF_CART], backups), {
      verdict: 'newer',
      at: new Date('2026-11-26T10:00:00Z'),
    });
    const running = run('run-27', 'running', '26T09:59');
    assert.equal(agreement([running, OF_CART], backups).verdict, 'agrees');
  });

  test('where no run that succeeded is kept there is nothing to hold it to', () => {
    const failed = run('run-27', 'failed', '27T02:00');
    assert.deepEqual(agreement([failed], [backup('cart', '26T02:00:03')]), {
      verdict: 'no run',
    });
  });

  test('a run is held to what it was told itself, and to where it saved', () => {
    const changed = { ...OF_CART, location: 's3://before' };
    assert.equal(agreement([changed], []).verdict, 'no run');
    const backups = [backup('sessions', '26T02:00:03')];
    assert.equal(agreement([OF_CART], backups).verdict, 'missing', 'of another release');
    const elsewhere = [{ ...backup('cart', '26T02:00:03'), namespace: 'shop' }];
    assert.equal(agreement([LAST_NIGHT], elsewhere).verdict, 'missing', 'of another namespace');
  });
});
