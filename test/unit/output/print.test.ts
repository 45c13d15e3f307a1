import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { arrayAt, parseJson } from '../../../src/model/json/json.ts';
import { createMemoryIO } from '../../../src/output/memory-io.ts';
import type { OutputFormat } from '../../../src/output/output-format.ts';
import { print, type View } from '../../../src/output/print.ts';

const view: View<{ name: string; size: number }> = {
  kind: 'Version',
  data: { items: [{ name: 'a\u009b\u202e', size: arrayAt(parseJson('[1.0]'))[0] }], yes: 'y' },
  rows: [{ name: 'a\u009b', size: 1 }],
  columns: [
    { header: 'NAME', cell: (row) => row.name },
    { header: 'SIZE', cell: (row) => `${row.size}`, wide: true },
  ],
  name: (row) => `thing/${row.name}`,
};

async function printed(output: OutputFormat): Promise<string> {
  const io = createMemoryIO();
  await print(io, view, { output, headers: true });
  assert.equal(io.stderr, '');
  return io.stdout;
}

test('json has two spaces, a newline, numbers as written and no control characters', async () => {
  const text = await printed('json');
  assert.equal(
    text,
    '{\n  "apiVersion": "memcached-backup/v1",\n  "kind": "Version",\n  "items": [\n    {\n      "name": "a\\u009b\\u202e",\n      "size": 1.0\n    }\n  ],\n  "yes": "y"\n}\n',
  );
});

test('yaml keeps numbers as written and quotes what YAML 1.1 would misread', async () => {
  const text = await printed('yaml');
  assert.match(text, /size: 1\.0\n/);
  assert.match(text, /\n"yes": "y"\n$/);
});

test('yaml stays YAML where a secret is masked: in values, keys and texts of several lines', async () => {
  const io = createMemoryIO();
  io.mask(['secret-value']);
  const data = { plain: 'secret-value', 'secret-value': [1], text: 'a\nsecret-value\n', fine: 'x' };
  await print(io, { ...view, data }, { output: 'yaml', headers: true });
  const said = { apiVersion: 'memcached-backup/v1', kind: 'Version' };
  assert.deepEqual(parse(io.stdout), { ...said, plain: '***', '***': [1], text: 'a\n***\n', fine: 'x' });
});

test('name prints one argument a line', async () => {
  assert.equal(await printed('name'), 'thing/a\\u009b\n');
});

test('table and wide print the same rows', async () => {
  assert.equal(await printed('table'), 'NAME\na\\u009b\n');
  assert.equal(await printed('wide'), 'NAME      SIZE\na\\u009b   1\n');
});
