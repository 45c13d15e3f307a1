import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { InterruptedError } from '../../../src/errors/tool-error.ts';
import type { IO } from '../../../src/output/io.ts';
import { createTerminalIO } from '../../../src/output/terminal-io.ts';

interface Setup {
  io: IO;
  /** What was written so far. */
  out(): string;
  err(): string;
  type(text: string): void;
  streams: { stdin: Stream; stdout: Stream; stderr: Stream };
}
type Stream = PassThrough & { isTTY?: boolean };

async function setUp(options: {
  tty: boolean;
  env?: NodeJS.ProcessEnv;
  color?: boolean;
  signal?: AbortSignal;
}): Promise<Setup> {
  const [stdin, stdout, stderr] = [0, 1, 2].map(() =>
    Object.assign(new PassThrough(), { isTTY: options.tty }),
  );
  assert.ok(stdin && stdout && stderr);
  const { color, signal, env = {} } = options;
  const io = await createTerminalIO({ stdin, stdout, stderr, env, color, signal });
  const texts = { out: '', err: '' };
  stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString()));
  stderr.on('data', (chunk: Buffer) => (texts.err += chunk.toString()));
  return {
    io,
    out: () => texts.out,
    err: () => texts.err,
    type: (text) => void stdin.write(text),
    streams: { stdin, stdout, stderr },
  };
}

test('data goes to standard output, messages to standard error', async () => {
  const { io, out, err } = await setUp({ tty: false });
  io.out('data');
  io.say('message');
  io.warn('careful');
  assert.equal(out(), 'data\n');
  assert.equal(err(), 'message\nWarning: careful\n');
});

test('secrets are masked on both, before control characters are escaped', async () => {
  const { io, out, err } = await setUp({ tty: true });
  io.mask(['hunter\u001b22']);
  io.out('v: hunter\u001b22');
  io.say('v: hunter\u001b22');
  assert.equal(out(), 'v: ***\n');
  assert.equal(err(), 'v: ***\n');
});

test('no control character leaves, on a terminal or in a pipe that may lead to one', async () => {
  for (const tty of [false, true]) {
    const { io, out } = await setUp({ tty });
    io.outText('\u001b[2J\tx\r\n\u202ey\n');
    assert.equal(out(), '\\u001b[2J\tx\\u000d\n\\u202ey\n');
  }
});

test('a result is one line, whatever it holds', async () => {
  for (const env of [{ TERM: 'xterm' }, { NO_COLOR: '1' }]) {
    const { io, out } = await setUp({ tty: true, env });
    io.out(`${io.outStyle.green('role/a\nrole/b')} created\tnow\u001b[A`);
    const plain = out().replace('\u001b[32m', '').replace('\u001b[39m', '');
    assert.equal(plain, 'role/a\\nrole/b created\\tnow\\u001b[A\n');
  }
});

test('messages never carry control characters of others, not even colours, while ours work', async () => {
  const { io, err } = await setUp({ tty: true, env: { TERM: 'xterm' } });
  io.say(`${io.style.red('bad \u001b[32mgreen')} \u001b[31mred`);
  assert.equal(err(), '\u001b[31mbad \\u001b[32mgreen\u001b[39m \\u001b[31mred\n');
});

test('styles may be nested', async () => {
  const { io, err } = await setUp({ tty: true });
  io.say(io.style.bold(`a ${io.style.green('b')} c`));
  assert.equal(err(), '\u001b[1ma \u001b[32mb\u001b[39m c\u001b[22m\n');
});

test('text for messages that is printed as data has no colours', async () => {
  const { io, out } = await setUp({ tty: true });
  io.out(`${io.style.red('replace')} \u001b[31mx`);
  assert.equal(out(), 'replace \\u001b[31mx\n');
});

test('data has its own colours on a terminal, and the escape sequences of others are shown', async () => {
  const { io, out } = await setUp({ tty: true, env: { TERM: 'xterm' } });
  io.out(`${io.outStyle.red('-old \u001b[32m')}`);
  assert.equal(out(), '\u001b[31m-old \\u001b[32m\u001b[39m\n');
});

