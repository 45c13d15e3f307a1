import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemcachedError } from '../../../src/memcached/memcached-error.ts';
import { TextReader } from '../../../src/memcached/text-reader.ts';
import { MAX_MEMCACHED_ANSWER } from '../../../src/model/json/limits.ts';
import { scripted } from './scripted-stream.ts';

const soon = () => performance.now() + 1000;

function hasReason(reason: MemcachedError['reason']) {
  return (error: MemcachedError) => error.reason === reason;
}

test('lines come out whole however the packets are cut', async () => {
  const { stream, reply } = scripted();
  const reader = new TextReader(stream);
  reply('VER', 'SION 1', '.6\r', '\nSTAT a b\r\nEND', '\r\n');
  assert.deepEqual(
    [await reader.line(soon()), await reader.line(soon()), await reader.line(soon())],
    ['VERSION 1.6', 'STAT a b', 'END'],
  );
});

test('a line may end in a bare newline, and be empty', async () => {
  const { stream, reply } = scripted();
  const reader = new TextReader(stream);
  reply('key=a\n\r\nEND\r\n');
  assert.deepEqual(
    [await reader.line(soon()), await reader.line(soon()), await reader.line(soon())],
    ['key=a', '', 'END'],
  );
});

test('a block of bytes may hold line ends, and what follows is read on', async () => {
  const { stream, reply } = scripted();
  const reader = new TextReader(stream);
  reply('a\r\n', 'b\n\r\nEND\r\n');
  assert.equal(String(await reader.bytes(5, soon())), 'a\r\nb\n');
  assert.equal(await reader.line(soon()), '');
  assert.equal(await reader.line(soon()), 'END');
});

test('silence ends at the deadline', async () => {
  const { stream, reply } = scripted();
  const reader = new TextReader(stream);
  reply('no end of line');
  await assert.rejects(reader.line(performance.now() + 20), hasReason('silent'));
});

test('the end of the connection is told from silence, and keeps its cause', async () => {
  const ended = scripted();
  ended.reply('half a line', null);
  await assert.rejects(new TextReader(ended.stream).line(soon()), hasReason('refused'));

  const broken = scripted();
  const reader = new TextReader(broken.stream);
  broken.stream.destroy(new Error('connection refused in the pod'));
  await assert.rejects(reader.line(soon()), { reason: 'refused', message: 'connection refused in the pod' });
});

test('a line without an end is cut off before it fills memory', async () => {
  const { stream, reply } = scripted();
  const reader = new TextReader(stream);
  reply('x'.repeat(70_000));
  await assert.rejects(reader.line(soon()), hasReason('protocol'));
});

test('an answer without an end is read so far: by its bytes, however short its lines', async () => {
  const { stream, reply } = scripted();
  const reader = new TextReader(stream);
  const line = `${'x'.repeat(8190)}\r\n`;
  const lines = MAX_MEMCACHED_ANSWER / line.length;
  for (let i = 0; i < 2 * lines + 1; i++) reply(line);
  const readLines = async (count: number) => {
    for (let i = 0; i < count; i++) await reader.line(soon());
  };
  await readLines(Math.floor(lines));
  reader.beginAnswer();
  await readLines(Math.floor(lines));
  await assert.rejects(reader.line(soon()), hasReason('protocol'));
  await assert.rejects(reader.bytes(MAX_MEMCACHED_ANSWER + 1, soon()), hasReason('protocol'));
});

test('a server that never stops to send is not read on after the deadline', async () => {
  const { stream, reply } = scripted();
  const reader = new TextReader(stream);
  reply('STAT a b\r\nSTAT a b\r\n');
  assert.equal(await reader.line(soon()), 'STAT a b');
  await assert.rejects(reader.line(performance.now() - 1), hasReason('silent'));
});
