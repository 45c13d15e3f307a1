import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import type { JournalEntry, JournalStart } from '../../../../src/model/records/journal.ts';
import schema from '../../../../src/model/records/journal-v2.schema.json' with { type: 'json' };
import { lineChecker } from '../../../../src/store/journal/journal-schema.ts';
import { PLAN, startLine } from './sample-journal.ts';

const REF = { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'cart' };
const SERVICE = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'cart', namespace: 'shop' } };
const at = '2026-11-22T10:15:01.000Z';

test('the schema of a journal is a valid JSON Schema', () => {
  assert.equal(new Ajv().validateSchema(schema), true);
});

test('lines with every field pass, with only the required ones too', async () => {
  const check = await lineChecker();
  const tunes = {
    type: 'tunes' as const,
    at,
    pod: 'cart-1',
    uid: 'u',
    settings: [{ key: 'k', from: '1', to: '2' }],
  };
  const entry = { at, action: 'create', ref: REF };
  const whole: Required<JournalStart> = {
    ...startLine({ plan: { ...PLAN, stuckPods: [{ ref: REF, workload: REF, why: 'x' }], skipped: [REF] } }),
    createdNamespace: 'u',
    safety: { id: '20261122T101500Z-2', location: '/store', digest: '0'.repeat(64) },
    helmRevision: 3,
    preImages: [
      { ref: REF, object: SERVICE },
      { ref: REF, object: null },
    ],
    carried: [{ type: 'refused', ...entry }],
    tuned: [tunes],
    earlier: [{ ...PLAN.backup, path: './copy' }],
  };
  const lines: JournalEntry[] = [
    whole,
    startLine(),
    { type: 'will', ...entry },
    { type: 'will', ...entry, by: 'x', meant: SERVICE },
    { type: 'refused', ...entry },
    { type: 'did', ...entry },
    { type: 'did', ...entry, uid: 'u', wrote: 'w' },
    tunes,
    { type: 'end', at, outcome: 'done' },
    { type: 'undone', at, by: 'x' },
  ];
  for (const line of lines) assert.equal(check(line), undefined, line.type);
});

test('docs/format.md names each field of the first line', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/format.md'), 'utf8');
  for (const name of Object.keys(schema.definitions.start.properties)) {
    assert.match(page, new RegExp(`\`${name}\`|^\\| \`${name}\``, 'm'), name);
  }
});
