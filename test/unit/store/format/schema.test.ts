import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import type {
  BackupDocument,
  FileEntry,
  Health,
  HelmInfo,
  ObjectEntry,
  PodSettings,
  SettingsDocument,
  SettingsVerdict,
  Skipped,
  VerificationDocument,
  WithoutSecrets,
} from '../../../../src/model/records/backup-format.ts';
import schema from '../../../../src/model/records/backup-v1.schema.json' with { type: 'json' };
import { checkBackupDocument, checkSettingsDocument } from '../../../../src/store/format/document-schema.ts';
import { isInnerPath } from '../../../../src/store/format/layout.ts';
import { sampleDocument } from '../sample-backup.ts';

/** The fields of T. A field that is added, dropped or made optional in T fails to compile below. */
type Fields<T> = { [K in keyof Required<T>]: undefined extends T[K] ? 'optional' : Optionality<T, K> };
type Optionality<T, K extends keyof T> = Record<never, never> extends Pick<T, K> ? 'optional' : 'required';

const backup: Fields<Omit<BackupDocument, 'sealed'>> = {
  formatVersion: 'required',
  kind: 'required',
  id: 'required',
  tool: 'required',
  cluster: 'required',
  namespace: 'required',
  release: 'required',
  note: 'optional',
  helm: 'optional',
  startedAt: 'required',
  durationMs: 'required',
  health: 'required',
  settings: 'required',
  complete: 'required',
  skipped: 'required',
  withoutSecrets: 'optional',
  objects: 'required',
  files: 'required',
};
const tool: Fields<BackupDocument['tool']> = { name: 'required', version: 'required' };
const cluster: Fields<BackupDocument['cluster']> = {
  name: 'required',
  uid: 'optional',
  caDigest: 'optional',
  serverVersion: 'required',
  context: 'required',
};
const namespace: Fields<BackupDocument['namespace']> = {
  name: 'required',
  labels: 'required',
  annotations: 'required',
};
const file: Fields<FileEntry> = { path: 'required', size: 'required', sha256: 'required' };
const object: Fields<ObjectEntry> = {
  apiVersion: 'required',
  kind: 'required',
  name: 'required',
  namespace: 'optional',
  role: 'required',
  from: 'required',
  raw: 'required',
  manifest: 'optional',
};
const skipped: Fields<Skipped> = {
  what: 'required',
  why: 'required',
  permission: 'optional',
  asked: 'optional',
};
const withoutSecrets: Fields<WithoutSecrets> = { objects: 'required', records: 'required' };
const withheld: Fields<WithoutSecrets['objects'][number]> = {
  apiVersion: 'required',
  kind: 'required',
  name: 'required',
  role: 'required',
  why: 'required',
  type: 'optional',
  keys: 'optional',
};
const record: Fields<WithoutSecrets['records'][number]> = {
  revision: 'required',
  status: 'required',
  uid: 'required',
};
const permission: Fields<NonNullable<Skipped['permission']>> = {
  verb: 'required',
  group: 'required',
  resource: 'required',
  namespace: 'optional',
};
const helm: Fields<HelmInfo> = {
  driver: 'required',
  revision: 'required',
  status: 'required',
  chart: 'required',
  revisions: 'required',
};
const chart: Fields<HelmInfo['chart']> = { name: 'required', version: 'required', appVersion: 'optional' };
const health: Fields<Health> = {
  podsReady: 'required',
  podsWanted: 'required',
  releaseStatus: 'optional',
  unfinished: 'optional',
  drift: 'required',
};
const verdict: Fields<SettingsVerdict> = {
  verdict: 'required',
  podsAnswered: 'required',
  podsAsked: 'required',
  differing: 'required',
  inShort: 'optional',
};
const settings: Fields<SettingsDocument> = { pods: 'required' };
const pod: Fields<PodSettings> = {
  name: 'required',
  workload: 'required',
  current: 'required',
  container: 'required',
  image: 'required',
  imageID: 'optional',
  command: 'required',
  args: 'required',
  env: 'required',
  ready: 'required',
  version: 'optional',
  stats: 'optional',
  error: 'optional',
};
const env: Fields<PodSettings['env'][number]> = { name: 'required', value: 'optional', from: 'optional' };

const verification: Fields<VerificationDocument> = {
  formatVersion: 'required',
  backup: 'required',
  at: 'required',
  tool: 'required',
  passed: 'required',
  unchecked: 'required',
  digest: 'required',
};
const unchecked: Fields<VerificationDocument['unchecked'][number]> = {
  check: 'required',
  what: 'required',
  why: 'required',
};

