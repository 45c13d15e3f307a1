import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../temporary-folder.ts';

const WORKER = join(import.meta.dirname, 'leftover-worker.ts');

/** As process 1 of a pid namespace, which every container's program is. */
function asProcess1(...args: string[]): string {
  return execFileSync('unshare', ['--pid', '--fork', process.execPath, WORKER, ...args], {
    encoding: 'utf8',
  });
}

test('what a container left is known and removed by the next one, whose process has the same id', {
  skip: process.getuid?.() === 0 ? false : 'only root makes pid namespaces',
}, async (t) => {
  const root = await temporaryFolder(t);
  asProcess1('leave', root);
  assert.equal(readdirSync(root).length, 2);
  assert.equal(asProcess1('sweep', root), '2\n');
  const left = readdirSync(root);
  assert.equal(left.length, 1, left.join());
  assert.match(left[0] ?? '', /^\.partial-20261123T101500Z\.1\./, 'what it is at work on itself stays');
});
