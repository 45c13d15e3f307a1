import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeLeftovers } from '../../../scripts/testing/memory-folder.ts';

test('what a killed run left in memory goes, and nothing of a run that lives or of anybody else', () => {
  const memory = mkdtempSync(join(tmpdir(), 'memory-'));
  try {
    const { pid: dead } = spawnSync('true');
    const living = [`mb-${process.pid}-a1B2c3`, 'mb-1-a1B2c3', `mb-${dead}`, `memory-${dead}-a1B2c3`];
    for (const name of [...living, `mb-${dead}-a1B2c3`]) {
      mkdirSync(join(memory, name));
      writeFileSync(join(memory, name, 'file'), '');
    }
    removeLeftovers(memory);
    assert.deepEqual(readdirSync(memory).sort(), living.sort());
  } finally {
    rmSync(memory, { recursive: true, force: true });
  }
});
