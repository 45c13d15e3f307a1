import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type AssembleOptions, assemble, summary } from '../../../src/backup/assemble.ts';
import type { Collected } from '../../../src/backup/collect.ts';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { decodeRevision } from '../../../src/model/helm/helm-release.ts';
import { arrayAt, isObject, parseJson, valueAt } from '../../../src/model/json/json.ts';
import { parseYamlStream } from '../../../src/model/json/yaml.ts';
import { aRevision } from '../../support/helm-records.ts';
import { aLiveRelease, aNamespace } from '../../support/live-release.ts';
import {
  aConfigMap,
  aDeployment,
  anObject,
  aSecret,
  aService,
  Fixture,
  withContainer,
} from '../../support/objects.ts';
import { podSettings } from '../../support/pod-settings.ts';
import { spelled } from '../spelled.ts';

const CART = withContainer(aDeployment('cart'), { envFrom: [{ secretRef: { name: 'login' } }] }).served();
const LOGIN = aSecret('login', { password: 'hunter22' }).served();
const MANIFEST = [CART, aService('cart')].map(({ object }) => object);

const OPTIONS: AssembleOptions = {
  kind: 'backup',
  id: '20261122T101500Z',
  clusterName: '3f6c2a10',
  toolVersion: '0.1.0',
  pods: [podSettings('cart-1'), podSettings('cart-2', { ready: false })],
  startedAt: new Date('2026-11-22T10:15:00.123Z'),
  finishedAt: new Date('2026-11-22T10:15:00.335Z'),
};

function collected(changes: Partial<Collected> = {}): Collected {
  const history = [
    aRevision(1, 'superseded', { config: { replicas: 1 } }),
    aRevision(2, 'deployed', { manifest: MANIFEST, config: { replicas: 2 } }),
  ];
  return {
    live: aLiveRelease([CART, aService('cart').served(), LOGIN], { history }),
    identity: { uid: '3f6c2a10-0f5e', caDigest: 'ab'.repeat(32), serverVersion: 'v1.34.4', context: 'prod' },
    targets: [],
    skipped: [],
    ...changes,
  };
}

const contentOf = (files: { path: string; content: string | Buffer }[], path: string) => {
  const file = files.find((candidate) => candidate.path === path);
  assert.ok(file, `${path} is missing`);
  return file.content;
};

test('every part of format v1 is there', () => {
  const { files } = assemble(collected(), OPTIONS);
  assert.deepEqual(files.map(({ path }) => path).sort(), [
    'RUNBOOK.md',
    'helm/chart/Chart.yaml',
    'helm/chart/templates/a.yaml',
    'helm/chart/values.yaml',
    'helm/release.json.gz',
    'helm/values.yaml',
    'manifests/deployment.apps-cart.yaml',
    'manifests/secret-login.yaml',
    'manifests/service-cart.yaml',
    'raw/deployment.apps-cart.json',
    'raw/namespace-shop.json',
    'raw/secret-login.json',
    'raw/service-cart.json',
    'settings.json',
  ]);
});

test('the same input gives the same bytes', () => {
  const [first, second] = [assemble(collected(), OPTIONS), assemble(collected(), OPTIONS)];
  assert.deepEqual(first, second);
});

test('raw is the object as it came, manifests its clean form', () => {
  const custom = anObject('a.b/v1', 'Foo', 'x').served().object;
  const odd = { ...custom, spec: parseJson('{"share":1.0,"big":1152921504606846977}') };
  const history = [aRevision(1, 'deployed', { manifest: [custom] })];
  const { files } = assemble(collected({ live: aLiveRelease([odd], { history }) }), OPTIONS);
  assert.match(
    String(contentOf(files, 'raw/foo.a.b-x.json')),
    /"share": 1\.0,\n\s+"big": 1152921504606846977/,
  );
  const clean = String(contentOf(files, 'manifests/foo.a.b-x.yaml'));
  assert.match(clean, /share: 1\.0\n\s+big: 1152921504606846977/);
  assert.doesNotMatch(clean, /resourceVersion|uid/);
});

