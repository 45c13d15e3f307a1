import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingChanges } from '../../../src/model/settings/setting-changes.ts';
import { settingChangeLines } from '../../../src/output/setting-changes-text.ts';
import { aDeployment, withContainer } from '../../support/objects.ts';
import { podSettings, silentPod } from '../../support/pod-settings.ts';

const CART = withContainer(aDeployment('cart'), { args: ['-m', '8', '-c', '16'] }).object;
const lines = (...given: Parameters<typeof settingChanges>) => settingChangeLines(settingChanges(...given));

test('what a backup changes of the settings stands as now → then, and only that', () => {
  const then = podSettings('cart-1', { stats: { maxbytes: '67108864', maxconns: '256', verbosity: '0' } });
  const now = podSettings('cart-2', { stats: { maxbytes: '8388608', maxconns: '256', verbosity: '0' } });
  assert.deepEqual(lines([then], [now], [CART]), [
    'Settings of memcached, now → at the backup:',
    '  maxbytes: 8388608 (8 MiB) → 67108864 (64 MiB)',
  ]);
  assert.deepEqual(lines([then], [then], [CART]), ['No setting of memcached is known to differ.']);
});

test('of pods that do not answer, what their workload asks for counts', () => {
  const then = podSettings('cart-1', { stats: { maxbytes: '8388608', maxconns: '256' } });
  assert.deepEqual(lines([then], [silentPod('cart-2')], [CART]), [
    'Settings of memcached, now → at the backup:',
    '  maxconns: 16, no pod answers → 256',
  ]);
});
