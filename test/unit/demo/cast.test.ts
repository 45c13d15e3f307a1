import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CastRecorder } from '../../../scripts/demo/cast.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { parseCommandLine } from '../../../src/cli/parse-command-line.ts';

const FILE = readFileSync(join(import.meta.dirname, '../../../docs/session.cast'), 'utf8');

interface Cast {
  header: { version: number; width: number; height: number };
  events: [seconds: number, code: string, text: string][];
}

/** asciicast v2: a header, then an event a line. */
function parseCast(text: string): Cast {
  const [header, ...events] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { header, events };
}

function assertInOrder({ events }: Cast): void {
  const times = events.map(([seconds]) => seconds);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
}

test('docs/session.cast is one that asciinema plays, of less than a minute', () => {
  const cast = parseCast(FILE);
  assert.equal(cast.header.version, 2);
  assert.ok(cast.header.width === 80 && cast.header.height <= 30);
  for (const [seconds, code, text] of cast.events)
    assert.deepEqual([typeof seconds, code, typeof text], ['number', 'o', 'string']);
  assertInOrder(cast);
  const [last = 0] = cast.events.at(-1) ?? [];
  assert.ok(last > 20 && last <= 60, `${last} s`);
});

test('docs/session.cast shows commands that there are, and that both restores were proved', () => {
  const shown = parseCast(FILE)
    .events.map(([, , text]) => text)
    .join('');
  const calls = [...shown.matchAll(/^\$ kubectl memcached-backup (.+)\r$/gm)].map(([, words = '']) =>
    words.split(' '),
  );
  assert.deepEqual(
    calls.map((argv) => parseCommandLine(argv, COMMANDS, []).command?.name),
    ['backup', 'restore', 'restore'],
  );
  assert.equal(shown.match(/Restored my-memcached to \w+, and proved it/g)?.length, 2);
});

test('docs/session.cast holds no path of the machine that it was made on', () => {
  assert.doesNotMatch(FILE, /\/(?:tmp|root|home|var|work)\//);
});

test('a recording goes by at the pace of what is shown, and faster where that is long', () => {
  const recorder = new CastRecorder();
  recorder.type('a\nb');
  recorder.play([
    { ms: 100, text: 'soon' },
    { ms: 60_000, text: 'late' },
  ]);
  recorder.play([{ ms: 200, text: 'next' }]);
  const cast = parseCast(recorder.file({ columns: 80, rows: 24, title: 'x' }));
  assertInOrder(cast);
  assert.equal(cast.events.map(([, , text]) => text).join(''), '$ a\r\nb\r\nsoonlatenext');
  const at = (wanted: string) => cast.events.find(([, , text]) => text === wanted)?.[0] ?? Number.NaN;
  assert.ok(at('late') - at('soon') < 4);
  assert.ok(Math.abs(at('next') - at('late') - 0.2) < 0.001);
});
