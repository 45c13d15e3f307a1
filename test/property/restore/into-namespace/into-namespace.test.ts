import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { RestoreSource } from '../../../../src/backup/source.ts';
import { decodeRevision, type HelmRevision } from '../../../../src/model/helm/helm-release.ts';
import { isObject, type Json, type JsonObject, stringAt, valueAt } from '../../../../src/model/json/json.ts';
import { parseYamlStream } from '../../../../src/model/json/yaml.ts';
import { fieldChanges } from '../../../../src/model/kubernetes/field-changes.ts';
import { type KubeObject, keyOf, refOf } from '../../../../src/model/kubernetes/object.ts';
import { intoNamespace } from '../../../../src/restore/into-namespace/into-namespace.ts';
import { aRevision } from '../../../support/helm-records.ts';
import { anObject, Fixture, NAMESPACE } from '../../../support/objects.ts';
import { rawObject } from '../../../support/raw-objects.ts';
import { aSource, saved } from '../../../support/restore-source.ts';

const TO = 'drill';

/** Texts that name the namespace, or nearly. */
const text = fc.constantFrom(
  NAMESPACE,
  `cart.${NAMESPACE}.svc:11211`,
  `system:serviceaccounts:${NAMESPACE}`,
  `work${NAMESPACE}`,
  `${NAMESPACE}-2`,
  'cart',
);
const words = fc.dictionary(fc.constantFrom('note', 'peer', NAMESPACE, `a/${NAMESPACE}`, 'namespace'), text);

const binding = fc
  .array(
    fc.record({ kind: fc.constantFrom('ServiceAccount', 'User', 'Group'), name: text, namespace: text }),
    { maxLength: 3 },
  )
  .map(
    (subjects) =>
      anObject('rbac.authorization.k8s.io/v1', 'RoleBinding', 'bound').with({
        subjects,
        roleRef: { kind: 'Role', name: 'r' },
      }).object,
  );
const policy = text.map(
  (name) =>
    anObject('networking.k8s.io/v1', 'NetworkPolicy', 'callers').with({
      spec: {
        ingress: [
          { from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } }] },
        ],
      },
    }).object,
);
const object: fc.Arbitrary<KubeObject> = fc
  .record({ base: fc.oneof(rawObject(), binding, policy), words, annotations: words, helm: text })
  .map(
    ({ base, words, annotations, helm }) =>
      new Fixture(base).with({
        metadata: { annotations: { ...annotations, 'meta.helm.sh/release-namespace': helm } },
        settings: words,
      }).object,
  );

const source: fc.Arbitrary<RestoreSource> = fc
  .record({
    objects: fc.uniqueArray(object, { selector: (each) => keyOf(refOf(each)), maxLength: 4 }),
    config: words,
    notes: text,
  })
  .map(({ objects, config, notes }) => {
    const bare = objects.map(asManifest);
    return aSource(
      objects.map((each) => saved(new Fixture(each))),
      {
        history: [
          aRevision(1, 'superseded', { manifest: bare, config }),
          aRevision(2, 'deployed', {
            manifest: bare,
            config,
            hooks: bare.slice(0, 1).map((manifest) => ({ name: 'warm', kind: 'Job', manifest })),
            document: { info: { status: 'deployed', notes } },
          }),
        ],
      },
    );
  });

/** As a chart writes it: some with a namespace and some without. */
function asManifest(object: KubeObject, index: number): KubeObject {
  const { managedFields: _m, namespace, ...metadata } = object.metadata as JsonObject;
  const { status: _status, ...rest } = object;
  return { ...rest, metadata: index % 2 === 0 ? { ...metadata, namespace: namespace! } : metadata };
}

/** Each run packs two of Helm's records several times. */
const RUNS = { numRuns: 50 };

