import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type BuildStep, buildStep, isBuilt, stepFolder } from '../../cluster/build/cache.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cache-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function step(inputs: string[], make: BuildStep['make']): BuildStep {
  return { name: 'tool', inputs, make };
}

test('a step that fails half way does not count as built, and its rest does not get into the next try', async () => {
  const failing = step(['a'], async (folder) => {
    writeFileSync(join(folder, 'half'), '');
    throw new Error('killed');
  });
  await assert.rejects(buildStep(root, failing), /killed/);
  assert.equal(isBuilt(root, failing), false);

  const working = step(['a'], async (folder) => writeFileSync(join(folder, 'program'), 'done'));
  await buildStep(root, working);
  assert.equal(isBuilt(root, working), true);
  assert.deepEqual(readdirSync(stepFolder(root, working)), ['program']);
});

test('other inputs are another step', async () => {
  const make: BuildStep['make'] = async (folder) => writeFileSync(join(folder, 'program'), folder);
  await buildStep(root, step(['version 1'], make));
  assert.equal(isBuilt(root, step(['version 2'], make)), false);
  assert.equal(isBuilt(root, step(['version 1'], make)), true);
});
