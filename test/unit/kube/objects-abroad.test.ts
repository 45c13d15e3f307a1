import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assemble } from '../../../src/backup/assemble.ts';
import { readRelease } from '../../../src/kube/read-release.ts';
import { releaseDrift } from '../../../src/kube/release-drift.ts';
import type { KubeObject } from '../../../src/model/kubernetes/object.ts';
import { displayName } from '../../../src/model/kubernetes/object.ts';
import { aRecord } from '../../support/helm-records.ts';
import { aNamespace } from '../../support/live-release.ts';
import { aConfigMap, aDeployment, anObject, aSecret } from '../../support/objects.ts';
import { aSmallCluster } from '../../support/small-cluster.ts';

const MARKS = {
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: { 'meta.helm.sh/release-name': 'cart', 'meta.helm.sh/release-namespace': 'shop' },
};
const inBank = (object: KubeObject, metadata: object = {}): KubeObject => ({
  ...object,
  metadata: {
    uid: 'u-1',
    resourceVersion: '7',
    ...(object.metadata as object),
    namespace: 'bank',
    ...metadata,
  },
});
const VAULT = inBank(aSecret('vault', { pin: '4711' }).object);
const WEB = inBank(aDeployment('web').object, { generation: 3 });
const ROLE = anObject('rbac.authorization.k8s.io/v1', 'ClusterRole', 'all').without(
  'metadata',
  'namespace',
).object;
const OWN = [aDeployment('cart').served().object, aSecret('login', { password: 'hunter22' }).served().object];
const LIST: KubeObject = { apiVersion: 'v1', kind: 'List', items: [VAULT, aConfigMap('own').object] };

async function read(manifest: KubeObject[], objects: KubeObject[], forbidden: string[] = []) {
  const record = aRecord(1, 'deployed', { manifest });
  const { kube, asked } = aSmallCluster([aNamespace(), record, ...objects], forbidden);
  const live = await readRelease(kube, { namespace: 'shop', release: 'cart' });
  return { live, asked: asked.filter((line) => !/^list .* in shop$|^get namespace shop$/.test(line)) };
}

const filesOf = (live: Awaited<ReturnType<typeof read>>['live']) =>
  assemble(
    {
      live,
      identity: { uid: 'c', caDigest: undefined, serverVersion: 'v1.34.4', context: 'x' },
      targets: [],
      skipped: [],
    },
    {
      kind: 'backup',
      id: '20261122T101500Z',
      clusterName: 'c',
      toolVersion: '0',
      pods: [],
      startedAt: new Date(0),
      finishedAt: new Date(0),
    },
  );

