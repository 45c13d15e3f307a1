import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { ToolError } from '../../../../src/errors/tool-error.ts';
import {
  changeDocument,
  changedRecord,
  currentRevisions,
  decodeRevision,
  effectiveRevision,
  encodeRelease,
  type HelmStatus,
  hooksOf,
  isHelmRecord,
  manifestOf,
  newestRevision,
  newRecord,
  sameRevision,
  sortRevisions,
} from '../../../../src/model/helm/helm-release.ts';
import { type JsonObject, objectAt, stringAt } from '../../../../src/model/json/json.ts';
import { labelsOf, nameOf } from '../../../../src/model/kubernetes/object.ts';
import { aRecord, aRevision } from '../../../support/helm-records.ts';
import { aConfigMap, aSecret } from '../../../support/objects.ts';
import { spelled } from '../../spelled.ts';

const history = (...statuses: HelmStatus[]) => statuses.map((status, index) => aRevision(index + 1, status));
const NOW = new Date('2026-11-22T10:15:00Z');

test('a record of either driver is decoded: a Secret has one more base64', () => {
  for (const driver of ['secret', 'configmap'] as const) {
    const revision = aRevision(3, 'deployed', { driver, manifest: 'kind: A\n', release: 'cart' });
    assert.deepEqual(
      [revision.driver, revision.name, revision.revision, revision.status, manifestOf(revision)],
      [driver, 'cart', 3, 'deployed', 'kind: A\n'],
    );
  }
  const text = stringAt(aRecord(1, 'deployed', { driver: 'configmap' }), 'data', 'release') ?? '';
  assert.equal((JSON.parse(gunzipSync(Buffer.from(text, 'base64')).toString()) as JsonObject).name, 'cart');
});

test('a record without compression is decoded, as Helm still reads it', () => {
  const record = aRecord(1, 'deployed', { driver: 'configmap' });
  const data = { release: Buffer.from('{"name":"old","version":1}').toString('base64') };
  assert.equal(decodeRevision({ ...record, data }).name, 'old');
});

test('where the document does not say, the labels do', () => {
  const document = { name: undefined, version: undefined, info: {} } as unknown as JsonObject;
  const { name, revision, status } = aRevision(4, 'failed', { document });
  assert.deepEqual([name, revision, status], ['cart', 4, 'failed']);
});

test('numbers of the document keep their digits', () => {
  const record = aRecord(1, 'deployed', { driver: 'configmap' });
  const data = { release: gzipSync('{"config":{"factor":1.0}}').toString('base64') };
  const { document } = decodeRevision({ ...record, data });
  assert.equal(JSON.stringify(document), '{"config":{"factor":1.0}}');
  assert.equal(
    gunzipSync(Buffer.from(encodeRelease(document, 'configmap'), 'base64')).toString(),
    '{"config":{"factor":1.0}}',
  );
});

test('a record that can not be decoded is named, with what to look at', () => {
  for (const release of [
    '',
    '!!',
    Buffer.from('H4sIAAAA').toString('base64'),
    Buffer.from('[]').toString('base64'),
  ])
    assert.throws(
      () => decodeRevision({ ...aRecord(2, 'deployed'), data: { release } }),
      (error) =>
        error instanceof ToolError &&
        /secret\/sh\.helm\.release\.v1\.cart\.v2 can't be decoded/.test(error.message) &&
        spelled(error.next) === 'helm history cart',
    );
});

test("only Helm's own records are taken for such", () => {
  assert.ok(isHelmRecord(aRecord(1, 'deployed')));
  assert.ok(isHelmRecord(aRecord(1, 'deployed', { driver: 'configmap' })));
  assert.ok(!isHelmRecord(aSecret('sh.helm.release.v1.cart.v1', { release: 'x' }).object));
  assert.ok(
    !isHelmRecord(
      aConfigMap('x', { release: 'x' }).labelled({ owner: 'helm', name: 'x', version: 'one' }).object,
    ),
  );
  assert.ok(!isHelmRecord(aConfigMap('x').labelled({ owner: 'helm', name: 'x', version: '1' }).object));
});

test('revisions sort by number, not by text', () => {
  const revisions = [10, 9, 1].map((number) => aRevision(number, 'superseded'));
  assert.deepEqual(
    sortRevisions(revisions).map(({ revision }) => revision),
    [1, 9, 10],
  );
  assert.equal(newestRevision(revisions)?.revision, 10);
  assert.equal(newestRevision([]), undefined);
});

test("the release's state is the newest deployed revision, else the newest", () => {
  const cases: [HelmStatus[], number][] = [
    [['superseded', 'deployed'], 2],
    [['deployed', 'failed'], 1],
    [['deployed', 'pending-upgrade'], 1],
    [['superseded', 'deployed', 'failed', 'failed'], 2],
    [['failed'], 1],
    [['pending-install'], 1],
    [['superseded', 'uninstalled'], 2],
    [['superseded', 'uninstalling'], 2],
  ];
  for (const [statuses, revision] of cases)
    assert.equal(effectiveRevision(history(...statuses))?.revision, revision, statuses.join(' '));
  assert.equal(effectiveRevision([]), undefined);
});