test('data that no terminal shows has no colours, whatever FORCE_COLOR says', async () => {
  for (const env of [{}, { FORCE_COLOR: '1' }]) {
    const { io, out } = await setUp({ tty: false, env });
    io.out(`${io.outStyle.red('-old')}`);
    assert.equal(out(), '-old\n');
  }
});

test('NO_COLOR takes the colours of data away too', async () => {
  const { io, out } = await setUp({ tty: true, env: { TERM: 'xterm', NO_COLOR: '1' } });
  io.out(`${io.outStyle.red('-old')}`);
  assert.equal(out(), '-old\n');
});

test('on a terminal what is to be read goes on in the next line, between words; data stays as it is', async () => {
  const { io, out, err, streams } = await setUp({ tty: true, color: false });
  Object.assign(streams.stdout, { columns: 40 });
  Object.assign(streams.stderr, { columns: 50 });
  const line = 'Note: a line that is longer than either of them is wide, by far';
  io.outProse(`${line}\n`);
  assert.equal(out(), 'Note: a line that is longer than either\n  of them is wide, by far\n');
  io.say(line);
  assert.equal(err(), 'Note: a line that is longer than either of them is\n  wide, by far\n');
  io.out(line);
  io.outText(`${line}\n`);
  assert.ok(out().endsWith(`\n${line}\n${line}\n`));
  assert.deepEqual([io.outColumns, io.columns], [40, 50]);
});

test('a secret is masked before a line is broken, which could break it', async () => {
  const { io, err, streams } = await setUp({ tty: true, color: false });
  Object.assign(streams.stderr, { columns: 40 });
  io.mask(['correct horse battery staple']);
  io.say('the password of the server is correct horse battery staple');
  assert.equal(err(), 'the password of the server is ***\n');
});

test('in a pipe no line is broken, however wide a terminal once was', async () => {
  const { io, out, err, streams } = await setUp({ tty: false });
  for (const stream of [streams.stdout, streams.stderr]) Object.assign(stream, { columns: 40 });
  const line = 'Note: a line that is longer than either of them is wide, by far';
  io.outProse(`${line}\n`);
  io.say(line);
  assert.equal(out() + err(), `${line}\n${line}\n`);
  assert.deepEqual([io.outColumns, io.columns], [undefined, undefined]);
});

test('a second line of a message can not pass for a message of its own', async () => {
  const { io, err } = await setUp({ tty: false });
  io.say('the server said: x\nerror: all is lost');
  assert.equal(err(), 'the server said: x\n  error: all is lost\n');
});

const colors: [string, boolean, { tty: boolean; env?: NodeJS.ProcessEnv; color?: boolean }][] = [
  ['on a terminal', true, { tty: true, env: { TERM: 'xterm-256color' } }],
  ['in a pipe', false, { tty: false, env: { TERM: 'xterm' } }],
  ['on a dumb terminal', false, { tty: true, env: { TERM: 'dumb' } }],
  ['with NO_COLOR', false, { tty: true, env: { NO_COLOR: '1', FORCE_COLOR: '1' } }],
  ['with an empty NO_COLOR', true, { tty: true, env: { NO_COLOR: '' } }],
  ['in a pipe with FORCE_COLOR', true, { tty: false, env: { FORCE_COLOR: '1' } }],
  ['with FORCE_COLOR=0', false, { tty: true, env: { FORCE_COLOR: '0' } }],
  ['switched off', false, { tty: true, color: false }],
];
for (const [where, expected, options] of colors) {
  test(`colour ${where}: ${expected ? 'yes' : 'no'}`, async () => {
    const { io, err } = await setUp(options);
    io.say(io.style.red('x'));
    assert.equal(err(), expected ? '\u001b[31mx\u001b[39m\n' : 'x\n');
  });
}

