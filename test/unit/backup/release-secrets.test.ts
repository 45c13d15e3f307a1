import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SecretsOfMany, secretsOfLive } from '../../../src/backup/release-secrets.ts';
import { aLiveRelease } from '../../support/live-release.ts';

const VALUES = ['hunter22', 'wishlist', 'tr0ub4dor'];

function released(release: string, secretValues: readonly string[]) {
  return { ...aLiveRelease([], { release }), secretValues };
}

test('of releases of one namespace, what its Secrets hold is brought by the first', () => {
  const secrets = new SecretsOfMany();
  assert.deepEqual(secrets.of(released('cart', VALUES)), VALUES);
  assert.deepEqual(secrets.of(released('orders', VALUES)), []);
  assert.deepEqual(secrets.of(released('orders', ['another'])), ['another']);
});

test('a value that is a name of one release is brought by the next that is not called so, as each by itself would', () => {
  const releases = ['wishlist', 'cart', 'orders'].map((name) => released(name, VALUES));
  const secrets = new SecretsOfMany();
  const brought = releases.map((release) => secrets.of(release));
  assert.deepEqual(brought, [['hunter22', 'tr0ub4dor'], ['wishlist'], []]);
  assert.deepEqual(new Set(brought.flat()), new Set(releases.flatMap(secretsOfLive)));
});
