import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExitCode } from '../../../src/errors/exit-code.ts';
import { openMemcached } from '../../../src/memcached/memcached-client.ts';
import { scripted } from './scripted-stream.ts';

test('version and settings share one round trip', async () => {
  const { stream, written, reply } = scripted();
  const client = openMemcached(stream);
  const both = Promise.all([client.version(), client.stats('settings')]);
  assert.equal(written(), 'version\r\nstats settings\r\n');
  reply(
    'VERSION 1.6.39\r\nSTAT maxbytes 67108864\r\nSTAT domain_socket NULL\r\nSTAT stat_key_prefix :\r\nEND\r\n',
  );
  assert.deepEqual(await both, [
    '1.6.39',
    { maxbytes: '67108864', domain_socket: 'NULL', stat_key_prefix: ':' },
  ]);
});

test('a setting may be empty, hold spaces, or be called like a property of every object', async () => {
  const { stream } = scripted(() => 'STAT memory_file \r\nSTAT inter a b\r\nSTAT __proto__ x\r\nEND\r\n');
  const stats = await openMemcached(stream).stats('settings');
  assert.deepEqual(Object.entries(stats), [
    ['memory_file', ''],
    ['inter', 'a b'],
    ['__proto__', 'x'],
  ]);
});

test('a server that wants a user and gets none: authentication', async () => {
  const { stream } = scripted(() => 'CLIENT_ERROR unauthenticated\r\n');
  await assert.rejects(openMemcached(stream, { name: 'pod/a' }).version(), {
    reason: 'authentication',
    message: 'memcached of pod/a wants a user and a password',
    exitCode: ExitCode.incomplete,
  });
  assert.equal(stream.destroyed, true);
});

test('given a user, the client says so once, before any command but the first is sent, and asks again', async () => {
  let loggedIn = false;
  const { stream, written } = scripted((text) => {
    if (text.startsWith('set ')) {
      loggedIn = true;
      return 'STORED\r\n';
    }
    if (!loggedIn) return 'CLIENT_ERROR unauthenticated\r\n';
    return text === 'version\r\n' ? 'VERSION 1.6.39\r\n' : 'STAT a b\r\nEND\r\n';
  });
  const client = openMemcached(stream, { credentials: { username: 'üser', password: 'pass word' } });
  assert.deepEqual(await Promise.all([client.version(), client.stats()]), ['1.6.39', { a: 'b' }]);
  const user = Buffer.from('üser').toString('latin1');
  assert.equal(written(), `version\r\nset auth 0 0 15\r\n${user} pass word\r\nversion\r\nstats\r\n`);
});

test('a wrong password is an authentication error, and does not appear in it', async () => {
  const { stream } = scripted((text) =>
    text.startsWith('set ') ? 'CLIENT_ERROR authentication failure\r\n' : 'CLIENT_ERROR unauthenticated\r\n',
  );
  const client = openMemcached(stream, { credentials: { username: 'u', password: 'hunter2' } });
  await assert.rejects(client.version(), (error: Error & { reason: string }) => {
    assert.equal(error.reason, 'authentication');
    assert.doesNotMatch(String(error.stack), /hunter2/);
    return true;
  });
});

test('credentials are not sent to a server that asks for none', async () => {
  const { stream, written } = scripted(() => 'VERSION 1.6.39\r\n');
  await openMemcached(stream, { credentials: { username: 'u', password: 'p' } }).version();
  assert.equal(written(), 'version\r\n');
});

test('no answer in time: silent, for every command under way', async () => {
  const { stream } = scripted();
  const client = openMemcached(stream, { timeoutMs: 20 });
  const [version, stats] = await Promise.allSettled([client.version(), client.stats('settings')]);
  for (const outcome of [version, stats]) {
    assert.equal(outcome.status, 'rejected');
    assert.equal((outcome.reason as { reason: string }).reason, 'silent');
  }
  await assert.rejects(client.version(), { reason: 'silent' });
});

test('a server without free connections: busy', async () => {
  const { stream, reply } = scripted();
  const client = openMemcached(stream);
  reply('ERROR Too many open connections\r\n', null);
  await assert.rejects(client.version(), { reason: 'busy' });
});

test('a closed connection: refused, with the cause in the message', async () => {
  const { stream } = scripted();
  const client = openMemcached(stream, { name: 'pod/a' });
  stream.destroy(new Error('connect: connection refused'));
  await assert.rejects(client.version(), {
    reason: 'refused',
    message: 'memcached of pod/a gave no answer: connect: connection refused',
  });
});

test('another protocol is named by its first words, control characters made harmless', async () => {
  const { stream } = scripted(() => '+OK \u001b[31mred\u0007\r\n');
  await assert.rejects(openMemcached(stream).version(), {
    reason: 'protocol',
    message: 'memcached answered "version" with something else: +OK ?[31mred?',
  });
});

test('an answer without an end is cut off', async () => {
  const { stream } = scripted(() => 'STAT a b\r\n'.repeat(20_000));
  await assert.rejects(openMemcached(stream).stats('settings'), { reason: 'protocol' });
});

function fakeServer(answers: { add?: string; get?: (value: string) => string; delete?: string } = {}) {
  let value = '';
  return scripted((text) => {
    if (text.startsWith('version')) return 'VERSION 1.6.39\r\n';
    if (text.startsWith('add ')) {
      value = text.split('\r\n')[1] ?? '';
      return answers.add ?? 'STORED\r\n';
    }
    if (text.startsWith('get ')) {
      const found = answers.get?.(value) ?? value;
      return found === ''
        ? 'END\r\n'
        : `VALUE ${text.slice(4).trim()} 0 ${found.length}\r\n${found}\r\nEND\r\n`;
    }
    return answers.delete ?? 'DELETED\r\n';
  });
}

test('the canary stores, reads back and deletes an item of its own that would expire by itself', async () => {
  const { stream, written } = fakeServer();
  assert.deepEqual(await openMemcached(stream).canary(), { stored: true, readBack: true, deleted: true });
  const [, key] = /add (\S+) 0 60 32\r\n/.exec(written()) ?? [];
  assert.match(key ?? '', /^memcached-backup-canary-[0-9a-f]{24}$/);
  assert.ok(written().includes(`delete ${key}\r\n`));
});

test('the canary asks all at once, so that it takes one round trip', async () => {
  let sent = '';
  const { stream } = scripted((text) => {
    if (text.startsWith('version')) return 'VERSION 1.6.39\r\n';
    sent += text;
    const [, value] = /^add \S+ 0 60 32\r\n(\S+)\r\nget (\S+)\r\ndelete \2\r\n$/.exec(sent) ?? [];
    return value && `STORED\r\nVALUE x 0 32\r\n${value}\r\nEND\r\nDELETED\r\n`;
  });
  assert.deepEqual(await openMemcached(stream).canary(), { stored: true, readBack: true, deleted: true });
});

test('the canary says which step failed, and why', async () => {
  const full = fakeServer({ add: 'SERVER_ERROR out of memory storing object\r\n' });
  assert.deepEqual(await openMemcached(full.stream).canary(), {
    stored: false,
    readBack: false,
    deleted: false,
    refusal: 'SERVER_ERROR out of memory storing object',
  });
  const changed = fakeServer({ get: (value) => value.replace(/^./, 'x') });
  assert.deepEqual(await openMemcached(changed.stream).canary(), {
    stored: true,
    readBack: false,
    deleted: true,
    refusal: 'another value was read back',
  });
});
