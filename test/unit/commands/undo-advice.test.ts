import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RestoreSource } from '../../../src/backup/source.ts';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { assertUndoable } from '../../../src/restore/undo/undo-journal.ts';
import { spelled } from '../spelled.ts';
import { PLAN, startLine } from '../store/journal/sample-journal.ts';

const scope = {
  store: { location: './memcached-backups', flags: [] },
  address: { cluster: '3f6c2a10', namespace: 'shop', release: 'cart' },
  clusterName: undefined,
};
const MOVED = 'service/cart was changed since the restore';
const WEBHOOK =
  'deployment.apps/cart: Error from server (Forbidden): admission webhook "deny.example.org" denied the request: no';

/** What is advised where these are in the way of an undo. */
function advice(...refusals: string[]): string {
  return adviceFor({}, refusals);
}

const SAFETY = {
  id: '20261122T095900Z',
  location: '/anywhere/3f6c2a10/shop/cart/x',
  digest: 'ab'.repeat(32),
};

/** @param source the state before, as it was found. */
function adviceFor(source: Pick<RestoreSource, 'store'>, refusals: string[]): string {
  const moved = refusals.filter((refusal) => refusal === MOVED);
  const planned = { plan: { ...PLAN, refusals }, moved, source };
  try {
    assertUndoable(
      planned,
      { start: { ...startLine(), safety: source.store === undefined ? null : SAFETY } },
      scope,
    );
  } catch (error) {
    assert.ok(error instanceof ToolError);
    assert.equal(error.untouched, 'the cluster was not changed by the undo');
    return spelled(error.next);
  }
  return 'nothing is in the way';
}

describe('what is advised where a restore can not be undone as a whole', () => {
  test('is undo again once a webhook is out of the way: a restore would meet it too', () => {
    assert.equal(
      advice(WEBHOOK),
      'once admission webhook deny.example.org is out of the way, this completes it: kubectl memcached-backup undo cart -n shop',
    );
    assert.match(
      advice('configmap/cart: quota exceeded'),
      /^once that is out of the way.*: kubectl .* undo cart/,
    );
  });

  test('is undo too where somebody changed something as well: only then is it known what is left', () => {
    assert.match(
      advice(MOVED, WEBHOOK),
      /^once admission webhook deny\.example\.org .*, to see what is left to do: .* undo/,
    );
  });

  test('is the state before where nothing but a change is in the way', () => {
    assert.match(advice(MOVED), /restore the state from before|there was no release before/);
    assert.equal(advice(), 'nothing is in the way');
  });

  test('and names the store that the safety backup was found in, which may be the state folder', () => {
    const fallback = { location: '/home/me/state', flags: ['--store', '/home/me/state'] };
    assert.match(
      adviceFor({ store: fallback }, [MOVED]),
      /restore cart@20261122T095900Z -n shop --store \/home\/me\/state$/,
    );
  });
});
