import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fromSource } from '../../support/from-source.ts';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');
/** Takes no byte: "no space left on device" (full(4)). */
const FULL = '/dev/full';
const skip = existsSync(FULL) ? false : `needs ${FULL}`;

/** The exit code with standard output, standard error or both on a disk that is full. */
function codeOf(words: string[], full: { stdout: boolean; stderr: boolean }): number | null {
  const disk = openSync(FULL, 'w');
  try {
    const stdio = [full.stdout, full.stderr].map((isFull) => (isFull ? disk : ('ignore' as const)));
    return spawnSync(process.execPath, fromSource(MAIN, ...words), { stdio: ['ignore', ...stdio] }).status;
  } finally {
    closeSync(disk);
  }
}

test('a full disk behind standard error changes no exit code, for nobody is waiting for the words', {
  skip,
}, () => {
  assert.equal(codeOf(['version'], { stdout: false, stderr: true }), 0);
  assert.equal(codeOf(['no-such-command'], { stdout: false, stderr: true }), 2);
});

test('a full disk behind standard output is a failure, whatever lies behind standard error', { skip }, () => {
  for (const stderr of [false, true]) {
    assert.equal(codeOf(['version'], { stdout: true, stderr }), 1);
    assert.equal(codeOf(['--help'], { stdout: true, stderr }), 1);
  }
});
