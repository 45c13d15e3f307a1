import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { displayName, type ObjectRef } from '../../../src/model/kubernetes/object.ts';
import type { Action, Plan } from '../../../src/model/plan/plan.ts';
import type { JournaledWrite } from '../../../src/restore/journal/journaled-writes.ts';
import { objectStandings, type WayBack, type Written } from '../../../src/restore/object-standing.ts';
import { PLAN } from '../store/journal/sample-journal.ts';

const CART: ObjectRef = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'cart' };
const RECORD: ObjectRef = {
  apiVersion: 'v1',
  kind: 'Secret',
  namespace: 'shop',
  name: 'sh.helm.release.v1.cart.v3',
};

const planTo = (...actions: Action[]): Plan => ({
  ...PLAN,
  objects: actions.map((action) => ({
    action,
    ref: CART,
    role: 'owned',
    reason: 'it differs',
    changes: [],
    checked: true,
  })),
});
/** "delete create replace?": what was done in order; with "?" nobody heard what came of it. */
const written = (writes: string, ref = CART): Written => {
  const each = writes.split(' ').filter((word) => word !== '');
  const writeOf = (word: string): JournaledWrite => ({
    action: word.replace('?', '') as JournaledWrite['action'],
    ref,
  });
  return {
    done: each.filter((word) => !word.endsWith('?')).map(writeOf),
    unsettled: each.filter((word) => word.endsWith('?')).map(writeOf),
  };
};
const stateOf = (plan: Plan, forth: Written, back?: WayBack): string[] =>
  objectStandings(plan, forth, back).map(
    ({ ref, action, state }) => `${action} ${displayName(ref)}: ${state}`,
  );

describe('where an object stands', () => {
  for (const [action, writes, state] of [
    ['create', '', 'as-before'],
    ['create', 'create', 'created'],
    ['create', 'create?', 'not-known'],
    ['create', 'create delete', 'as-before'],
    ['replace', 'replace', 'replaced'],
    ['replace', 'replace replace?', 'not-known'],
    ['recreate', 'delete', 'deleted'],
    ['recreate', 'delete create?', 'not-known'],
    ['recreate', 'delete create', 'recreated'],
    ['delete', 'delete', 'deleted'],
    ['delete', 'delete?', 'not-known'],
  ] as const) {
    test(`to ${action}, after "${writes}": ${state}`, () => {
      assert.deepEqual(stateOf(planTo(action), written(writes)), [
        `${action} deployment.apps/cart: ${state}`,
      ]);
    });
  }

  test('what is kept, or only restarted, is not among them; what else was written is', () => {
    assert.deepEqual(stateOf(planTo('keep', 'restart'), written('create replace', RECORD)), [
      'create secret/sh.helm.release.v1.cart.v3: created',
    ]);
  });
});

describe('where an object stands after the undo of a restore that failed', () => {
  const NONE = written('');
  const over = (writes: Written, ...stays: string[]): WayBack => ({ written: writes, stays: new Set(stays) });
  const cutOff = (writes: Written): WayBack => ({ written: writes, stays: undefined });
  for (const [what, action, forth, back, state] of [
    ['put back', 'replace', 'replace', over(written('replace')), 'as-before'],
    ['found to be as before', 'replace', 'replace?', over(NONE), 'as-before'],
    ['left', 'create', 'create', over(NONE, 'deployment.apps/cart'), 'created'],
    ['not come to', 'replace', 'replace', cutOff(NONE), 'replaced'],
    ['come to, and never heard of', 'replace', 'replace', cutOff(written('replace?')), 'not-known'],
    ['put back before it was cut off', 'recreate', 'delete create', cutOff(written('replace')), 'as-before'],
    ['settled before it was cut off', 'replace', 'replace?', cutOff(written('replace')), 'as-before'],
    ['taken away before it was cut off', 'create', 'create', cutOff(written('delete')), 'as-before'],
    ['deleted, not made again', 'replace', 'replace', cutOff(written('delete')), 'deleted'],
    ['made again', 'delete', 'delete', cutOff(written('create')), 'as-before'],
  ] as const) {
    test(`${what}: ${state}`, () => {
      const line = `${action} deployment.apps/cart: ${state}`;
      assert.deepEqual(stateOf(planTo(action), written(forth), back), [line]);
    });
  }

  test("the restore's record of Helm's, which says failed, stays", () => {
    const back = over(written(''));
    const [record] = stateOf(planTo(), written('create replace', RECORD), back);
    assert.equal(record, 'create secret/sh.helm.release.v1.cart.v3: created');
  });
});