test('a screen is drawn anew as far as it goes, safely, and only where there is one', async () => {
  const { io, out, streams } = await setUp({ tty: true });
  Object.assign(streams.stdout, { rows: 4 });
  io.mask(['hunter22']);
  assert.equal(io.redraws, true);
  io.redraw('a hunter22\u001b\nb\n');
  assert.equal(out(), '\u001b[H\u001b[Ja ***\\u001b\nb\n');
  io.redraw('a\nb\nc\nd\ne\n');
  assert.equal(out().split('\u001b[H\u001b[J').at(-1), 'a\nb\n(3 more lines)\n');
  assert.equal((await setUp({ tty: false })).io.redraws, false);
  assert.equal((await setUp({ tty: true, env: { TERM: 'dumb' } })).io.redraws, false);
});

test('without a terminal progress prints nothing but the line it leaves', async () => {
  const { io, err } = await setUp({ tty: false });
  const progress = io.progress('reading');
  progress.update('still reading');
  progress.done('read 3 objects');
  assert.equal(err(), 'read 3 objects\n');
});

test('on a terminal progress shows its newest text, safely, and then takes it away', async () => {
  const { io, err, streams } = await setUp({ tty: true, color: false });
  Object.assign(streams.stderr, { columns: 80, clearLine() {}, cursorTo() {}, moveCursor() {} });
  io.mask(['hunter22']);
  const progress = io.progress('reading hunter22 \u001b[2J');
  await waitFor(() => err().includes('reading'));
  assert.match(err(), /reading \*\*\* \\u001b\[2J/);
  progress.update('writing');
  await waitFor(() => err().includes('writing'));
  progress.done('done');
  assert.match(err(), /done\n$/);
  const length = err().length;
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(err().length, length, 'the spinner stopped');
});

test('on a terminal of no width there is no spinner, which would clear lines for ever', async () => {
  const stream = () => Object.assign(new PassThrough(), { isTTY: true, columns: 0 });
  const [stdin, stdout, stderr] = [stream(), stream(), stream()];
  const io = await createTerminalIO({ stdin, stdout, stderr, env: {}, color: false });
  const progress = io.progress('reading');
  await new Promise((resolve) => setTimeout(resolve, 200));
  progress.done('read');
  assert.equal(stderr.read()?.toString(), 'read\n');
});

test('progress that ends before the spinner is loaded never shows', async () => {
  const { io, err } = await setUp({ tty: true });
  io.progress('quick').done();
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(err(), '');
});

for (const [typed, expected] of [
  ['y\r', true],
  ['YES\r', true],
  ['n\r', false],
  ['\r', false],
  ['yesterday\r', false],
  ['\u0004', false],
] as const) {
  test(`answering ${JSON.stringify(typed)} to a question is ${expected ? 'yes' : 'no'}`, async () => {
    const { io, err, out, type } = await setUp({ tty: true, color: false });
    assert.equal(io.interactive, true);
    const answer = io.confirm('Restart 3 pods?');
    type(typed);
    assert.equal(await answer, expected);
    assert.match(err(), /Restart 3 pods\? \[y\/N\] /);
    assert.equal(out(), '');
  });
}

test('Ctrl-C at a question interrupts', async () => {
  const { io, type } = await setUp({ tty: true, color: false });
  const answer = io.confirm('Go on?');
  type('\u0003');
  await assert.rejects(answer, InterruptedError);
});

test('a signal ends an open question, and one that comes after it', async () => {
  const abort = new AbortController();
  const { io } = await setUp({ tty: true, color: false, signal: abort.signal });
  const answer = io.confirm('Go on?');
  abort.abort();
  await assert.rejects(answer, InterruptedError);
  await assert.rejects(io.confirm('Really?'), InterruptedError);
});

test('a reader that went away is no error, a full disk is', async () => {
  const { streams } = await setUp({ tty: false });
  const fail = (code: string) =>
    streams.stdout.emit('error', Object.assign(new Error(`write ${code}`), { code }));
  fail('EPIPE');
  assert.throws(() => fail('ENOSPC'), /can't write to standard output: write ENOSPC/);
});

test('messages that can not be written break off nothing', async () => {
  const { io, streams } = await setUp({ tty: false });
  streams.stderr.emit('error', Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' }));
  io.say('goes on');
});

async function waitFor(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, 'timed out');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
