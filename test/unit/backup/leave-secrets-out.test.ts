import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AssembleOptions, assemble } from '../../../src/backup/assemble.ts';
import { readSource } from '../../../src/backup/source.ts';
import type { JsonObject } from '../../../src/model/json/json.ts';
import { displayName } from '../../../src/model/kubernetes/object.ts';
import { holdsSecrets, lacksOnlyWhatWasAsked } from '../../../src/model/records/held-secrets.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { aRevision } from '../../support/helm-records.ts';
import { aLiveRelease } from '../../support/live-release.ts';
import { markedByHelm } from '../../support/marked-by-helm.ts';
import {
  aConfigMap,
  aDeployment,
  anObject,
  aSecret,
  aService,
  type Fixture,
  NAMESPACE,
  withContainer,
} from '../../support/objects.ts';
import { podSettings } from '../../support/pod-settings.ts';
import { aKey, aSealingStore } from '../../support/sealed.ts';
import { forgeDocument, forgeObject, SMALL, writeSmallBackup } from '../../support/small-backup.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { verifyOffline } from '../verify/verify-offline.ts';

const OPTIONS: AssembleOptions = {
  kind: 'backup',
  id: SMALL.id,
  clusterName: SMALL.cluster,
  toolVersion: '0.1.0',
  pods: [podSettings('cart-1')],
  startedAt: new Date('2026-11-22T10:15:00.123Z'),
  finishedAt: new Date('2026-11-22T10:15:00.335Z'),
  withoutSecrets: true,
};
const CART = withContainer(aDeployment('cart'), {
  env: [{ name: 'CACHE_PASSWORD', valueFrom: { secretKeyRef: { name: 'login', key: 'password' } } }],
});
const LOGIN = aSecret('login', { password: 'correct-horse-battery', user: 'cart' });

/** Of a Helm release of these objects. */
function backUp(
  objects: Fixture[],
  unmarked: Fixture[] = [],
  config: JsonObject = {},
  chart: JsonObject = {},
) {
  const all = [...objects.map((object) => markedByHelm(object)), ...unmarked].map((object) =>
    object.served(),
  );
  const manifest = all.map(({ object }) => object);
  const history = [aRevision(1, 'superseded'), aRevision(2, 'deployed', { manifest, config, chart })];
  return assemble(
    {
      live: aLiveRelease(all, { history }),
      identity: {
        uid: '3f6c2a10-0f5e',
        caDigest: 'ab'.repeat(32),
        serverVersion: 'v1.34.4',
        context: 'prod',
      },
      targets: [],
      skipped: [],
    },
    OPTIONS,
  );
}

const kept = ({ document }: ReturnType<typeof backUp>) =>
  document.objects.map((entry) => `${displayName(entry)} ${entry.role}`);
const left = ({ document }: ReturnType<typeof backUp>) => document.withoutSecrets?.objects.map(displayName);

test('Secrets, values, chart and record are left out, and what they were is named', () => {
  const backup = backUp([CART, aService('cart'), LOGIN]);
  assert.deepEqual(kept(backup), [
    'deployment.apps/cart owned',
    'service/cart owned',
    'namespace/shop recorded',
  ]);
  assert.deepEqual(
    backup.files.map(({ path }) => path).filter((path) => path.startsWith('helm/')),
    [],
  );
  const { document } = backup;
  assert.deepEqual(document.withoutSecrets, {
    objects: [
      {
        ...{ apiVersion: 'v1', kind: 'Secret', name: 'login', role: 'owned', type: 'Opaque' },
        why: 'left out, as --without-secrets asks for',
        keys: ['password', 'user'],
      },
    ],
    records: [
      { revision: 1, status: 'superseded', uid: 'uid-of-revision-1' },
      { revision: 2, status: 'deployed', uid: 'uid-of-revision-2' },
    ],
  });
  assert.deepEqual(document.helm, {
    driver: 'secret',
    revision: 2,
    status: 'deployed',
    chart: { name: 'memcached', version: '1.2.3', appVersion: '1.6.39' },
    revisions: [],
  });
  assert.equal(document.complete, false);
  assert.equal(lacksOnlyWhatWasAsked(document), true);
  assert.equal(holdsSecrets(document), false);
  const runbook = String(backup.files.find(({ path }) => path === 'RUNBOOK.md')?.content);
  assert.match(runbook, /- `secret\/login` \(type Opaque; keys password, user\)/);
  assert.match(runbook, /helm install cart REPO\/memcached --version 1\.2\.3 -n shop -f VALUES/);
  assert.doesNotMatch(runbook, /release\.json\.gz|helm\/values/);
});

