import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runbook } from '../../../src/backup/runbook.ts';
import type { BackupDocument, ObjectEntry } from '../../../src/model/records/backup-format.ts';
import { assertGolden } from '../golden.ts';
import { sampleDocument } from '../store/sample-backup.ts';

const LOGIN: ObjectEntry = {
  apiVersion: 'v1',
  kind: 'Secret',
  name: 'login',
  namespace: 'shop',
  role: 'referenced',
  from: 'deployment.apps/cart-memcached env',
  raw: 'raw/secret-login.json',
  manifest: 'manifests/secret-login.yaml',
};

function plainYaml(): BackupDocument {
  const { helm: _helm, ...document } = sampleDocument();
  return document;
}

test('the runbook of a Helm release (UPDATE_GOLDEN=1 writes it)', () => {
  const document = sampleDocument();
  assertGolden('runbook/helm.md', runbook({ ...document, objects: [...document.objects, LOGIN] }));
});

test('the runbook of plain YAML', () => {
  assertGolden('runbook/plain.md', runbook(plainYaml()));
});

test('the runbook is the same for every backup of a release that did not change', () => {
  const later = { id: '20261201T000000Z', startedAt: '2026-12-01T00:00:00.000Z', durationMs: 1 };
  assert.equal(runbook({ ...sampleDocument(), ...later }), runbook(sampleDocument()));
});

test('no rollback is advised to a revision that was not deployed', () => {
  const document = sampleDocument();
  const text = runbook({ ...document, helm: { ...document.helm!, status: 'failed' } });
  assert.doesNotMatch(text, /helm rollback cart 4/);
  assert.match(text, /the newest revision, 4, was failed/);
});

test('no word of a chart or a server passes for a line of it', () => {
  const document = sampleDocument();
  const chart = { name: 'm', version: '1\n```\nrm -rf /\n\u001b[2J' };
  const text = runbook({ ...document, helm: { ...document.helm!, chart } });
  assert.match(text, /\(m 1\\n```\\nrm -rf \/\\n\\u001b\[2J\)/);
});

test('without a workload there is nothing to wait for', () => {
  const text = runbook({ ...sampleDocument(), objects: [] });
  assert.doesNotMatch(text, /rollout status|```sh\n\n/);
});