interface ObjectSchema {
  additionalProperties: boolean | object;
  required?: string[];
  properties: Record<string, unknown>;
}
const { definitions } = schema;
const top = definitions.BackupDocument.properties;
const PAIRS: [string, Record<string, 'required' | 'optional'>, ObjectSchema][] = [
  ['BackupDocument', backup, definitions.BackupDocument],
  ['tool', tool, top.tool],
  ['cluster', cluster, top.cluster],
  ['namespace', namespace, top.namespace],
  ['FileEntry', file, definitions.FileEntry],
  ['ObjectEntry', object, definitions.ObjectEntry],
  ['Skipped', skipped, definitions.Skipped],
  ['permission', permission, definitions.Skipped.properties.permission],
  ['WithoutSecrets', withoutSecrets, definitions.WithoutSecrets],
  ['what was left out', withheld, definitions.WithoutSecrets.properties.objects.items],
  ['records', record, definitions.WithoutSecrets.properties.records.items],
  ['HelmInfo', helm, definitions.HelmInfo],
  ['chart', chart, definitions.HelmInfo.properties.chart],
  ['Health', health, definitions.Health],
  ['SettingsVerdict', verdict, definitions.SettingsVerdict],
  ['SettingsDocument', settings, definitions.SettingsDocument],
  ['PodSettings', pod, definitions.PodSettings],
  ['env', env, definitions.PodSettings.properties.env.items],
  ['VerificationDocument', verification, definitions.VerificationDocument],
  ['tool of verified.json', tool, definitions.VerificationDocument.properties.tool],
  ['unchecked', unchecked, definitions.VerificationDocument.properties.unchecked.items],
];
for (const [name, fields, found] of PAIRS) {
  test(`the schema of ${name} has the fields of the type, no others, and requires the same`, () => {
    assert.deepEqual(Object.keys(found.properties).sort(), Object.keys(fields).sort());
    const required = Object.keys(fields).filter((field) => fields[field] === 'required');
    assert.deepEqual([...(found.required ?? [])].sort(), required.sort());
    assert.equal(found.additionalProperties, false);
  });
}

test('no object of the schema is left out above', () => {
  const objects = JSON.stringify(schema).match(/"additionalProperties":false/g) ?? [];
  assert.equal(objects.length, PAIRS.length);
});

const VALUES: [string, readonly string[], readonly unknown[]][] = [
  ['kind', ['backup', 'safety'] satisfies BackupDocument['kind'][], top.kind.enum],
  [
    'role',
    ['owned', 'referenced', 'recorded'] satisfies ObjectEntry['role'][],
    definitions.ObjectEntry.properties.role.enum,
  ],
  [
    'driver',
    ['secret', 'configmap'] satisfies HelmInfo['driver'][],
    definitions.HelmInfo.properties.driver.enum,
  ],
  [
    'verdict',
    ['agree', 'differ', 'partial', 'unreachable', 'none'] satisfies SettingsVerdict['verdict'][],
    definitions.SettingsVerdict.properties.verdict.enum,
  ],
];
for (const [name, values, found] of VALUES) {
  test(`the schema knows the values of ${name}`, () => assert.deepEqual(found, values));
}

test('the schema is a valid JSON Schema', () => {
  assert.equal(new Ajv().validateSchema(schema), true);
});

test('a document with every field passes, with only the required ones too', async () => {
  const whole = sampleDocument({}, { files: [{ path: 'a/b.yaml', size: 0, sha256: '0'.repeat(64) }] });
  assert.equal(await checkBackupDocument(whole), undefined);
  const { helm: _, ...plain } = whole;
  assert.equal(await checkBackupDocument({ ...plain, objects: [], skipped: [] }), undefined);
});

test('what is wrong is named by its place', async () => {
  const document = sampleDocument({}, { files: [{ path: 'x', size: -1, sha256: '0'.repeat(64) }] });
  assert.equal(await checkBackupDocument(document), '/files/0/size must be >= 0');
  assert.equal(
    await checkBackupDocument({ ...sampleDocument(), extra: 1 }),
    'must NOT have additional properties ("extra")',
  );
});

test('settings.json has a schema of its own', async () => {
  const answered: PodSettings = {
    name: 'cart-0',
    workload: 'statefulset.apps/cart',
    current: true,
    container: 'memcached',
    image: 'memcached:1.6.39',
    imageID: 'sha256:1',
    command: [],
    args: ['-m', '64'],
    env: [
      { name: 'A', value: '1' },
      { name: 'B', from: 'secret/x key y' },
    ],
    ready: true,
    version: '1.6.39',
    stats: { maxbytes: '67108864' },
  };
  assert.equal(await checkSettingsDocument({ pods: [answered] } satisfies SettingsDocument), undefined);
  assert.equal(
    await checkSettingsDocument({ pods: [{ ...answered, ready: 'yes' }] }),
    '/pods/0/ready must be boolean',
  );
});

for (const path of ['a', 'a/b.yaml', '.helmignore', 'a/.x/b', '..a/b', 'a/...']) {
  test(`the schema and the reader accept the path ${path}`, async () => {
    assert.equal(isInnerPath(path), true);
    assert.equal(await checkBackupDocument(withPath(path)), undefined);
  });
}
for (const path of [
  '',
  '/a',
  'a/',
  'a//b',
  '.',
  '..',
  '../a',
  'a/..',
  'a/./b',
  'a/../b',
  'a\\b',
  'a\nb',
  'a\n',
  'a\u0000',
  'x'.repeat(1025),
]) {
  test(`the schema and the reader refuse the path ${JSON.stringify(path).slice(0, 20)}`, async () => {
    assert.equal(isInnerPath(path), false);
    assert.match((await checkBackupDocument(withPath(path))) ?? 'accepted', /^\/files\/0\/path must/);
  });
}

function withPath(path: string): BackupDocument {
  return sampleDocument({}, { files: [{ path, size: 1, sha256: '0'.repeat(64) }] });
}
