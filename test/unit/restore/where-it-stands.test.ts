import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ObjectRef } from '../../../src/model/kubernetes/object.ts';
import type { Action, Plan } from '../../../src/model/plan/plan.ts';
import type { JournaledWrite } from '../../../src/restore/journal/journaled-writes.ts';
import { whereItStands } from '../../../src/restore/where-it-stands.ts';
import { PLAN } from '../store/journal/sample-journal.ts';

const CART: ObjectRef = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'cart' };
const write = (action: JournaledWrite['action']): JournaledWrite => ({ action, ref: CART });
const planTo = (action: Action): Plan => ({
  ...PLAN,
  objects: [{ action, ref: CART, role: 'owned', reason: 'it differs', changes: [], checked: true }],
});

describe('where things stand, in words', () => {
  test('an object that was to be made again and is not yet is told from one that was to go', () => {
    const deleted = { done: [write('delete')], unsettled: [] };
    const half = 'written before that: deployment.apps/cart deleted, not made again yet';
    assert.equal(whereItStands(deleted, planTo('recreate')), `${half}; nothing else was changed`);
    assert.equal(
      whereItStands(deleted, planTo('delete')),
      'written before that: deployment.apps/cart deleted; nothing else was changed',
    );
  });

  test('what got no answer is not known, and not said to be missing', () => {
    assert.equal(
      whereItStands({ done: [write('delete')], unsettled: [write('create')] }, planTo('recreate')),
      'written before that: deployment.apps/cart deleted; not known, because no answer came: deployment.apps/cart (it was to be created); nothing else was changed',
    );
  });

  test('nothing', () => {
    assert.equal(whereItStands({ done: [], unsettled: [] }, planTo('replace')), 'no object was changed');
  });
});
