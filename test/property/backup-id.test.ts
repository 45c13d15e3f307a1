import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backupId, compareIds, isBackupId, nextId, timeOfId } from '../../src/model/records/backup-id.ts';

const moment = fc.date({
  min: new Date('2000-01-01T00:00:00Z'),
  max: new Date('2099-12-31T23:59:59Z'),
  noInvalidDate: true,
});
const id = fc
  .tuple(moment, fc.option(fc.integer({ min: 2, max: 100_000 })))
  .map(([at, suffix]) => (suffix === null ? backupId(at) : `${backupId(at)}-${suffix}`));

test('an id holds its moment to the second', () => {
  fc.assert(
    fc.property(moment, (at) => {
      assert.ok(isBackupId(backupId(at)));
      assert.equal(timeOfId(backupId(at)), Math.floor(at.getTime() / 1000) * 1000);
    }),
  );
});

test('ids sort as their moments do', () => {
  fc.assert(
    fc.property(moment, moment, (a, b) => {
      const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);
      assert.equal(Math.sign(compareIds(backupId(a), backupId(b))), Math.sign(seconds(a) - seconds(b)));
    }),
  );
});

test('the order of ids is total: equal only to themselves, opposite when turned round, transitive', () => {
  fc.assert(
    fc.property(id, id, id, (a, b, c) => {
      assert.equal(compareIds(a, b) === 0, a === b);
      assert.equal(Math.sign(compareIds(a, b)), -Math.sign(compareIds(b, a)) + 0);
      if (compareIds(a, b) <= 0 && compareIds(b, c) <= 0) assert.ok(compareIds(a, c) <= 0);
    }),
  );
});

test('the next id is an id of the same moment, later than the one before and than every other so far', () => {
  fc.assert(
    fc.property(id, fc.integer({ min: 1, max: 12 }), (first, steps) => {
      let last = first;
      for (let step = 0; step < steps; step++) {
        const next = nextId(last);
        assert.ok(isBackupId(next));
        assert.ok(compareIds(next, last) > 0 && compareIds(next, first) > 0);
        assert.equal(timeOfId(next), timeOfId(first));
        last = next;
      }
    }),
  );
});