test('what a release consists of: the deployed revision, and a newer one that Helm had begun to apply', () => {
  const cases: [HelmStatus[], number[]][] = [
    [['superseded', 'deployed'], [2]],
    [
      ['deployed', 'failed'],
      [1, 2],
    ],
    [
      ['deployed', 'failed', 'pending-upgrade'],
      [1, 3],
    ],
    [['failed'], [1]],
    [['superseded', 'uninstalled'], [2]],
    [[], []],
  ];
  for (const [statuses, expected] of cases)
    assert.deepEqual(
      currentRevisions(history(...statuses)).map(({ revision }) => revision),
      expected,
      statuses.join(' '),
    );
});

test('the same revision is the same whatever compressed it, and not with another status', () => {
  const record = aRecord(1, 'deployed', { driver: 'configmap' });
  const text = gunzipSync(Buffer.from(stringAt(record, 'data', 'release') ?? '', 'base64'));
  const again = decodeRevision({
    ...record,
    data: { release: gzipSync(text, { level: 1 }).toString('base64') },
  });
  assert.ok(sameRevision(decodeRevision(record), again));
  assert.ok(!sameRevision(decodeRevision(record), aRevision(1, 'superseded', { driver: 'configmap' })));
});

test('hooks are read with their manifests and events; a document without any has none', () => {
  const hook = { name: 'h', kind: 'Job', manifest: 'kind: Job\n', events: ['pre-upgrade'] };
  assert.deepEqual(hooksOf(aRevision(1, 'deployed', { hooks: [hook] })), [
    { name: 'h', manifest: 'kind: Job\n', events: ['pre-upgrade'] },
  ]);
  assert.deepEqual(hooksOf(aRevision(1, 'deployed', { document: { hooks: null } })), []);
});

test('a changed document keeps everything but what was to change', () => {
  const { document } = aRevision(3, 'deployed', { document: { apply_method: 'ssa' } });
  const changed = changeDocument(document, { status: 'superseded' });
  assert.deepEqual(changed, { ...document, info: { ...objectAt(document, 'info'), status: 'superseded' } });
  assert.equal(stringAt(document, 'info', 'status'), 'deployed');
});

test('a revision that is deployed anew says when, why, and that it is not deleted', () => {
  const { document } = aRevision(3, 'uninstalled', {
    document: { info: { deleted: '2026-11-22T09:00:00Z' } },
  });
  const changed = changeDocument(document, {
    status: 'deployed',
    description: 'Restored',
    revision: 4,
    deployedAt: NOW.toISOString(),
  });
  assert.equal(changed.version, 4);
  assert.deepEqual(changed.info, {
    status: 'deployed',
    description: 'Restored',
    last_deployed: '2026-11-22T10:15:00.000Z',
    deleted: '',
  });
});

test('a new record is named, labelled and encoded as its driver does, user labels kept', () => {
  for (const driver of ['secret', 'configmap'] as const) {
    const from = aRevision(3, 'superseded', { driver });
    (objectAt(from.record, 'metadata', 'labels') as JsonObject).team = 'shop';
    const record = newRecord(from, 'other', { status: 'pending-rollback', revision: 6 }, NOW);
    assert.equal(record.kind, driver === 'secret' ? 'Secret' : 'ConfigMap');
    assert.equal(record.type, driver === 'secret' ? 'helm.sh/release.v1' : undefined);
    assert.deepEqual(record.metadata, {
      name: 'sh.helm.release.v1.cart.v6',
      namespace: 'other',
      labels: {
        name: 'cart',
        owner: 'helm',
        status: 'pending-rollback',
        version: '6',
        createdAt: '1795342500',
        team: 'shop',
      },
    });
    const { revision, status } = decodeRevision(record);
    assert.deepEqual([revision, status], [6, 'pending-rollback']);
  }
});

test('a record with another status says so in label and document, and can be sent over the one that was read', () => {
  for (const driver of ['secret', 'configmap'] as const) {
    const { record, document } = aRevision(3, 'deployed', { driver });
    const changed = changedRecord(record, document, { status: 'superseded' }, NOW);
    assert.equal(decodeRevision(changed).status, 'superseded');
    assert.equal(labelsOf(changed).status, 'superseded');
    assert.equal(labelsOf(changed).modifiedAt, '1795342500');
    assert.deepEqual(
      [
        nameOf(changed),
        stringAt(changed, 'metadata', 'resourceVersion'),
        stringAt(changed, 'metadata', 'uid'),
      ],
      ['sh.helm.release.v1.cart.v3', '3', 'uid-of-revision-3'],
    );
    assert.equal(labelsOf(record).status, 'deployed');
  }
});
