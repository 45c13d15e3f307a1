import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../../../src/kube/api-error.ts';
import type { KubeClient, ResourceType } from '../../../src/kube/client.ts';
import { Inventory } from '../../../src/kube/inventory.ts';
import { PackedObject } from '../../../src/kube/packed-object.ts';
import { TooLargeError } from '../../../src/kube/too-large.ts';
import type { KubeObject, ObjectRef } from '../../../src/model/kubernetes/object.ts';
import { keyOf, refOf } from '../../../src/model/kubernetes/object.ts';

const TYPES: Record<string, ResourceType> = {
  ConfigMap: { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
  Service: { apiVersion: 'v1', kind: 'Service', plural: 'services', namespaced: true },
  Secret: { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true },
};

/** A cluster with these objects, some permissions missing. */
function cluster(objects: KubeObject[], forbidden: { list?: string[]; get?: string[] }) {
  const calls: string[] = [];
  const refuse = (verb: string, resource: string): never => {
    throw new ApiError(
      { status: 403, reason: 'Forbidden', message: `cannot ${verb} resource "${resource}"` },
      {
        verb,
        group: '',
        resource,
      },
    );
  };
  const kube = {
    resourceType: async (_apiVersion: string, kind: string) => TYPES[kind],
    listAs: async (
      type: ResourceType,
      { namespace }: { namespace?: string },
      keep: (object: KubeObject, packed: PackedObject) => unknown,
    ) => {
      calls.push(`list ${type.plural}`);
      if (forbidden.list?.includes(type.plural)) refuse('list', type.plural);
      return objects
        .filter(
          (object) =>
            object.kind === type.kind && (namespace === undefined || refOf(object).namespace === namespace),
        )
        .map((object) => keep(object, PackedObject.of(object)));
    },
    get: async (ref: ObjectRef) => {
      calls.push(`get ${ref.name}`);
      if (forbidden.get?.includes(ref.name)) refuse('get', TYPES[ref.kind]!.plural);
      return objects.find((object) => keyOf(refOf(object)) === keyOf(ref));
    },
  } as unknown as KubeClient;
  return { kube, calls };
}

const configMap = (name: string, namespace = 'here'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
});
const [a, b] = [configMap('a'), configMap('b')];

async function read(inventory: Inventory): Promise<void> {
  await Promise.all(Object.keys(TYPES).map((kind) => inventory.read('v1', kind)));
}

test('a permission that one release lacks does not count against another', async () => {
  const { kube } = cluster([a, b], { list: ['configmaps'], get: ['b'] });
  const inventory = new Inventory(kube, 'here');
  await read(inventory);
  const found = await Promise.all([inventory.readByName([refOf(a)]), inventory.readByName([refOf(b)])]);
  assert.deepEqual(found, [true, false]);
  assert.deepEqual(await inventory.deniedFor([refOf(a)]), []);
  const [denied, ...others] = await inventory.deniedFor([refOf(b)]);
  assert.deepEqual([denied?.type.plural, denied?.verb, others], ['configmaps', 'list', []]);
});

test('a kind of which nothing is wanted counts as missing where it may not be listed', async () => {
  const { kube } = cluster([a], { list: ['services'] });
  const inventory = new Inventory(kube, 'here');
  await read(inventory);
  assert.deepEqual(
    (await inventory.deniedFor([refOf(a)])).map(({ type }) => type.plural),
    ['services'],
  );
});

test('two releases that want the same object at once both find it, by one request', async () => {
  const { kube, calls } = cluster([a], { list: ['configmaps'] });
  const inventory = new Inventory(kube, 'here');
  await read(inventory);
  const found = await Promise.all([inventory.readByName([refOf(a)]), inventory.readByName([refOf(a)])]);
  assert.deepEqual(found, [true, true]);
  assert.deepEqual(
    calls.filter((call) => call.startsWith('get')),
    ['get a'],
  );
  assert.equal(await inventory.readByName([refOf(a)]), false, 'nothing is new any more');
});