describe('of what a manifest names outside its namespace', () => {
  test('only metadata is asked for, and nothing is kept where the marks are not this release’s', async () => {
    const others = [
      VAULT,
      inBank(VAULT, { ...MARKS, labels: {} }),
      inBank(VAULT, { ...MARKS, annotations: { ...MARKS.annotations, 'meta.helm.sh/release-name': 'till' } }),
      inBank(VAULT, {
        ...MARKS,
        annotations: { ...MARKS.annotations, 'meta.helm.sh/release-namespace': 'bank' },
      }),
      inBank(VAULT, { ...MARKS, annotations: { 'meta.helm.sh/release-name': 'cart' } }),
    ];
    for (const vault of others) {
      for (const manifest of [
        [...OWN, VAULT],
        [...OWN, LIST],
      ]) {
        const { live, asked } = await read(manifest, [...OWN, vault]);
        assert.deepEqual(asked, ['metadata secret bank/vault']);
        assert.deepEqual(live.unmarked.map(displayName), ['secret/vault']);
        assert.equal(
          live.find({ apiVersion: 'v1', kind: 'Secret', namespace: 'bank', name: 'vault' }),
          undefined,
        );
        assert.ok(!live.missing.some(({ name }) => name === 'vault'));
        assert.deepEqual(
          releaseDrift(live).filter(({ ref }) => ref.name === 'vault'),
          [],
        );
        const { files, document } = filesOf(live);
        assert.ok(!document.objects.some(({ name }) => name === 'vault'));
        assert.deepEqual(document.skipped, [
          {
            what: 'secret/vault in namespace bank',
            why: "Helm's record names it, and it bears no marks of this release: it was not looked at",
          },
        ]);
        assert.equal(document.complete, true);
        const texts = files.filter(({ path }) => path.startsWith('raw/') || path.startsWith('manifests/'));
        assert.ok(!texts.some(({ content }) => String(content).includes('NDcxMQ')), '4711 in base64');
      }
    }
  });

  test('the identity and a digest without content are kept where the marks are this release’s', async () => {
    const marked = inBank(VAULT, MARKS);
    const { live, asked } = await read(
      [...OWN, VAULT, WEB],
      [...OWN, marked, inBank(WEB, { ...MARKS, generation: 3 })],
    );
    assert.deepEqual(asked, ['metadata secret bank/vault', 'metadata deployment bank/web']);
    const { files, document } = filesOf(live);
    const raw = files.find(({ path }) => path === 'raw/bank_secret-vault.json')!;
    const kept = JSON.parse(String(raw.content));
    assert.match(kept.digest, /^sha256:[0-9a-f]{64}$/);
    assert.deepEqual(kept, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'vault', namespace: 'bank', uid: 'u-1' },
      digest: kept.digest,
    });
    assert.deepEqual(document.skipped, []);
    assert.deepEqual(
      document.objects
        .filter(({ namespace }) => namespace === 'bank')
        .map(({ role, manifest }) => [role, manifest]),
      [
        ['recorded', undefined],
        ['recorded', undefined],
      ],
    );
    assert.deepEqual(releaseDrift(live), [], 'its fields are not compared');
    const digestOf = async (...changed: KubeObject[]) =>
      (await read([VAULT, WEB], changed)).live.classified.map(({ object }) => object.digest);
    const before = await digestOf(marked, inBank(WEB, { ...MARKS, generation: 3 }));
    assert.deepEqual(
      await digestOf(
        { ...marked, data: { pin: 'MDAwMA==' } },
        inBank({ ...WEB, spec: {} }, { ...MARKS, generation: 3, resourceVersion: '99' }),
      ),
      before,
      'content is not in it',
    );
    const after = await digestOf(
      inBank(VAULT, { ...MARKS, resourceVersion: '8' }),
      inBank(WEB, { ...MARKS, generation: 4 }),
    );
    assert.ok(
      after.every((digest, index) => digest !== before[index]),
      'a write shows',
    );
  });

  test('cluster-wide kinds are not listed, and the namespace itself is as it was read', async () => {
    const other = { ...aNamespace(), metadata: { name: 'bank', annotations: { token: 'x' } } };
    const manifest = [...OWN, ROLE, aNamespace(), other];
    const { live, asked } = await read(manifest, [...OWN, ROLE, other]);
    assert.deepEqual(asked, ['metadata clusterrole all', 'metadata namespace bank']);
    assert.deepEqual(live.unmarked.map(displayName), [
      'clusterrole.rbac.authorization.k8s.io/all',
      'namespace/bank',
    ]);
    const own = live.classified.find(({ ref }) => ref.kind === 'Namespace');
    assert.deepEqual([own?.role, own?.object], ['recorded', live.namespace]);
  });

  test('what may not be looked at is a permission that is missing', async () => {
    const { live } = await read([...OWN, VAULT], [...OWN, VAULT], ['metadata secret bank/vault']);
    assert.deepEqual(
      live.denied.map(({ verb, type, namespace }) => [verb, type.plural, namespace]),
      [['get', 'secrets', 'bank']],
    );
  });

  test('what the own namespace holds is read as before, referenced Secrets too', async () => {
    const workload = aDeployment('cart').served().object;
    const { live } = await read([workload, OWN[1]!], OWN);
    assert.deepEqual(
      live.find({ apiVersion: 'v1', kind: 'Secret', namespace: 'shop', name: 'login' }),
      OWN[1],
    );
  });
});
