import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MODULE_URL } from '../../../scripts/build/bundle.ts';

test('the address of the modules in an executable is an absolute path on every system', () => {
  assert.equal(fileURLToPath(MODULE_URL, { windows: true }), 'C:\\memcached-backup\\');
  assert.equal(fileURLToPath(MODULE_URL, { windows: false }), '/C:/memcached-backup/');
});