describe('a backup that is restored into another namespace', () => {
  test('differs from what it was in the documented fields alone', () => {
    fc.assert(
      fc.property(source, (before) => {
        const after = intoNamespace(before, TO);
        assert.equal(after.objects.length, before.objects.length);
        for (const [index, { raw }] of before.objects.entries()) {
          const moved = after.objects[index]!;
          assertOnlyTheList(raw, moved.raw);
          assert.deepEqual(moved.ref, refOf(moved.raw));
          assert.equal(stringAt(moved.raw, 'metadata', 'namespace'), TO);
        }
        for (const [index, revision] of before.history.entries())
          assertOnlyTheListOfHelm(revision, after.history[index]!);
        assert.deepEqual(after.pods, before.pods);
      }),
      RUNS,
    );
  });

  test('is told every other place that names the old one, and no place that does not', () => {
    fc.assert(
      fc.property(source, (before) => {
        const { objects, history, moved } = intoNamespace(before, TO);
        const told = Map.groupBy(moved?.references ?? [], ({ what }) => what.split(/[ /]/, 1)[0]);
        assert.deepEqual(
          told.get('namespace')?.map(({ where }) => where),
          ['metadata.labels.team'],
        );
        const helm = told.get('Helm') ?? [];
        const numberTold = (moved?.references.length ?? 0) - helm.length - 1;
        assert.equal(numberTold, objects.flatMap(({ raw }) => namesIn(raw)).length);
        const inHelm = history.flatMap(({ document: { config, info, ...document } }) => [
          ...leavesOf([config ?? {}, valueAt(info, 'notes') ?? '']).filter(isName),
          ...manifestsOf(document).flatMap(namesIn),
        ]);
        assert.equal(helm.length > 0, inHelm.length > 0);
      }),
      RUNS,
    );
  });

  test('is what it is when it is rewritten again', () => {
    fc.assert(
      fc.property(source, (before) => {
        const once = intoNamespace(before, TO);
        assert.equal(intoNamespace(once, TO), once);
        assert.equal(intoNamespace(before, NAMESPACE), before);
        const { moved: _there, ...back } = intoNamespace(intoNamespace(once, 'third'), TO);
        const { moved: _once, ...onceOnly } = once;
        assert.deepEqual(back, onceOnly);
      }),
      RUNS,
    );
  });
});

/** The closed list of docs/restore.md, written down a second time. */
function assertOnlyTheList(before: KubeObject, after: KubeObject): void {
  for (const { path, from, to } of fieldChanges(before, after)) {
    const isDropped = to === undefined || path.endsWith('.ports[0]');
    if (before.kind === 'Service' && /^spec\.(?:clusterIPs?|healthCheckNodePort|ports)/.test(path)) {
      assert.ok(isDropped || stripped(from) === stripped(to), `${path} is dropped`);
      continue;
    }
    const isListed =
      path === 'metadata.namespace' ||
      path === 'metadata.annotations["meta.helm.sh/release-namespace"]' ||
      (before.kind === 'RoleBinding' && /^subjects\[[^\]]*\]\.namespace$/.test(path));
    assert.ok(isListed, `${path} is on the list`);
    assert.deepEqual([from, to], [NAMESPACE, TO], path);
  }
  for (const subject of subjectsOf(after))
    assert.notDeepEqual([subject.kind, subject.namespace], ['ServiceAccount', NAMESPACE]);
}

function subjectsOf(object: KubeObject): JsonObject[] {
  return Array.isArray(object.subjects) ? object.subjects.filter(isObject) : [];
}

function stripped(value: Json | undefined): string {
  return JSON.stringify(value, (key, item) => (key === 'nodePort' ? undefined : item)) ?? '';
}

function assertOnlyTheListOfHelm(before: HelmRevision, after: HelmRevision): void {
  const { manifest: _a, hooks: _b, namespace: from, ...rest } = before.document;
  const { manifest: _c, hooks: _d, namespace: to, ...movedRest } = after.document;
  assert.deepEqual([from, to], [NAMESPACE, TO]);
  assert.deepEqual(movedRest, rest, 'chart, values, notes');
  assert.deepEqual(decodeRevision(after.record).document, after.document, 'the record says the same');
  assert.equal(stringAt(after.record, 'metadata', 'namespace'), TO);
  const [was, is] = [manifestsOf(before.document), manifestsOf(after.document)];
  assert.equal(is.length, was.length);
  for (const [index, object] of was.entries()) {
    if (object.kind === 'Service')
      assert.deepEqual(object.spec, is[index]!.spec, 'an address stays in the text');
    assertOnlyTheList(object, is[index]!);
  }
}

function manifestsOf(document: JsonObject): KubeObject[] {
  const hooks = Array.isArray(document.hooks) ? document.hooks : [];
  const texts = [document.manifest, ...hooks.map((hook) => (isObject(hook) ? hook.manifest : ''))];
  return texts.flatMap((each) => parseYamlStream(String(each))).filter(isObject);
}

/** Fields that name the old namespace, apart from what no restore sends and the object's own name. */
function namesIn(object: KubeObject): string[] {
  const { apiVersion: _a, kind: _k, status: _s, metadata, ...rest } = object;
  const { labels, annotations } = metadata as JsonObject;
  return leavesOf({ ...rest, labels: labels ?? null, annotations: annotations ?? null }).filter(isName);
}

/** Every text in a value, one a field: keys count where the field's value has none. */
function leavesOf(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const below = leavesOf(item).filter(isName);
    return below.length > 0 ? below : [key];
  });
}

function isName(value: string): boolean {
  return value.split(/[^A-Za-z0-9-]+/).includes(NAMESPACE);
}
