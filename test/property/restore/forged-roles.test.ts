import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readSource } from '../../../src/backup/source.ts';
import type { ObjectEntry } from '../../../src/model/records/backup-format.ts';
import { backupAtPath } from '../../../src/store/find/locate-backup.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { aConfigMap, anObject } from '../../support/objects.ts';
import { forgeDocument, forgeObject, writeSmallBackup } from '../../support/small-backup.ts';
import { temporaryFolder } from '../../unit/store/temporary-folder.ts';

/** What a restore would write of a backup, and what it says of each object. */
async function written(folder: string) {
  const { objects, document } = await readSource(
    await (await backupAtPath(folder, () => assert.fail('no store is named')))!.open(),
  );
  return {
    written: objects.map(({ ref, raw, entry: { role, from } }) => ({ ref, raw, role, from })),
    said: document.objects.map(({ kind, name, role, from }) => ({ kind, name, role, from })),
  };
}

const claims = fc.array(
  fc.record({
    role: fc.constantFrom<ObjectEntry['role']>('owned', 'referenced', 'recorded'),
    from: fc.constantFrom(
      'manifest',
      'hook',
      'namespace',
      'memcached container',
      'deployment.apps/cart env',
      'x',
    ),
  }),
  { minLength: 12, maxLength: 12 },
);

test('whatever backup.json says of role and origin, the same is read and the same is written', async (t) => {
  const store = await openStore(await temporaryFolder(t));
  for (const [id, isHelm] of [
    ['20261122T101500Z', true],
    ['20261122T111500Z', false],
  ] as const) {
    const { location } = await writeSmallBackup(store, { id });
    if (!isHelm) forgeDocument(location, (document) => Reflect.deleteProperty(document, 'helm'));
    forgeObject(location, aConfigMap('planted').object);
    forgeObject(location, anObject('v1', 'Pod', 'planted').object);
    forgeObject(location, anObject('v1', 'Secret', 'planted', 'kube-system').object);
    forgeObject(location, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'planted' } });
    const honest = await written(location);
    // Without Helm nothing ties the ConfigMap to the workload.
    assert.equal(honest.written.length, isHelm ? 4 : 3);
    assert.doesNotMatch(JSON.stringify(honest.written), /planted/);
    await fc.assert(
      fc.asyncProperty(claims, async (said) => {
        forgeDocument(location, ({ objects }) => {
          for (const [index, entry] of objects.entries()) Object.assign(entry, said[index]);
        });
        assert.deepEqual(await written(location), honest);
      }),
      { numRuns: 15 },
    );
  }
});
