import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Histories } from '../../../../src/kube/helm-history.ts';
import { discoverByRecords } from '../../../../src/kube/helm-history.ts';
import type { HelmRevision } from '../../../../src/model/helm/helm-release.ts';
import { displayName, refOf } from '../../../../src/model/kubernetes/object.ts';
import { namesToLookUp } from '../../../../src/model/release/discover.ts';
import { objectsWithoutRecord } from '../../../../src/model/release/plain-release.ts';
import { aRevision } from '../../../support/helm-records.ts';
import {
  aConfigMap,
  aDeployment,
  anObject,
  aService,
  controlledBy,
  type Fixture,
  NAMESPACE,
} from '../../../support/objects.ts';

const INSTANCE = 'app.kubernetes.io/instance';
const marks = (release: string, namespace = NAMESPACE) => ({
  'meta.helm.sh/release-name': release,
  'meta.helm.sh/release-namespace': namespace,
});
const inNamespace = (workload: Fixture, namespace: string) => workload.with({ metadata: { namespace } });
const cart = aDeployment('cart').annotated(marks('cart'));
/** A record of Helm's, in the namespace `shop`, whose manifest names these. */
const recordOf = (...objects: Fixture[]) => [
  aRevision(1, 'deployed', { manifest: objects.map(({ object }) => object) }),
];

async function discover(workloads: Fixture[], records: Record<string, HelmRevision[]> = {}) {
  const histories: Pick<Histories, 'of' | 'has'> = {
    of: async (namespace, release) => records[`${namespace}/${release}`] ?? [],
    has: (namespace, release) => records[`${namespace}/${release}`] !== undefined,
  };
  const objects = workloads.map(({ object }) => object);
  const { releases, unowned } = await discoverByRecords(objects, histories);
  return {
    releases: releases.map(
      ({ namespace, release, workloads }) =>
        `${namespace}/${release}: ${workloads.map((each) => `${refOf(each).namespace}/${refOf(each).name}`)}`,
    ),
    unowned: unowned.map(
      ({ workload, by, of, countedTo }) =>
        `${refOf(workload).namespace}/${refOf(workload).name} by ${by} of ${of.namespace}/${of.release}` +
        (countedTo === undefined ? '' : `, counted to ${countedTo.namespace}/${countedTo.release}`),
    ),
  };
}

test("a workload is of the release that Helm's marks name, else its label, else of its own name", async () => {
  const workloads = [
    aDeployment('mine').with({ metadata: { name: 'z' } }),
    aDeployment('labelled').labelled({ [INSTANCE]: 'b' }),
    cart.labelled({ [INSTANCE]: 'other' }),
    aDeployment('controlled').with({ metadata: { ownerReferences: [controlledBy(cart.served().object)] } }),
    anObject('apps/v1', 'Deployment', 'no-cache'),
  ];
  assert.deepEqual(await discover(workloads), {
    releases: ['shop/b: shop/labelled', 'shop/cart: shop/cart', 'shop/z: shop/z'],
    unowned: [],
  });
});

describe("Helm's marks that name another namespace", () => {
  const copy = inNamespace(cart, 'copy');

  test('count where the record of that release names the workload', async () => {
    assert.deepEqual(await discover([copy], { 'shop/cart': recordOf(copy) }), {
      releases: ['shop/cart: copy/cart'],
      unowned: [],
    });
  });

  test('count for nothing where the record does not, or where there is none to be read', async () => {
    for (const records of [{ 'shop/cart': recordOf(cart) }, {}]) {
      assert.deepEqual(await discover([cart, copy], records), {
        releases: ['copy/cart: copy/cart', 'shop/cart: shop/cart'],
        unowned: ['copy/cart by annotations of shop/cart, counted to copy/cart'],
      });
    }
  });

  test('leave the workload and its Service to plain YAML', () => {
    const service = inNamespace(aService('cart'), 'copy').annotated(marks('cart'));
    const objects = [copy.object, service.object];
    assert.deepEqual(
      objectsWithoutRecord('cart', 'copy', objects).map(({ ref }) => displayName(ref)),
      ['deployment.apps/cart', 'service/cart'],
    );
  });
});