test('the document says what each object is and where it came from', () => {
  const { document } = assemble(collected(), OPTIONS);
  assert.deepEqual(
    document.objects.map(({ kind, role, from, manifest }) => [kind, role, from, manifest !== undefined]),
    [
      ['Deployment', 'owned', 'manifest', true],
      ['Service', 'owned', 'manifest', true],
      ['Secret', 'referenced', 'deployment.apps/cart envFrom', true],
      ['Namespace', 'recorded', 'namespace', false],
    ],
  );
  assert.deepEqual(document.namespace, {
    name: 'shop',
    labels: { team: 'shop' },
    annotations: { note: 'hers' },
  });
  assert.equal(document.durationMs, 212);
  assert.deepEqual(document.settings, {
    verdict: 'agree',
    podsAnswered: 2,
    podsAsked: 2,
    differing: [],
    inShort: '-m 64 -c 1024',
  });
  assert.equal(document.health.podsReady, 1);
});

test('a Namespace that the chart names itself is recorded once', () => {
  const namespace = aNamespace();
  const history = [aRevision(1, 'deployed', { manifest: [CART.object] })];
  const live = aLiveRelease([CART], { history, namespace });
  const ref = { apiVersion: 'v1', kind: 'Namespace', name: 'shop' };
  const classified = [
    ...live.classified,
    { object: namespace, ref, role: 'recorded' as const, from: 'manifest; cluster-wide' },
  ];
  const { files, document } = assemble(collected({ live: { ...live, classified } }), OPTIONS);
  assert.deepEqual(
    files.filter(({ path }) => path.includes('namespace')).map(({ path }) => path),
    ['raw/namespace-shop.json'],
  );
  assert.equal(document.objects.filter(({ kind }) => kind === 'Namespace').length, 1);
});

test('Helm’s records come as one list that kubectl can create, and read back as they were', () => {
  const { files, document } = assemble(collected(), OPTIONS);
  const list = parseJson(gunzipSync(contentOf(files, 'helm/release.json.gz') as Buffer).toString());
  assert.deepEqual([valueAt(list, 'apiVersion'), valueAt(list, 'kind')], ['v1', 'List']);
  const items = arrayAt(list, 'items').filter(isObject);
  assert.deepEqual(
    items.map(decodeRevision).map(({ revision, status }) => [revision, status]),
    [
      [1, 'superseded'],
      [2, 'deployed'],
    ],
  );
  assert.ok(items.every((item) => valueAt(item, 'metadata', 'resourceVersion') === undefined));
  assert.deepEqual(document.helm, {
    driver: 'secret',
    revision: 2,
    status: 'deployed',
    chart: { name: 'memcached', version: '1.2.3', appVersion: '1.6.39' },
    revisions: [1, 2],
  });
  assert.equal(contentOf(files, 'helm/values.yaml'), 'replicas: 2\n');
});

test('values and chart are those of the deployed revision, the status that of the newest', () => {
  const history = [
    aRevision(1, 'deployed', { manifest: MANIFEST, config: { replicas: 1 } }),
    aRevision(2, 'failed', { config: { replicas: 9 }, chart: { metadata: { name: 'other', version: '9' } } }),
  ];
  const { files, document } = assemble(collected({ live: aLiveRelease([CART], { history }) }), OPTIONS);
  assert.equal(contentOf(files, 'helm/values.yaml'), 'replicas: 1\n');
  assert.deepEqual(
    [document.helm?.revision, document.helm?.status, document.helm?.chart.name],
    [2, 'failed', 'memcached'],
  );
});

test('without Helm there is no helm/', () => {
  const { files, document } = assemble(collected({ live: aLiveRelease([CART]) }), OPTIONS);
  assert.equal(document.helm, undefined);
  assert.deepEqual(
    files.filter(({ path }) => path.startsWith('helm/')),
    [],
  );
});

test('a backup that lacks objects is not complete; a chart’s odd path is only skipped', () => {
  const skipped = [{ what: 'secrets', why: 'forbidden' }];
  assert.deepEqual(
    [
      assemble(collected({ skipped }), OPTIONS).document.complete,
      assemble(collected(), OPTIONS).document.complete,
    ],
    [false, true],
  );
  const history = [aRevision(1, 'deployed', { chart: { files: [{ name: '../x', data: '' }] } })];
  const { document } = assemble(collected({ live: aLiveRelease([], { history }) }), OPTIONS);
  assert.deepEqual(
    [document.complete, document.skipped.map(({ what }) => what)],
    [true, ['helm/chart/../x']],
  );
});

