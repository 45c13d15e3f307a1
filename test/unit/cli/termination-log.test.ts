import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { lastLine, TerminationLog, terminationLogIn } from '../../../src/cli/termination-log.ts';
import { ExitCode } from '../../../src/errors/exit-code.ts';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { storeFaultIn } from '../../../src/model/schedule/run-end.ts';
import { Ending } from '../../../src/session/ending.ts';
import { LastWords } from '../../../src/session/last-words.ts';
import { readError, writeError } from '../../../src/store/store-error.ts';
import { storeFaultOf } from '../../../src/store/store-fault.ts';
import { fromSource } from '../../support/from-source.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');
const plain = (text: string): string => text;
const errno = (code: string): Error => Object.assign(new Error(code), { code });

test('a line begins with what the exit code means, and a success with what was done', () => {
  const told = 'saved 3 of 3 releases, 1.2 MiB, in 2.1 s';
  assert.equal(lastLine({ exitCode: ExitCode.ok }, told, plain), told);
  assert.equal(lastLine({ exitCode: ExitCode.incomplete }, told, plain), `incomplete: ${told}`);
  assert.equal(
    lastLine({ exitCode: ExitCode.unreachable, cause: "can't reach the API server" }, undefined, plain),
    "failed: can't reach the API server",
  );
  assert.equal(
    lastLine({ exitCode: ExitCode.failed, cause: 'the disk is full' }, 'saved 1 release, 2 KiB', plain),
    'failed: saved 1 release, 2 KiB; the disk is full',
  );
});

test('a store that was the cause is marked, so that whoever reads the line need not read its words', () => {
  const cases: [error: unknown, begins: string, fault: unknown][] = [
    [writeError(errno('ENOSPC'), '/b'), "failed (store is full): can't write", 'full'],
    [writeError(errno('EACCES'), '/b'), "failed (store): can't write", 'unusable'],
    [readError(errno('EACCES'), { location: '/b', flags: [] }), "failed (store): can't read", 'unusable'],
    [readError(errno('ENOENT'), { location: '/b', flags: [] }), 'failed (store): the store /b', 'unusable'],
    [new ToolError("can't write to the store, says somebody: the disk is full"), "failed: can't", 'none'],
  ];
  for (const [error, begins, fault] of cases) {
    const { exitCode, message } = error as ToolError;
    const store = storeFaultOf(error);
    const line = lastLine({ exitCode, cause: message, ...(store && { store }) }, undefined, plain);
    assert.ok(line.startsWith(begins), line);
    assert.equal(storeFaultIn(line), fault);
  }
  assert.equal(storeFaultIn('saved 3 of 3 releases'), undefined);
  assert.equal(storeFaultIn("error: can't write to the store /b: the disk is full"), undefined);
});

test('a cause that the command has told already is not told twice', () => {
  const told = 'saved 0 of 1 release, 0B, in 0.1 s; the disk is full';
  assert.equal(
    lastLine({ exitCode: ExitCode.failed, cause: 'the disk is full' }, told, plain),
    `failed: ${told}`,
  );
});