test('an object that holds a secret in plain text is left out, with the place, and nobody asked for that', () => {
  const plain = withContainer(aDeployment('cart'), { env: [{ name: 'CACHE_PASSWORD', value: 'plainly' }] });
  const copy = aConfigMap('copy', { 'sasl.conf': 'user=cart\npwd=correct-horse-battery\n' });
  const backup = backUp([plain, copy, aService('cart'), LOGIN]);
  assert.deepEqual(kept(backup), ['service/cart owned', 'namespace/shop recorded']);
  const why = new Map(backup.document.skipped.map((each) => [each.what, each]));
  assert.match(
    why.get('deployment.apps/cart')?.why ?? '',
    /\(spec\.template\.spec\.containers\[memcached\]\.env\[CACHE_PASSWORD\]\.value\)/,
  );
  assert.match(why.get('configmap/copy')?.why ?? '', /\(data\.sasl\.conf\)/);
  assert.equal(why.get('configmap/copy')?.asked, undefined);
  assert.equal(why.get('secret/login')?.asked, true);
  assert.equal(lacksOnlyWhatWasAsked(backup.document), false);
});

test('what only sounds like a secret stays: a switch, a variable of the kubelet, a certificate, an encrypted one', () => {
  const certificate = '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUX9\n-----END CERTIFICATE-----\n';
  const cart = withContainer(aDeployment('cart'), {
    env: [
      { name: 'ALLOW_EMPTY_PASSWORD', value: 'yes' },
      { name: 'CACHE_PASSWORD', value: '$(FROM_ELSEWHERE)' },
    ],
  });
  const objects = [
    cart,
    aConfigMap('ca', { 'ca.crt': certificate }),
    aSecret('tls', { 'ca.crt': certificate, 'tls.key': 'a-private-key' }),
    anObject('bitnami.com/v1alpha1', 'SealedSecret', 'sealed').with({
      spec: { encryptedData: { password: 'AgBy8h' } },
    }),
  ];
  assert.deepEqual(left(backUp(objects)), ['secret/tls']);
});

test('what only names a Secret, or a key of one, is no secret', () => {
  const cart = withContainer(aDeployment('cart'), {
    env: [
      { name: 'CACHE_PASSWORD', valueFrom: { secretKeyRef: { name: 'login', key: 'cache-password' } } },
      {
        name: 'OPTIONAL',
        valueFrom: { secretKeyRef: { name: 'elsewhere', key: 'other-key', optional: true } },
      },
    ],
  });
  const login = aSecret('login', { 'cache-password': 'correct-horse-battery', of: 'elsewhere' });
  const values = { auth: { passwordKey: 'cache-password', token: 'other-key' }, secret: 'login' };
  assert.deepEqual(left(backUp([cart, login], [], values)), ['secret/login']);
});

test('of a Secret that is a file, what is secret in it counts, and not each of its lines', () => {
  const file = 'enabled: true\nusers:\n  password: "correct-horse-battery"\n';
  const token = 'eyJhbGciOiJIUzI1NiJ9-a-line-of-its-own';
  const objects = [
    CART,
    aSecret('login', { 'config.yaml': file, tokens: `# of the cache\n${token}\n` }),
    aConfigMap('harmless', { 'config.yaml': 'enabled: true\nusers:\n# of the cache\n' }),
    aConfigMap('quoting', { note: 'log in with correct-horse-battery' }),
    aConfigMap('token', { note: `Bearer ${token}` }),
  ];
  assert.deepEqual(left(backUp(objects)), ['secret/login', 'configmap/quoting', 'configmap/token']);
});

test('a chart is no command of the runbook, whatever its version is', () => {
  const chart = { metadata: { name: 'memcached', version: '1;reboot' } };
  const { files } = backUp([CART, LOGIN], [], {}, chart);
  const runbook = String(files.find(({ path }) => path === 'RUNBOOK.md')?.content);
  assert.match(runbook, /--version '1;reboot' -n shop/);
});

test('what only the record ties to the release is left out and named', () => {
  const hook = aConfigMap('hook');
  const backup = backUp([CART, LOGIN], [hook]);
  assert.deepEqual(left(backup), ['secret/login', 'configmap/hook']);
  assert.match(
    backup.document.skipped.find(({ what }) => what === 'configmap/hook')?.why ?? '',
    /only Helm's record says/,
  );
});

