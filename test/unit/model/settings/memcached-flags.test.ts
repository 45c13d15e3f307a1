import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingsOfFlags } from '../../../../src/model/settings/memcached-flags.ts';

function settings(...words: string[]): Record<string, string> {
  return Object.fromEntries(settingsOfFlags(words));
}

test('a flag and its value are read from one word, two words, or attached', () => {
  for (const words of [['-m', '96'], ['-m 96'], ['-m96'], ['--memory-limit=96'], ['--memory-limit', '96']]) {
    assert.deepEqual(settings('memcached', ...words), { maxbytes: '100663296' }, words.join(' | '));
  }
});

test('the start of a long flag is enough where only one fits', () => {
  assert.deepEqual(settings('--memory-l=96'), { maxbytes: '100663296' });
  assert.deepEqual(settings('--memory=96'), {}, 'memory-limit and memory-file both fit');
});

test('the last of a repeated flag counts, and several -o accumulate', () => {
  assert.deepEqual(
    settings('-m', '64', '-o', 'hashpower=18', '-m', '32', '-o', 'idle_timeout=5,no_lru_crawler'),
    {
      maxbytes: '33554432',
      hashpower_init: '18',
      idle_timeout: '5',
      lru_crawler: 'no',
    },
  );
});

test('numbers end where memcached stops reading them', () => {
  assert.deepEqual(settings('-m', '256mb', '-c', ' 2048'), { maxbytes: '268435456', maxconns: '2048' });
  assert.equal(settings('-m', '1g').maxbytes, '1048576');
});

test('letters can share one word, the last with its value', () => {
  assert.deepEqual(settings('-CvFm96'), {
    cas_enabled: 'no',
    verbosity: '1',
    flush_enabled: 'no',
    maxbytes: '100663296',
  });
  assert.equal(settings('-vv', '-v').verbosity, '3');
});

test('item sizes take k and m', () => {
  assert.equal(settings('-I', '2m').item_size_max, '2097152');
  assert.equal(settings('-I', '512K').item_size_max, '524288');
  assert.equal(settings('-I', '4096').item_size_max, '4096');
});

test('listen addresses add up, without repeats', () => {
  assert.equal(settings('-l', '127.0.0.1', '-l', '::1', '-l', '::1').inter, '127.0.0.1,::1');
});

test('flags without a setting, unknown flags and what follows "--" say nothing', () => {
  assert.deepEqual(
    settings('-k', '-L', '-u', 'nobody', '-d', '--surprise=1', '-o', 'modern', '--', '-m', '1'),
    {},
  );
});

test('an option named like a property of every object is no setting', () => {
  assert.deepEqual(settings('-o', 'constructor=1,toString'), {});
});
