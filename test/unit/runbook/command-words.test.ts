import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { helm, kubectl, tool } from '../../../src/advice/command.ts';
import { PLAIN_SPELLING, spellCommand } from '../../../src/advice/spell.ts';
import { NO_CONNECTION_FLAGS } from '../../../src/cli/connection-flags.ts';
import { spellingOf } from '../../../src/cli/spelling.ts';
import type { ConnectionFlags } from '../../../src/kube/connection-flags.ts';
import { commandWords } from '../../../src/runbook/command-words.ts';

const REACHED = { spelling: PLAIN_SPELLING, contextName: 'prod', again: [] };
const FOLDER = { location: '/srv/backups', flags: [] };

describe('the cluster is named', () => {
  const said = (flags: Partial<ConnectionFlags>, contextName = 'prod') => {
    const spelling = spellingOf({}, { ...NO_CONNECTION_FLAGS, ...flags });
    const how = commandWords(FOLDER, { ...REACHED, spelling, contextName });
    return [tool('list'), kubectl('get', 'pods'), helm('list')].map((each) =>
      spellCommand(each, how.spelling),
    );
  };
  test('by its context, also where that is the current one of whoever writes', () => {
    assert.deepEqual(said({}, "it's"), [
      "kubectl memcached-backup --context 'it'\\''s' list",
      "kubectl --context 'it'\\''s' get pods",
      "helm --kube-context 'it'\\''s' list",
    ]);
  });
  test('as it was given', () => {
    for (const [name, value] of Object.entries({ context: 'dev', server: 'https://x', cluster: 'c' }))
      assert.equal(
        said({ [name]: value, as: 'ann' })[0],
        `kubectl memcached-backup --${name} ${value} --as ann list`,
      );
  });
  test('not in a pod, nor where flags alone lead to it', () => {
    assert.equal(said({}, 'in-cluster')[0], 'kubectl memcached-backup list');
    assert.equal(said({}, '')[0], 'kubectl memcached-backup list');
  });
});

describe('the store is named', () => {
  test('a folder by its absolute path, be it the default', () => {
    const { store, scheduleStore } = commandWords({ location: './memcached-backups', flags: [] }, REACHED);
    assert.deepEqual(store, ['--store', resolve('./memcached-backups')]);
    assert.deepEqual(scheduleStore, ['--store', 'pvc://memcached-backups']);
  });
  test('a bucket with the server that only the environment names', () => {
    const s3 = { location: 's3://b/f', flags: ['--store', 's3://b/f'] };
    const { store, scheduleStore } = commandWords(s3, { ...REACHED, s3Endpoint: 'http://s3.example:9000' });
    assert.equal(store.join(' '), '--store s3://b/f --s3-endpoint http://s3.example:9000');
    assert.deepEqual(scheduleStore, store);
    assert.deepEqual(commandWords(s3, REACHED).store, s3.flags);
  });
  test('once with the server that a flag or a schedule names', () => {
    const flags = ['--store', 's3://b', '--s3-endpoint', 'http://a', '--s3-sse', 'AES256'];
    assert.deepEqual(
      commandWords({ location: 's3://b', flags }, { ...REACHED, s3Endpoint: 'http://a' }).store,
      flags,
    );
  });
  test('a repository without the server of a bucket', () => {
    const git = { location: 'git+ssh://h/b.git', flags: ['--store', 'git+ssh://h/b.git'] };
    assert.deepEqual(commandWords(git, { ...REACHED, s3Endpoint: 'http://a' }).store, git.flags);
  });
  test('with the key and the cluster’s folder that were given', () => {
    const { key, store } = commandWords(
      { ...FOLDER, keyFlags: ['--identity', '/keys/a'] },
      { ...REACHED, clusterName: 'eu' },
    );
    assert.deepEqual(key, ['--identity', '/keys/a']);
    assert.equal(store.join(' '), '--store /srv/backups --cluster-name eu');
  });
});
