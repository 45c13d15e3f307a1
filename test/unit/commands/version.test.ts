import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type VersionOptions, version } from '../../../src/commands/version.ts';
import { createMemoryIO } from '../../../src/output/memory-io.ts';
import type { CommandContext } from '../../../src/session/context.ts';
import { parseDocumented } from '../../support/documented-output.ts';

async function printed(output: VersionOptions['output']): Promise<string> {
  const io = createMemoryIO();
  await version({ output }, { io, version: '0.1.0' } as unknown as CommandContext);
  return io.stdout;
}

test('version says which formats are written and read: sealed backups have one of their own', async () => {
  const data = parseDocumented(await printed('json'));
  assert.equal(data.formatVersion, 1);
  assert.deepEqual(data.formatVersions, { written: [1, 2], read: [1, 2] });
  assert.match(await printed('wide'), /FORMATS .*\n0\.1\.0 +1, 2 /);
  assert.equal(await printed('table'), 'memcached-backup 0.1.0\n');
});
