import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readHistories } from '../../../src/kube/helm-history.ts';
import { labelledRecord, wrongLabels } from '../../../src/model/helm/helm-labels.ts';
import type { JsonObject } from '../../../src/model/json/json.ts';
import { type KubeObject, labelsOf } from '../../../src/model/kubernetes/object.ts';
import { planHelm } from '../../../src/restore/plan/helm-plan.ts';
import { aRecord, aRevision, type RevisionOptions } from '../../support/helm-records.ts';
import { aSmallCluster } from '../../support/small-cluster.ts';

const NOW = new Date('2026-11-22T10:00:00Z');

function labelled(record: KubeObject, labels: JsonObject): KubeObject {
  return { ...record, metadata: { ...(record.metadata as JsonObject), labels } };
}

const unlabelled = (revision: number, options: RevisionOptions = {}): KubeObject =>
  labelled(aRecord(revision, 'deployed', { manifest: `kind: A${revision}\n`, ...options }), {});

async function read(...records: KubeObject[]) {
  const { kube, asked } = aSmallCluster(records);
  const histories = await readHistories(kube, 'shop', ['cart']);
  return { history: () => histories.of('shop', 'cart'), has: histories.has('shop', 'cart'), asked };
}

describe('records that Helm does not find', () => {
  for (const driver of ['secret', 'configmap'] as const) {
    test(`are found by their names and read one by one: ${driver}`, async () => {
      const others = [
        aRecord(1, 'superseded', { driver }),
        labelled(aRecord(3, 'deployed', { driver }), { owner: 'helm', status: 'deployed' }),
        labelled(aRecord(4, 'deployed', { driver }), { owner: 'helm', name: 'till', version: '4' }),
        labelled(aRecord(5, 'deployed', { driver, release: 'till' }), {}),
      ];
      const { history, has, asked } = await read(unlabelled(2, { driver }), ...others);
      assert.equal(has, true);
      const found = await history();
      assert.deepEqual(
        found.map((revision) => [revision.revision, wrongLabels(revision)]),
        [
          [1, []],
          [2, ['name', 'owner', 'status', 'version']],
          [3, ['name', 'version']],
          [4, ['name', 'status']],
        ],
      );
      const plural = driver === 'secret' ? 'secrets' : 'configmaps';
      assert.equal(
        asked.filter((line) => line === `list ${plural} in shop`).length,
        4,
        'the labelled, and one each',
      );
    });
  }

  test('are none where nothing of Helm’s is in them', async () => {
    const { has } = await read({ ...unlabelled(2, { driver: 'configmap' }), data: { note: 'x' } });
    assert.equal(has, false);
  });

  test('are not believed where they hold another revision, or another release’s', async () => {
    for (const record of [
      unlabelled(3, { document: { version: 2 } }),
      unlabelled(3, { document: { name: 'till' } }),
      aRecord(3, 'deployed', { document: { version: 7 } }),
    ]) {
      const { history } = await read(aRecord(1, 'deployed'), record);
      await assert.rejects(
        async () => history(),
        /sh\.helm\.release\.v1\.cart\.v3 is damaged: it is named after revision 3 of cart/,
      );
    }
  });

  test('count before a new revision gets its number, and are told of', async () => {
    const backup = [aRevision(1, 'deployed', { manifest: 'kind: Old\n' })];
    const { history } = await read(unlabelled(1), unlabelled(2));
    const { helm, warnings } = planHelm(backup, await history(), NOW);
    assert.equal(helm.action === 'new-revision' && helm.revision, 3);
    assert.match(warnings[0] ?? '', /cart\.v1, .*cart\.v2: their labels are gone; doctor --fix/);
  });

  test('are written anew with their labels where nothing else differs', async () => {
    const { history } = await read(unlabelled(1));
    const live = await history();
    const backup = [aRevision(1, 'deployed', { manifest: 'kind: A1\n' })];
    assert.equal(planHelm(backup, live, NOW).helm.action, 'create-history');
    assert.equal(planHelm(backup, backup, NOW).helm.action, 'keep');
    const record = {
      ...live[0]!,
      record: {
        ...live[0]!.record,
        metadata: {
          ...(live[0]!.record.metadata as JsonObject),
          labels: { mine: 'x' },
          creationTimestamp: '2026-11-22T10:00:00Z',
        },
      },
    };
    assert.deepEqual(labelsOf(labelledRecord(record)), {
      mine: 'x',
      createdAt: '1795341600',
      name: 'cart',
      owner: 'helm',
      status: 'deployed',
      version: '1',
    });
  });
});
