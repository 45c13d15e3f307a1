import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { stringAt } from '../../../src/model/json/json.ts';
import { envelope, OUTPUT_API_VERSION, OUTPUT_KINDS } from '../../../src/output/envelope.ts';
import { isDocumented, OUTPUT_SCHEMAS } from '../../support/documented-output.ts';

test('each kind of output has a schema that asks for its kind and version, and no schema is of another kind', () => {
  assert.deepEqual([...OUTPUT_SCHEMAS.keys()].sort(), [...OUTPUT_KINDS, 'common'].sort());
  for (const kind of OUTPUT_KINDS) {
    const schema = JSON.stringify(OUTPUT_SCHEMAS.get(kind));
    assert.ok(schema.includes(`"kind":{"const":"${kind}"}`), kind);
    assert.ok(schema.includes(`"apiVersion":{"const":"${OUTPUT_API_VERSION}"}`), kind);
    assert.ok(!isDocumented(kind, envelope(kind, {})), `${kind} asks for nothing more`);
    assert.match(stringAt(OUTPUT_SCHEMAS.get(kind), 'title') ?? '', /-o json/);
  }
});

test('docs/output.md says which command prints each kind, and links its schema', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/output.md'), 'utf8');
  for (const kind of OUTPUT_KINDS) {
    const link = `[${kind}](schemas/${kind}.schema.json)`;
    assert.ok(
      page
        .split('\n')
        .some((line) => line.startsWith('| [`') && line.includes(`\`${kind}\``) && line.includes(link)),
      kind,
    );
  }
});

test('data says first what it is', () => {
  assert.equal(
    JSON.stringify(envelope('BackupList', { store: 'x', items: [] })),
    '{"apiVersion":"memcached-backup/v1","kind":"BackupList","store":"x","items":[]}',
  );
  assert.ok(isDocumented('BackupList', envelope('BackupList', { store: 'x', items: [] })));
  assert.ok(!isDocumented('BackupList', { ...envelope('BackupList', { store: 'x' }), items: {} }));
  assert.ok(!isDocumented('BackupList', { store: 'x', items: [] }));
});
