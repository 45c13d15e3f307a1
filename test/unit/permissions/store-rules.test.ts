import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { UsageError } from '../../../src/errors/tool-error.ts';
import { arrayAt, type Json } from '../../../src/model/json/json.ts';
import { parseYamlStream } from '../../../src/model/json/yaml.ts';
import { claimStoreRules } from '../../../src/model/permissions/claim-store-rules.ts';
import { rolesOf } from '../../../src/model/permissions/rbac-manifests.ts';
import { storeRules } from '../../../src/permissions/store-rules.ts';
import type { Store } from '../../../src/store/store.ts';

const PAGE = join(import.meta.dirname, '../../../docs/stores.md');

test('the Role that docs/stores.md shows for a claim is the one that is printed', () => {
  const [, section = ''] = readFileSync(PAGE, 'utf8').split('## A claim');
  const shown = /```yaml\n(apiVersion: rbac[\s\S]*?)```/.exec(section)?.[1] ?? '';
  const [printed] = rolesOf(claimStoreRules({ namespace: 'ops', claim: 'memcached-backups' }), 'x');
  assert.deepEqual(
    arrayAt(parseYamlStream(shown)[0] as Json, 'rules'),
    printed?.rules.map(({ rule }) => rule),
  );
});

const at = (location: string) => ({ store: async () => ({ location }) as Store });

test('a store on a claim takes something of the cluster, and no other does', async () => {
  const rules = await storeRules(at('pvc://ops/backups/eu'));
  assert.deepEqual(rules, claimStoreRules({ namespace: 'ops', claim: 'backups' }));
  assert.ok(rules.every(({ namespace }) => namespace === 'ops'));
  for (const location of ['./memcached-backups', 's3://pvc/x', '/pvc:/x']) {
    assert.deepEqual(await storeRules(at(location)), []);
  }
  // Whoever asks what backups take need not have a store.
  const none = { store: () => Promise.reject<Store>(new UsageError('no such store')) };
  assert.deepEqual(await storeRules(none), []);
});
