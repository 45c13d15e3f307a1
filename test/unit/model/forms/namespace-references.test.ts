import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LAST_APPLIED } from '../../../../src/model/forms/namespace-fields.ts';
import {
  namespaceReferencesInObject,
  namespaceReferencesInValue,
} from '../../../../src/model/forms/namespace-references.ts';
import { aConfigMap, aDeployment, aSecret, aService, withContainer } from '../../../support/objects.ts';

const referencesIn = (object: Parameters<typeof namespaceReferencesInObject>[0]) =>
  namespaceReferencesInObject(object, 'shop');

test('a host name in args, env and annotations is told with its field', () => {
  const object = withContainer(aDeployment('cart'), {
    args: ['--peer=tcp://cart.shop.svc:11211/x'],
    env: [{ name: 'PEERS', value: 'a.shop,b' }],
  }).without('metadata', 'namespace');
  assert.deepEqual(referencesIn(object.annotated({ 'shop/note': 'x' }).object), [
    { where: 'metadata.annotations["shop/note"]' },
    { where: 'spec.template.spec.containers[memcached].args[0]', text: 'cart.shop.svc' },
    { where: 'spec.template.spec.containers[memcached].env[PEERS].value', text: 'a.shop' },
  ]);
});

test('a word that the name is only a part of is another name', () => {
  for (const value of ['workshop', 'shop-2', 'my-shop', 'Xshop', 'shop1'])
    assert.deepEqual(namespaceReferencesInValue(value, 'shop'), [], value);
  for (const value of ['shop', 'a.shop.svc', 'shop/cart', 'ns_shop', '"shop"', 'shop\n'])
    assert.equal(namespaceReferencesInValue(value, 'shop').length, 1, value);
});

test('its own name, its kind and what the server writes are no mentions', () => {
  const object = aService('shop')
    .served()
    .ownedBy('shop', { 'f:shop': {} })
    .with({
      spec: { selector: { app: 'cart' } },
      status: { loadBalancer: { ingress: [{ hostname: 'shop' }] } },
      metadata: { namespace: 'drill' },
    });
  assert.deepEqual(referencesIn(object.object), []);
});

test('of a Secret and of what looks like a secret the field is told, and nothing of the value', () => {
  const secret = aSecret('cart', { url: 'http://me@cart.shop.svc' }).without('metadata', 'namespace').object;
  assert.deepEqual(referencesIn(secret), [{ where: 'data.url' }]);
  const workload = withContainer(aDeployment('cart'), {
    args: ['--auth-token=shop.token', '--password', 'shop.pass'],
    env: [{ name: 'CACHE_PASSWORD', value: 'shop.secret' }],
  }).without('metadata', 'namespace').object;
  assert.deepEqual(
    referencesIn(workload).map(({ text }) => text),
    [undefined, undefined, undefined],
  );
});

test('a password before a host is not part of what is told', () => {
  const { object } = aConfigMap('cart', { peer: 'http://me:hunter2@cart.shop.svc:80/?q=1' }).without(
    'metadata',
    'namespace',
  );
  assert.deepEqual(referencesIn(object), [{ where: 'data.peer', text: 'cart.shop.svc' }]);
});

test('what kubectl last applied is one mention, where the object in it has any', () => {
  const withText = (text: string) =>
    aConfigMap('cart', {})
      .without('metadata', 'namespace')
      .annotated({ [LAST_APPLIED]: text }).object;
  const where = `metadata.annotations["${LAST_APPLIED}"]`;
  assert.deepEqual(referencesIn(withText('{"kind":"A","metadata":{"name":"shop"}}')), []);
  assert.deepEqual(referencesIn(withText('{"kind":"Secret","stringData":{"a":"shop"}}')), [{ where }]);
  assert.deepEqual(referencesIn(withText('no JSON, shop')), [{ where }]);
});

test('binaryData is looked into', () => {
  const binary = Buffer.from('peer=cart.shop.svc').toString('base64');
  const object = aConfigMap('cart', {})
    .without('metadata', 'namespace')
    .with({ binaryData: { conf: binary } });
  assert.deepEqual(referencesIn(object.object), [{ where: 'binaryData.conf', text: 'cart.shop.svc' }]);
});
