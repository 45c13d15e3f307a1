import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saidText, settingText } from '../../../src/output/setting-text.ts';

test('a size is said as people say it beside what memcached says, any other value is as it is', () => {
  assert.equal(settingText('maxbytes', '67108864'), '67108864 (64 MiB)');
  assert.equal(settingText('item_size_max', '1048576'), '1048576 (1 MiB)');
  assert.equal(settingText('slab_chunk_max', '524288'), '524288 (512 KiB)');
  assert.equal(settingText('maxbytes', '1610612736'), '1610612736 (1.5 GiB)');
  for (const value of ['512', '', '-1', 'NULL', '9'.repeat(16)])
    assert.equal(settingText('maxbytes', value), value);
  assert.equal(settingText('maxconns', '1024'), '1024');
});

test('pods that disagree are counted', () => {
  const say = (...values: string[]) => values.map((value, index) => ({ value, pods: index + 1 }));
  assert.equal(saidText('maxbytes', say('67108864')), '67108864 (64 MiB)');
  assert.equal(
    saidText('maxbytes', say('67108864', '33554432')),
    '67108864 (64 MiB, 1 pod), 33554432 (32 MiB, 2 pods)',
  );
  assert.equal(saidText('maxconns', say('10', '20')), '10 (1 pod), 20 (2 pods)');
  assert.equal(saidText('maxconns', []), '');
});