test('an object in another namespace is never read by its name', async () => {
  const abroad = configMap('abroad', 'there');
  const { kube, calls } = cluster([a, abroad], {});
  const inventory = new Inventory(kube, 'here');
  await read(inventory);
  assert.equal(await inventory.readByName([refOf(abroad), refOf(configMap('gone'))]), false);
  assert.deepEqual(
    calls.filter((call) => call.startsWith('get')),
    [],
  );
  assert.deepEqual(inventory.all('here', 'ConfigMap'), [a]);
});

test('a list that is larger than what is read is a gap, for want of no permission', async () => {
  const { kube } = cluster([a], {});
  const tooLarge = Object.assign(Object.create(kube), {
    listAs: async (type: ResourceType, ...rest: [never, never]) => {
      if (type.plural === 'services')
        throw new TooLargeError('the list of services has more than 1000 pages');
      return kube.listAs(type, ...rest);
    },
  }) as KubeClient;
  const inventory = new Inventory(tooLarge, 'here');
  await read(inventory);
  assert.deepEqual(inventory.all().map(refOf), [refOf(a)]);
  const [denied] = await inventory.deniedFor([refOf(a)]);
  assert.equal(denied?.type.plural, 'services');
  assert.equal(denied.failed, true);
});

const controlled = (name: string, uid: string, controller = true): KubeObject => ({
  ...configMap(name),
  metadata: { name, namespace: 'here', ownerReferences: [{ uid, controller }] },
});

test('what some objects control is found in the order of the list, and nothing else', async () => {
  const objects = ['2', '1', '3', '2', '1'].map((uid, index) => controlled(`of-${uid}-${index}`, uid));
  const others = [configMap('alone'), controlled('owned', '1', false)];
  const { kube } = cluster([...objects, ...others], {});
  const inventory = new Inventory(kube, undefined);
  await read(inventory);
  const names = (namespace: string, ...uids: string[]): string[] =>
    inventory.controlled(namespace, 'ConfigMap', uids).map((object) => refOf(object).name);
  assert.deepEqual(names('here', '1', '2'), ['of-2-0', 'of-1-1', 'of-2-3', 'of-1-4']);
  assert.deepEqual(names('here', '3'), ['of-3-2']);
  assert.deepEqual(names('here', '4'), []);
  assert.deepEqual(names('elsewhere', '1'), []);
});

test('what was read by its name later is found by what controls it, too', async () => {
  const own = controlled('own', '1');
  const { kube } = cluster([own], { list: ['configmaps'] });
  const inventory = new Inventory(kube, 'here');
  await read(inventory);
  assert.deepEqual(inventory.controlled('here', 'ConfigMap', ['1']), []);
  await inventory.readByName([refOf(own)]);
  assert.equal(inventory.controlled('here', 'ConfigMap', ['1']).length, 1);
});

test("a namespace's secret values are gathered once, and anew when another Secret was read", async () => {
  const secret = (name: string, namespace: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    data: { password: Buffer.from(`${name} of ${namespace}`).toString('base64') },
  });
  const objects = [secret('s', 'here'), secret('s', 'there')];
  const inventory = new Inventory(cluster(objects, {}).kube, undefined);
  assert.deepEqual(inventory.secretValues('here'), []);
  await inventory.read('v1', 'Secret');
  const values = inventory.secretValues('here');
  assert.deepEqual(values, ['s of here']);
  assert.equal(inventory.secretValues('here'), values);
  assert.deepEqual(inventory.secretValues(), ['s of here', 's of there']);
});

test('a list with which all lists together have too many objects is left out alone, and named', async () => {
  const { kube } = cluster(
    [configMap('a'), configMap('b'), configMap('c'), { ...configMap('s'), kind: 'Service' }],
    {},
  );
  const inventory = new Inventory(kube, 'here', undefined, 2);
  await inventory.read('v1', 'ConfigMap');
  await inventory.read('v1', 'Service');
  assert.deepEqual(
    inventory.outlines('here').map((object) => refOf(object).name),
    ['s'],
  );
  const [{ type, failed, message } = assert.fail()] = inventory.unlisted;
  assert.deepEqual([type.plural, failed, inventory.unlisted.length], ['configmaps', true, 1]);
  assert.match(message, /^with the list of configmaps all lists together have more than 2 objects/);
});