test('a cluster that does not say who it is leaves those fields out', () => {
  const identity = { uid: undefined, caDigest: undefined, serverVersion: 'v1.34.4', context: 'prod' };
  const { document } = assemble(collected({ identity }), OPTIONS);
  assert.deepEqual(document.cluster, { name: '3f6c2a10', serverVersion: 'v1.34.4', context: 'prod' });
});

test('every file of the document’s objects is written, and every manifest reads back as its object', () => {
  const more = [aConfigMap('odd', { y: 'no', n: '0o7', 'a\u2028b': '12:30:45' }), new Fixture(LOGIN.object)];
  const history = [aRevision(1, 'deployed', { manifest: more.map(({ object }) => object) })];
  const { files, document } = assemble(collected({ live: aLiveRelease(more, { history }) }), OPTIONS);
  for (const { raw, manifest } of document.objects) {
    contentOf(files, raw);
    if (manifest !== undefined) assert.equal(parseYamlStream(String(contentOf(files, manifest))).length, 1);
  }
  const [odd] = parseYamlStream(String(contentOf(files, 'manifests/configmap-odd.yaml')));
  assert.deepEqual(valueAt(odd, 'data'), { y: 'no', n: '0o7', 'a\u2028b': '12:30:45' });
});

test('one line says what is in a backup', () => {
  assert.equal(
    summary(assemble(collected(), OPTIONS).document),
    '2 objects of the release, 1 it refers to (secret/login), Helm revision 2, settings of 2 of 2 pods',
  );
  const one = assemble(
    collected({
      live: aLiveRelease([CART], { history: [aRevision(1, 'deployed', { manifest: [CART.object] })] }),
    }),
    { ...OPTIONS, pods: [podSettings('cart-1')] },
  );
  assert.equal(summary(one.document), '1 object of the release, Helm revision 1, settings of 1 of 1 pods');
});

test('what is being deleted makes a backup incomplete, and is named', () => {
  const { live } = collected();
  const deletionTimestamp = '2026-11-22T10:14:00Z';
  const doomed = {
    ...live.namespace!,
    metadata: { ...(live.namespace!.metadata as object), deletionTimestamp },
  };
  const classified = live.classified.map((each) => ({
    ...each,
    object:
      each.ref.kind === 'Service'
        ? { ...each.object, metadata: { ...(each.object.metadata as object), deletionTimestamp } }
        : each.object,
  }));
  const { document } = assemble(collected({ live: { ...live, namespace: doomed, classified } }), OPTIONS);
  assert.equal(document.complete, false);
  assert.deepEqual(document.skipped, [
    {
      what: 'what is gone of namespace/shop already',
      why: 'the namespace is being deleted (it is terminating)',
    },
    {
      what: 'all of service/cart',
      why: 'it has been under deletion since 2026-11-22T10:14:00Z; it was saved as it was then',
    },
  ]);
  const recorded = classified.map((each) => ({ ...each, role: 'recorded' as const }));
  const harmless = assemble(collected({ live: { ...live, classified: recorded } }), OPTIONS);
  assert.equal(harmless.document.complete, true, 'a ReplicaSet that goes is no loss');
});

test('a history that could not be read again is not saved, and what can be done is said', () => {
  const effective = aRevision(1, 'deployed', { manifest: MANIFEST });
  const large = { ...effective.record, data: { release: 'x'.repeat(2 ** 20) } };
  const revisions = (count: number) => Array.from({ length: count }, () => ({ ...effective, record: large }));
  const saved = (count: number) =>
    assemble(collected({ live: aLiveRelease([CART], { history: revisions(count) }) }), OPTIONS);
  assert.ok(contentOf(saved(2).files, 'helm/release.json.gz').length > 0);
  assert.throws(
    () => saved(241),
    (error) =>
      error instanceof ToolError &&
      /release "cart" \(241 revisions\) have more than 240 MiB/.test(error.message) &&
      /helm history cart -n shop --max 1000/.test(spelled(error.next)),
  );
});