test('whoever wants no Secrets need not be allowed to read them', () => {
  const objects = [markedByHelm(CART), markedByHelm(aService('cart'))].map((object) => object.served());
  const live = aLiveRelease(objects, {
    history: [aRevision(1, 'deployed', { manifest: objects.map(({ object }) => object) })],
  });
  const type = { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };
  const denied = { type, verb: 'list', message: 'secrets is forbidden' } as never;
  const why = { what: 'secrets', why: 'secrets is forbidden' };
  const permission = { verb: 'list', group: '', resource: 'secrets', namespace: NAMESPACE };
  const { document } = assemble(
    {
      live: { ...live, history: [], denied: [denied], historyDenied: [denied] },
      identity: {
        uid: '3f6c2a10-0f5e',
        caDigest: 'ab'.repeat(32),
        serverVersion: 'v1.34.4',
        context: 'prod',
      },
      targets: [],
      skipped: [{ ...why, permission }],
    },
    OPTIONS,
  );
  assert.equal(document.complete, false);
  assert.equal(lacksOnlyWhatWasAsked(document), true);
  assert.deepEqual(
    document.withoutSecrets?.objects.map(({ name, why }) => [name, why]),
    [['login', 'it may not be read']],
  );
});

test('a plain release without any Secret is complete without Secrets', () => {
  const objects = [aDeployment('cart'), aService('cart')].map((object) => object.served());
  const live = aLiveRelease(objects);
  const classified = objects.map(({ object }) => ({
    object,
    ref: {
      ...{ apiVersion: String(object.apiVersion), kind: String(object.kind) },
      namespace: NAMESPACE,
      name: 'cart',
    },
    role: 'owned' as const,
    from: 'memcached container',
  }));
  const { document } = assemble(
    {
      live: { ...live, classified },
      identity: { serverVersion: 'v1.34.4', context: 'prod' },
      targets: [],
      skipped: [],
    } as never,
    OPTIONS,
  );
  assert.equal(document.complete, true);
  assert.deepEqual(document.withoutSecrets, { objects: [], records: [] });
});

test('it can be sealed as any other, and says outside too what it lacks', async (t) => {
  const key = await aKey(t);
  const store = await aSealingStore(await temporaryFolder(t), {
    encryptTo: [key.recipient],
    identityFiles: [key.file],
  });
  const { files, document } = backUp([CART, aService('cart'), LOGIN]);
  await store.save(SMALL, { files, document }, new AbortController().signal);
  const reader = await store.open(SMALL);
  assert.equal(reader.document.formatVersion, 2);
  assert.deepEqual(reader.document.withoutSecrets, document.withoutSecrets);
  assert.deepEqual((await readSource(reader)).document.withoutSecrets, document.withoutSecrets);
});

test('it is sound for verify and readable for a restore; with a Secret or a record in it, it is not', async (t) => {
  const store = await openStore(await temporaryFolder(t));
  const { files, document } = backUp([CART, aService('cart'), LOGIN]);
  const { location } = await store.save(SMALL, { files, document }, new AbortController().signal);
  const verified = await verifyOffline(location);
  assert.deepEqual(verified.failures, []);
  assert.equal(verified.code, 0);
  assert.ok(
    verified.results.some(
      ({ check, status, what }) => check === 'helm' && status === 'unchecked' && what === "Helm's record",
    ),
  );
  const source = await readSource(await store.open(SMALL));
  assert.deepEqual(
    source.objects.map(({ ref, entry }) => `${displayName(ref)} ${entry.role}`),
    ['deployment.apps/cart owned', 'service/cart owned'],
  );
  assert.deepEqual(source.history, []);

  forgeObject(location, markedByHelm(aSecret('planted', { a: 'b' })).object);
  assert.match(
    (await verifyOffline(location)).failures.join('\n'),
    /secret\/planted: .*taken without Secrets/,
  );

  const whole = await writeSmallBackup(store, { id: '20261122T111500Z' });
  forgeDocument(whole.location, (forged) =>
    Object.assign(forged, { withoutSecrets: { objects: [], records: [] } }),
  );
  const { failures } = await verifyOffline(whole.location);
  assert.match(
    failures.join('\n'),
    /helm\/release\.json\.gz: backup\.json says that the backup was taken without Secrets/,
  );
  assert.match(
    failures.join('\n'),
    /secret\/cart: backup\.json says that the backup was taken without Secrets/,
  );
});
