import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../../cluster/lock.ts';

const skip = process.platform === 'linux' ? false : 'flock(1) is of util-linux';

function temporaryFile(): { file: string; [Symbol.dispose](): void } {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'));
  return { file: join(folder, 'lock'), [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

test('two holders take turns, also when the first removes the file at its end', { skip }, async () => {
  using lock = temporaryFile();
  const steps: string[] = [];
  const hold = (name: string) => async () => {
    steps.push(`${name} in`);
    await sleep(100);
    steps.push(`${name} out`);
  };
  const waits: string[] = [];
  await Promise.all(
    ['a', 'b', 'c'].map((name) => withLock(lock.file, () => waits.push(name), hold(name), true)),
  );
  const order = steps.map((step) => step.split(' ')[0]);
  assert.equal(steps.length, 6);
  for (let i = 0; i < 6; i += 2) assert.equal(order[i], order[i + 1], `${steps} do not overlap`);
  assert.ok(waits.length >= 2, 'those who wait hear of it');
  assert.equal(existsSync(lock.file), false);
});

test('an error frees the lock', { skip }, async () => {
  using lock = temporaryFile();
  const fail = () => Promise.reject(new Error('work failed'));
  await assert.rejects(
    withLock(lock.file, () => {}, fail),
    /work failed/,
  );
  await withLock(
    lock.file,
    () => assert.fail('nobody holds it'),
    async () => {},
  );
});

test('kill -9 of the holder frees the lock', { skip }, async () => {
  using lock = temporaryFile();
  const module = join(import.meta.dirname, '..', '..', 'cluster', 'lock.ts');
  const script = `import { withLock } from ${JSON.stringify(module)};
    await withLock(process.argv[1], () => {}, async () => { console.log('held'); await new Promise(() => setInterval(() => {}, 1e6)); });`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script, lock.file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  holder.kill('SIGKILL');
  await withLock(
    lock.file,
    () => {},
    async () => {},
  );
});
