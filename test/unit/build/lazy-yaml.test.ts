import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { build } from 'esbuild';
import { lazyYaml } from '../../../scripts/build/lazy-yaml.ts';
import { root } from '../../../scripts/build/paths.ts';

/** Runs CODE as it is bundled, with `yaml` left outside. @returns its exports, and what it asked for by then. */
async function bundled(contents: string): Promise<{ exports: Record<string, unknown>; asked: string[] }> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    packages: 'external',
    write: false,
    plugins: [lazyYaml],
  });
  const asked: string[] = [];
  const require = (name: string): unknown => {
    asked.push(name);
    return createRequire(import.meta.url)(name);
  };
  const module = { exports: {} };
  new Function('require', 'module', outputFiles[0]!.text)(require, module);
  return { exports: module.exports, asked };
}

test('yaml is loaded by the first call, once, and its functions, classes and errors are what they are', async () => {
  const { exports, asked } = await bundled(`
    import { Composer, isMap, Parser, parse, stringify, YAMLParseError } from 'yaml';
    export const text = (value) => stringify(value, { lineWidth: 0 });
    export const composed = (text) => [...new Composer().compose(new Parser().parse(text))].map((each) => isMap(each.contents));
    export function failed(text) {
      try { return parse(text); } catch (error) { return error instanceof YAMLParseError; }
    }
    export const otherwise = () => new Error() instanceof YAMLParseError;
  `);
  assert.deepEqual(asked, []);
  const { text, composed, failed, otherwise } = exports as Record<string, (value?: unknown) => unknown>;
  assert.equal(text!({ a: [1] }), 'a:\n  - 1\n');
  assert.deepEqual(asked, ['yaml']);
  assert.deepEqual(composed!('a: 1\n---\n- 1\n'), [true, false]);
  assert.equal(failed!('a: [1'), true);
  assert.equal(otherwise!(), false);
  assert.deepEqual(asked, ['yaml']);
});
