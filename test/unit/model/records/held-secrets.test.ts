import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdsSecrets, lacksOnlyWhatWasAsked } from '../../../../src/model/records/held-secrets.ts';
import { sampleDocument } from '../../store/sample-backup.ts';

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  name: 'login',
  role: 'owned',
  from: 'x',
  raw: 'raw/x',
} as const;
const withoutSecrets = { objects: [], records: [] };

test("Secrets and Helm's records hold what Secrets hold; a backup that left the record out does not", () => {
  const { helm: _helm, ...plain } = sampleDocument();
  assert.equal(holdsSecrets(sampleDocument()), true);
  assert.equal(holdsSecrets(plain), false);
  assert.equal(holdsSecrets({ ...plain, objects: [secret] }), true);
  assert.equal(holdsSecrets({ ...plain, objects: [{ ...secret, apiVersion: 'example.com/v1' }] }), false);
  assert.equal(holdsSecrets(sampleDocument({}, { withoutSecrets })), false);
});

test('a gap that nobody asked for is one, and so is any of a backup that was to be whole', () => {
  const asked = { what: 'secret/login', why: 'x', asked: true } as const;
  const gap = { what: 'services', why: 'forbidden' };
  assert.equal(lacksOnlyWhatWasAsked({ withoutSecrets, skipped: [asked] }), true);
  assert.equal(lacksOnlyWhatWasAsked({ withoutSecrets, skipped: [asked, gap] }), false);
  assert.equal(lacksOnlyWhatWasAsked({ skipped: [gap] }), false);
});
