import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ToolError } from '../../../src/errors/tool-error.ts';
import type { KubeClient, ResourceType } from '../../../src/kube/client.ts';
import { discoverByRecords, type Histories, readHistories } from '../../../src/kube/helm-history.ts';
import { PackedObject } from '../../../src/kube/packed-object.ts';
import type { HelmStatus } from '../../../src/model/helm/helm-release.ts';
import type { KubeObject } from '../../../src/model/kubernetes/object.ts';
import { aRecord } from '../../support/helm-records.ts';
import { aDeployment, NAMESPACE } from '../../support/objects.ts';

/** What Helm's records say where the cluster has these. */
function historiesOf(records: KubeObject[]): Promise<Histories> {
  const kube = {
    resourceType: async (apiVersion: string, kind: string) => ({ apiVersion, kind }),
    listAs: async (
      { kind }: ResourceType,
      _options: object,
      keep: (object: KubeObject, packed: PackedObject) => unknown,
    ) =>
      records.filter((record) => record.kind === kind).map((record) => keep(record, PackedObject.of(record))),
  };
  return readHistories(kube as unknown as KubeClient, NAMESPACE, undefined);
}

const packed = (text: string) => Buffer.from(gzipSync(text).toString('base64')).toString('base64');
/** A few kB that stand for more values than are read. */
const bomb = packed(`{"name":"cart","chart":{"values":[${'{},'.repeat(600_000)}{}]}}`);
/** More bytes than are read. */
const balloon = packed(`{"name":"cart","manifest":"${'x'.repeat(64 * 2 ** 20)}"}`);
/** Well within the limits of JSON; its manifest is not within those of YAML. */
const manifestBomb = packed(
  JSON.stringify({
    name: 'cart',
    version: 2,
    info: { status: 'deployed' },
    manifest: `a: [${'{},'.repeat(300_000)}]`,
  }),
);

const record = (revision: number, status: HelmStatus, release?: string): KubeObject => {
  const made = aRecord(revision, status, { manifest: [aDeployment('cart').object] });
  return release === undefined ? made : { ...made, data: { release } };
};

async function asFarAsReadable(...records: KubeObject[]) {
  const histories = await historiesOf(records);
  const { history, unreadable } = await histories.asFarAsReadable(NAMESPACE, 'cart');
  return {
    revisions: history.map(({ revision }) => revision),
    why: unreadable.map(({ message }) => message),
  };
}

describe('a record that is larger than what is read', () => {
  test('is named with what is too large about it', async () => {
    assert.deepEqual(await asFarAsReadable(record(1, 'deployed', bomb)), {
      revisions: [],
      why: [
        "Helm's record secret/sh.helm.release.v1.cart.v1 can't be decoded: it holds more than 500000 JSON values in 1800039 bytes",
      ],
    });
    const { why } = await asFarAsReadable(record(1, 'deployed', balloon));
    assert.match(why[0]!, /its \d+ bytes unpack to more than 50331648, which is all that is read/);
    assert.deepEqual(await asFarAsReadable(record(2, 'deployed', manifestBomb)), {
      revisions: [],
      why: [
        'the manifest of Helm revision 2 of cart is larger than what is read: one document in its 900005 characters has more than 300000 YAML tokens',
      ],
    });
  });
  test('leaves the others to be read where it is older than what is deployed', async () => {
    const { revisions, why } = await asFarAsReadable(
      record(1, 'superseded', bomb),
      record(2, 'superseded', 'damaged'),
      record(3, 'deployed'),
      record(4, 'failed'),
    );
    assert.deepEqual([revisions, why.length], [[3, 4], 2]);
  });
  test('leaves nothing that can be told where it may be what is deployed', async () => {
    for (const newer of [record(4, 'failed', bomb), record(4, 'deployed', 'damaged')]) {
      const { revisions, why } = await asFarAsReadable(record(3, 'deployed'), newer);
      assert.deepEqual([revisions, why.length], [[], 1]);
    }
    const between = [record(2, 'deployed'), record(3, 'failed', bomb), record(4, 'failed')];
    assert.deepEqual((await asFarAsReadable(...between)).revisions, []);
  });
  test('is an error for whoever wants the whole history', async () => {
    const histories = await historiesOf([record(1, 'superseded', bomb), record(2, 'deployed')]);
    await assert.rejects(histories.of(NAMESPACE, 'cart'), ToolError);
  });
  test('counts as naming the workloads of its name, and ends no search', async () => {
    for (const release of [bomb, balloon, manifestBomb, 'damaged']) {
      const histories = await historiesOf([record(2, 'deployed', release)]);
      const copies = ['cart', 'copy'].map(
        (name) =>
          aDeployment(name).annotated({
            'meta.helm.sh/release-name': 'cart',
            'meta.helm.sh/release-namespace': NAMESPACE,
          }).object,
      );
      const { releases, unowned } = await discoverByRecords(copies, histories);
      assert.deepEqual([releases.length, releases[0]?.workloads.length, unowned], [1, 2, []]);
    }
  });
});

test('a history that can be read as a whole is the same either way, oldest first', async () => {
  const histories = await historiesOf([record(10, 'deployed'), record(9, 'superseded')]);
  const whole = await histories.of(NAMESPACE, 'cart');
  const { history, unreadable } = await histories.asFarAsReadable(NAMESPACE, 'cart');
  assert.deepEqual(
    [whole, history].map((some) => some.map(({ revision }) => revision)),
    [
      [9, 10],
      [9, 10],
    ],
  );
  assert.deepEqual(unreadable, []);
  assert.deepEqual(await histories.asFarAsReadable(NAMESPACE, 'nobody'), { history: [], unreadable: [] });
});
