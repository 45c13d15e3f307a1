import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { build } from 'esbuild';
import { lazyBuiltins } from '../../../scripts/build/lazy-builtins.ts';

/** CODE as it is bundled. */
async function bundled(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    write: false,
    logLevel: 'silent',
    plugins: [lazyBuiltins],
  });
  return outputFiles[0]!.text;
}

test('modules of Node are loaded by the first call, and their functions and classes are what they are', async () => {
  const code = await bundled(`
    import { constants, createHash, X509Certificate } from 'node:crypto';
    import { gunzipSync, gzipSync } from 'node:zlib';
    export const digest = (text) => createHash('sha256').update(text).digest('hex');
    export const padding = constants.RSA_PKCS1_OAEP_PADDING;
    export const again = (text) => String(gunzipSync(gzipSync(text, { level: 9 })));
    export function failed() {
      try { new X509Certificate('none'); } catch (error) { return error.code; }
    }
  `);
  const asked: string[] = [];
  const require = (name: string): unknown => {
    asked.push(name);
    return createRequire(import.meta.url)(name);
  };
  const module = { exports: {} };
  new Function('require', 'module', code)(require, module);
  const { digest, again, failed } = module.exports as Record<string, (text?: string) => unknown>;
  assert.equal(Object(module.exports).padding, 4);
  assert.deepEqual(asked, []);
  assert.equal(digest!('a'), 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb');
  assert.deepEqual(asked, ['node:crypto']);
  assert.equal(again!('ä'), 'ä');
  assert.equal(failed!(), 'ERR_OSSL_PEM_NO_START_LINE');
  assert.deepEqual(asked, ['node:crypto', 'node:zlib']);
});

test('what util.promisify() knows of them is known of what stands for them', async () => {
  const code = await bundled(`
    import { execFile } from 'node:child_process';
    import { promisify } from 'node:util';
    export const version = () => promisify(execFile)(process.execPath, ['--version']);
  `);
  const module = { exports: {} };
  new Function('require', 'module', code)(createRequire(import.meta.url), module);
  const { version } = module.exports as { version(): Promise<{ stdout: string }> };
  assert.equal((await version()).stdout, `${process.version}\n`);
});

test('what is no function of theirs is not replaced in silence: the build fails', async () => {
  await assert.rejects(
    bundled(`import { webcrypto } from 'node:crypto'; console.log(webcrypto);`),
    /webcrypto/,
  );
});

test('constants of files, which differ from system to system, are not written out', async () => {
  const imports = (name: string) =>
    bundled(`import { ${name} } from 'node:fs/promises'; console.log(${name});`);
  assert.match(await imports('mkdir'), /require\("node:fs\/promises"\)/);
  await assert.rejects(imports('constants'), /No matching export/);
});