test('it is one line of at most a KiB, without control characters, cut between characters, and masked', () => {
  const line = lastLine(
    { exitCode: ExitCode.failed, cause: `a\nb\u001b[2J hunter2 ${'ä'.repeat(2000)}` },
    undefined,
    (text) => text.replaceAll('hunter2', '***'),
  );
  assert.match(line, /^failed: a b\\u001b\[2J \*\*\* ä+…$/);
  assert.ok(Buffer.byteLength(line) <= 1024 && Buffer.byteLength(line) > 1020, `${Buffer.byteLength(line)}`);
});

test('a secret of several lines, or with more than one space, is masked before lines and spaces are joined', () => {
  const secret = 'one  two\nthree';
  const line = lastLine(
    { exitCode: ExitCode.failed, cause: `refused: ${secret}` },
    `saved nothing; ${secret}`,
    (text) => text.replaceAll(secret, '***'),
  );
  assert.equal(line, 'failed: saved nothing; ***; refused: ***');
});

test('whoever ends the process writes without the secrets that the command knows by then', async (t) => {
  const file = join(await temporaryFolder(t), 'log');
  const ending = new Ending();
  const lastWords = new LastWords();
  const log = new TerminationLog(file, ending);
  const write = (): string => {
    log.write({ exitCode: ExitCode.interrupted, cause: 'no answer' }, (text) => lastWords.masked(text));
    return readFileSync(file, 'utf8');
  };
  assert.equal(write(), 'interrupted: no answer\n');
  ending.is(() => 'saved 1 release; https://x:hunter2@host is away');
  lastWords.maskBy((text) => text.replaceAll('hunter2', '***'));
  assert.equal(write(), 'interrupted: saved 1 release; https://x:***@host is away; no answer\n');
});

test('the file is found as a command line spells it, also in one that is wrong', () => {
  const found = (...argv: string[]) => terminationLogIn(argv);
  assert.equal(found('backup', '--termination-log', '/dev/log', '--nonsense'), '/dev/log');
  assert.equal(found('-n', 'x', 'backup', '--termination-log=/a=b'), '/a=b');
  assert.equal(found('backup', '--termination-log', 'a', '--termination-log=b'), 'b');
  assert.equal(found('backup', '--termination-log'), undefined);
  assert.equal(found('backup', '--termination-log='), undefined);
  assert.equal(found('backup', '--', '--termination-log', 'x'), undefined);
  assert.equal(found('restore', 'cart', '--termination-log', 'x'), undefined);
});

/** Runs `backup` with a log, in a folder of its own. */
async function aRun(t: TestContext) {
  const folder = await temporaryFolder(t);
  const log = join(folder, 'log');
  const argv = (...words: string[]) =>
    fromSource(MAIN, 'backup', ...words, '--store', join(folder, 'store'), '--termination-log', log);
  const env = { ...process.env, HOME: folder, KUBECONFIG: join(folder, 'none') };
  return { folder, log, argv, env };
}

test('a run that fails leaves why, and so does a command line that is wrong', async (t) => {
  const { log, argv, env } = await aRun(t);
  const run = (...words: string[]) => spawnSync(process.execPath, argv(...words), { env, encoding: 'utf8' });
  const refused = run('cart', '--server', 'https://127.0.0.1:1');
  assert.equal(refused.status, 4, refused.stderr);
  assert.match(readFileSync(log, 'utf8'), /^failed: .*127\.0\.0\.1:1.*\n$/);
  const wrong = run('cart', '--keep-lasst', '3');
  assert.equal(wrong.status, 2, wrong.stderr);
  assert.match(readFileSync(log, 'utf8'), /^wrong command line: .*keep-lasst.*\n$/);
});

test('a log that can not be written is a warning, and changes no exit code', async (t) => {
  const { log, argv, env } = await aRun(t);
  mkdirSync(log);
  const words = argv('cart', '--server', 'https://127.0.0.1:1');
  const { status, stderr } = spawnSync(process.execPath, words, { env, encoding: 'utf8' });
  assert.equal(status, 4);
  assert.match(stderr, /^Warning: how the run ended can't be written to the termination log: EISDIR/m);
});

test('SIGTERM leaves that it was interrupted, at once and where it is sent twice', async (t) => {
  // An API server that accepts and says nothing.
  const silent = createServer().listen(0, '127.0.0.1');
  t.after(() => silent.close());
  await once(silent, 'listening');
  const { port } = silent.address() as { port: number };
  for (const signals of [1, 2]) {
    const { log, argv, env } = await aRun(t);
    const words = argv('cart', '--server', `https://127.0.0.1:${port}`);
    const connected = once(silent, 'connection');
    const child = spawn(process.execPath, words, { env, stdio: 'ignore' });
    const ended = once(child, 'exit');
    await connected;
    assert.ok(!existsSync(log));
    for (let sent = 0; sent < signals; sent++) child.kill('SIGTERM');
    assert.deepEqual(await ended, [130, null]);
    assert.match(readFileSync(log, 'utf8'), /^interrupted(: saved nothing)?\n$/);
  }
});
