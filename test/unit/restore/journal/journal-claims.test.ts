import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type KubeObject, keyOf, type ObjectRef, refOf } from '../../../../src/model/kubernetes/object.ts';
import type { PlannedObject } from '../../../../src/model/plan/plan.ts';
import type { Journal, JournalEntry, JournalStart } from '../../../../src/model/records/journal.ts';
import { falseClaims } from '../../../../src/restore/journal/journal-claims.ts';
import { PLAN, startLine } from '../../store/journal/sample-journal.ts';

function object(apiVersion: string, kind: string, metadata: KubeObject): KubeObject {
  return { apiVersion, kind, metadata: { name: 'cart', namespace: 'shop', ...metadata } };
}

const SERVICE = object('v1', 'Service', {});
const { namespace: _of, ...CLUSTER_WIDE } = object('v1', 'X', {}).metadata as KubeObject;
const BINDING: KubeObject = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: CLUSTER_WIDE,
};

function planned(ref: ObjectRef): PlannedObject {
  return { action: 'replace', ref, role: 'owned', reason: '', changes: [], checked: true };
}

/** A journal whose plan names `refs`, and that holds `start` and `entries`. */
function journalOf(refs: ObjectRef[], start: Partial<JournalStart>, ...entries: JournalEntry[]): Journal {
  const first = startLine({ plan: { ...PLAN, objects: refs.map(planned) }, ...start });
  return { start: first, entries: [first, ...entries], location: '/store/journal' };
}

const imageOf = (image: KubeObject): JournalStart['preImages'][number] => ({
  ref: refOf(image),
  object: image,
});
const done = (ref: ObjectRef, action = 'create'): JournalEntry => ({
  type: 'did',
  at: '',
  action,
  ref,
  uid: 'u',
});
const keys = (...objects: KubeObject[]): Set<string> => new Set(objects.map((each) => keyOf(refOf(each))));

describe('a journal', () => {
  test('of a restore is believed: its objects, its namespace, Helm’s records, pods that it made way for', () => {
    const of = (kind: string, name: string): ObjectRef => ({
      apiVersion: 'v1',
      kind,
      namespace: 'shop',
      name,
    });
    const journal = journalOf(
      [refOf(SERVICE)],
      { preImages: [imageOf(SERVICE)] },
      done({ apiVersion: 'v1', kind: 'Namespace', name: 'shop' }),
      done(of('Secret', 'sh.helm.release.v1.cart.v12')),
      done(of('Pod', 'cart-0'), 'delete'),
      done(refOf(SERVICE)),
    );
    assert.deepEqual(falseClaims(journal, keys(SERVICE)), []);
  });

  const elsewhere = object('v1', 'ConfigMap', { namespace: 'other' });
  const pod = object('v1', 'Pod', {});
  const invented: [string, KubeObject, RegExp][] = [
    ['a ClusterRoleBinding', BINDING, /^clusterrolebinding\.\S+: cluster-wide$/],
    ['of another namespace', elsewhere, /^configmap\/cart: in namespace other$/],
    ['a Pod', pod, /^pod\/cart: a restore makes no Pods$/],
  ];
  for (const [what, image, why] of invented) {
    test(`with an invented pre-image is not: ${what}`, () => {
      // Whatever the plan and the backups say.
      const ref = refOf(image);
      for (const journal of [
        journalOf([ref], { preImages: [imageOf(image)] }),
        journalOf([ref], { preImages: [{ ref, object: null }] }),
        journalOf([ref], {}, done(ref)),
      ]) {
        const [found, ...others] = falseClaims(journal, keys(image));
        assert.match(found ?? 'none', why);
        assert.deepEqual(others, []);
      }
    });
  }

  test('is not where a pre-image is of another object than it says', () => {
    const preImages = [{ ref: refOf(SERVICE), object: object('v1', 'Service', { name: 'another' }) }];
    assert.deepEqual(falseClaims(journalOf([refOf(SERVICE)], { preImages }), keys(SERVICE)), [
      'service/cart: what it says was there before is service/another',
    ]);
  });

  test('is not where its plan, or both backups, lack what it wrote', () => {
    const start = { preImages: [imageOf(SERVICE)] };
    assert.deepEqual(falseClaims(journalOf([], start), keys(SERVICE)), [
      'service/cart: its plan does not name it',
    ]);
    assert.deepEqual(falseClaims(journalOf([refOf(SERVICE)], start), new Set()), [
      'service/cart: neither the backup of before nor the restored one holds it',
    ]);
    const record = {
      apiVersion: 'v1',
      kind: 'Secret',
      namespace: 'shop',
      name: 'sh.helm.release.v1.other.v1',
    };
    assert.equal(
      falseClaims(journalOf([], {}, done(record)), new Set()).length,
      1,
      'a record of another release',
    );
    const pods = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'x' };
    assert.equal(falseClaims(journalOf([], {}, done(pods)), new Set()).length, 1, 'a Pod that it made');
  });

  test('that took up another may name what only that one planned, if a backup holds it', () => {
    const start = { preImages: [imageOf(SERVICE)], earlier: [PLAN.backup] };
    assert.deepEqual(falseClaims(journalOf([], start), keys(SERVICE)), []);
    assert.equal(falseClaims(journalOf([], start), new Set()).length, 1);
  });
});
