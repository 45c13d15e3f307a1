import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pushPath } from '../../../../src/model/metrics/push-path.ts';

test('each release has a group of its own', () => {
  assert.equal(
    pushPath({ namespace: 'shop', release: 'cart.v2' }),
    '/metrics/job/memcached-backup/namespace/shop/release/cart.v2',
  );
});

test('what would be another path is spelled in base64', () => {
  assert.equal(pushPath({ namespace: 'a/b' }), '/metrics/job/memcached-backup/namespace@base64/YS9i');
  assert.equal(pushPath({ namespace: '' }), '/metrics/job/memcached-backup/namespace@base64/=');
  assert.equal(pushPath({ namespace: '..' }), '/metrics/job/memcached-backup/namespace@base64/Li4');
});
