import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { commandWords } from '../../../src/runbook/command-words.ts';

const REACHED = { invocation: 'kubectl memcached-backup', contextName: 'prod', again: '' };
const FOLDER = { location: '/srv/backups', flags: [] };

describe('the cluster is named', () => {
  const said = (invocation: string, contextName = 'prod') =>
    commandWords(FOLDER, { ...REACHED, invocation, contextName }).invocation;
  test('by its context, also where that is the current one of whoever writes', () => {
    assert.equal(said('kubectl memcached-backup'), 'kubectl memcached-backup --context prod');
    assert.equal(said('helm memcached-backup', "it's"), "helm memcached-backup --context 'it'\\''s'");
  });
  test('as it was given', () => {
    for (const flags of ['--context dev', '--server https://x', '--cluster c'])
      assert.equal(
        said(`kubectl memcached-backup ${flags} --as ann`),
        `kubectl memcached-backup ${flags} --as ann`,
      );
  });
  test('not in a pod, nor where flags alone lead to it', () => {
    assert.equal(said('kubectl memcached-backup', 'in-cluster'), 'kubectl memcached-backup');
    assert.equal(said('kubectl memcached-backup', ''), 'kubectl memcached-backup');
  });
});

describe('the store is named', () => {
  test('a folder by its absolute path, be it the default', () => {
    const { store, scheduleStore } = commandWords({ location: './memcached-backups', flags: [] }, REACHED);
    assert.equal(store, ` --store ${resolve('./memcached-backups')}`);
    assert.equal(scheduleStore, ' --store pvc://memcached-backups');
  });
  test('a bucket with the server that only the environment names', () => {
    const s3 = { location: 's3://b/f', flags: ['--store', 's3://b/f'] };
    const { store, scheduleStore } = commandWords(s3, { ...REACHED, s3Endpoint: 'http://s3.example:9000' });
    assert.equal(store, ' --store s3://b/f --s3-endpoint http://s3.example:9000');
    assert.equal(scheduleStore, store);
    assert.equal(commandWords(s3, REACHED).store, ' --store s3://b/f');
  });
  test('once with the server that a flag or a schedule names', () => {
    const flags = ['--store', 's3://b', '--s3-endpoint', 'http://a', '--s3-sse', 'AES256'];
    assert.equal(
      commandWords({ location: 's3://b', flags }, { ...REACHED, s3Endpoint: 'http://a' }).store,
      ` ${flags.join(' ')}`,
    );
  });
  test('a repository without the server of a bucket', () => {
    const git = { location: 'git+ssh://h/b.git', flags: ['--store', 'git+ssh://h/b.git'] };
    assert.equal(commandWords(git, { ...REACHED, s3Endpoint: 'http://a' }).store, ` ${git.flags.join(' ')}`);
  });
  test('with the key and the cluster’s folder that were given', () => {
    const { key, store } = commandWords(
      { ...FOLDER, keyFlags: ['--identity', '/keys/a'] },
      { ...REACHED, clusterName: 'eu' },
    );
    assert.equal(key, ' --identity /keys/a');
    assert.equal(store, ' --store /srv/backups --cluster-name eu');
  });
});
