import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const MODULE = new URL('../../../src/backup/spare-memory.ts', import.meta.url);
const SCRIPT = `import { spareMemory } from ${JSON.stringify(MODULE)};
await spareMemory();
console.log('done');`;

test('V8 knows the flag by which it is told to spare memory', () => {
  const args = ['--input-type=module', '-e', SCRIPT];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  // V8 says on standard error that it does not know a flag, and goes on.
  assert.deepEqual({ stdout, stderr }, { stdout: 'done\n', stderr: '' });
});
