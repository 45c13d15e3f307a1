import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ToolError } from '../../../../src/errors/tool-error.ts';
import { undoneError } from '../../../../src/restore/undo/undo-failed.ts';
import { spelled } from '../../spelled.ts';

const scope = {
  store: { location: './memcached-backups', flags: [] },
  address: { cluster: '3f6c2a10', namespace: 'shop', release: 'cart' },
  clusterName: undefined,
};
const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'cart' };
const down = { ref, done: false, message: '0 of 1 pods are available', obstacles: ['pod/cart-1: OOMKilled'] };
const cause = new ToolError('service/cart is invalid', { next: 'fix it' });
const failure = new ToolError(cause.message, { next: 'to go on: restore; to go back: undo', cause });

describe('a restore that failed and was undone by itself', () => {
  test('advises what its cause does, and no undo of what is undone', () => {
    const error = undoneError(failure, { stays: [], missing: [], rollouts: [] }, scope);
    assert.equal(error.message, 'the restore of cart failed and was undone: service/cart is invalid');
    assert.equal(error.untouched, 'the release is as it was before the restore');
    assert.equal(error.next, 'fix it');
    const unknown = new ToolError('lost', { next: 'to go back: undo', cause: new Error('lost') });
    assert.equal(undoneError(unknown, { stays: [], missing: [], rollouts: [] }, scope).next, undefined);
  });

  test('says which pods were up before and do not come up again, and that undo completes it', () => {
    const error = undoneError(failure, { stays: [], missing: [down], rollouts: [down] }, scope);
    assert.equal(
      error.message,
      'the restore of cart failed (service/cart is invalid), and after its undo the pods do not come up: 0 of 1 pods are available, pod/cart-1: OOMKilled',
    );
    assert.equal(error.untouched, 'each object is as it was before the restore');
    assert.equal(spelled(error.next), 'once the cause is gone: kubectl memcached-backup undo cart -n shop');
  });

  test('is complete where those pods were not up before either, and says so', () => {
    const stays = [{ what: 'persistentvolumeclaim/kept', why: 'a claim' }];
    const error = undoneError(failure, { stays, missing: [], rollouts: [down] }, scope);
    assert.equal(
      error.untouched,
      'the release is as it was before the restore, but for persistentvolumeclaim/kept (a claim); its pods are not up, as they were not then: 0 of 1 pods are available, pod/cart-1: OOMKilled',
    );
    assert.equal(error.next, 'fix it');
  });
});
