import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import { bundleStart } from '../../../scripts/build/bundle.ts';
import { helpAssets } from '../../../scripts/build/finished-help.ts';
import { helpFor } from '../../../src/cli/help-for.ts';
import { VERSION } from '../../../src/cli/version.ts';

const start = await bundleStart();

/** Runs what the executable runs first, with standard output in a pipe. */
async function run(
  words: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ printed: string; modules: string[] }> {
  const modules: string[] = [];
  let printed = '';
  const { promise: exit, resolve } = Promise.withResolvers<unknown>();
  const pages = helpAssets();
  const stubs: Record<string, object> = {
    'node:fs': {
      ...fs,
      fstatSync: () => fs.statSync('/dev/null'),
      writeSync: (_fd: number, bytes: Buffer) => {
        printed += bytes.toString();
        return bytes.length;
      },
    },
    'node:sea': {
      getAssetKeys: () => [...pages.keys()],
      getRawAsset: (name: string) => new TextEncoder().encode(pages.get(name)).buffer,
    },
  };
  const require = (name: string): unknown => {
    modules.push(name);
    return stubs[name] ?? createRequire(import.meta.url)(name);
  };
  const process = { argv0: 'tool', argv: ['node', 'tool', ...words], env, exit: resolve };
  new Function('require', 'process', start)(require, process);
  assert.equal(await exit, 0);
  return { printed, modules: modules.sort() };
}

describe('what is answered at once loads next to nothing of Node', () => {
  test('--version', async () => {
    const { printed, modules } = await run(['--version']);
    assert.equal(printed, `memcached-backup ${VERSION}\n`);
    assert.deepEqual(modules, ['node:fs', 'node:sea']);
  });

  test('--help, for a pipe', async () => {
    for (const env of [{}, { HELM_PLUGIN_NAME: 'memcached-backup' }]) {
      const { printed, modules } = await run(['backup', '--help'], env);
      assert.equal(printed, await helpFor('backup', env));
      assert.deepEqual([...new Set(modules)], ['node:fs', 'node:sea']);
    }
  });
});