describe('a name that Helm has a release of', () => {
  const namesake = aDeployment('memo').labelled({ [INSTANCE]: 'cart' });

  test("is Helm's: a plain workload of that name is not saved as another release at the same address", async () => {
    const expected = {
      releases: ['shop/cart: shop/cart'],
      unowned: ['shop/memo by label or name of shop/cart'],
    };
    assert.deepEqual(await discover([cart, namesake], { 'shop/cart': recordOf(cart) }), expected);
    assert.deepEqual(await discover([namesake, cart]), expected, 'also where the record is gone');
  });

  test('needs no memcached workload of its own for that', async () => {
    assert.deepEqual(await discover([namesake], { 'shop/cart': recordOf(aService('cart')) }), {
      releases: [],
      unowned: ['shop/memo by label or name of shop/cart'],
    });
  });

  test('keeps a workload that its record names and that somebody took the marks off', async () => {
    const bare = aDeployment('cart');
    assert.deepEqual((await discover([bare], { 'shop/cart': recordOf(bare) })).releases, [
      'shop/cart: shop/cart',
    ]);
  });

  test('has no copy that was made in its own namespace, marks and all', async () => {
    const copy = cart.with({ metadata: { name: 'cart-2' } });
    assert.deepEqual(await discover([cart, copy], { 'shop/cart': recordOf(cart) }), {
      releases: ['shop/cart: shop/cart'],
      unowned: ['shop/cart-2 by annotations of shop/cart'],
    });
  });

  test("whose record can't be read is read all the same, and says what is wrong", async () => {
    const broken = recordOf(cart).map((revision) => ({
      ...revision,
      document: { ...revision.document, manifest: '{' },
    }));
    assert.deepEqual(await discover([cart, namesake], { 'shop/cart': broken }), {
      releases: ['shop/cart: shop/cart,shop/memo'],
      unowned: [],
    });
  });

  test('and no record takes what Helm left no workload of: a kept claim beside plain YAML', () => {
    const claim = anObject('v1', 'PersistentVolumeClaim', 'cart').annotated(marks('cart'));
    const named = (...objects: Fixture[]) =>
      objectsWithoutRecord(
        'cart',
        NAMESPACE,
        objects.map(({ object }) => object),
      ).map(({ ref }) => displayName(ref));
    assert.deepEqual(named(claim, aDeployment('cart')), [
      'persistentvolumeclaim/cart',
      'deployment.apps/cart',
    ]);
    assert.deepEqual(named(cart, namesake), ['deployment.apps/cart']);
  });
});

test('what is no name of a release names none: the workload goes by its own', async () => {
  for (const odd of ['', 'x y', 'My_App', 'a/../b']) {
    const workloads = [
      aDeployment('one').annotated(marks(odd)),
      aDeployment('two').labelled({ [INSTANCE]: odd }),
    ];
    assert.deepEqual((await discover(workloads)).releases, ['shop/one: shop/one', 'shop/two: shop/two'], odd);
    assert.deepEqual(namesToLookUp(workloads.map(({ object }) => object)), ['one', 'two'], odd);
  }
});

test('a label that is no name ties nothing together', () => {
  const label = { [INSTANCE]: 'My_App' };
  const objects = [
    aDeployment('one').labelled(label),
    aDeployment('two').labelled(label),
    aConfigMap('notes').labelled(label),
    aService('one').labelled(label),
  ];
  const named = objectsWithoutRecord(
    'one',
    NAMESPACE,
    objects.map(({ object }) => object),
  );
  assert.deepEqual(
    named.map(({ ref }) => displayName(ref)),
    ['deployment.apps/one', 'service/one'],
  );
});

test("Helm's records are asked for by the names that its marks, labels and workloads bear", () => {
  const workloads = [
    cart,
    inNamespace(cart, 'copy').labelled({ [INSTANCE]: 'basket' }),
    aDeployment('memo'),
    anObject('apps/v1', 'Deployment', 'no-cache'),
  ];
  assert.deepEqual(namesToLookUp(workloads.map(({ object }) => object)), ['cart', 'basket', 'memo']);
});
