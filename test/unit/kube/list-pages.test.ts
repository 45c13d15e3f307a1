import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceType } from '../../../src/kube/client.ts';
import { nameOf } from '../../../src/model/object.ts';
import { type Answer, json, refusal, testServer } from './test-server.ts';

const SECRETS: ResourceType = { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };

function page(names: string[], next = ''): Answer {
  const items = names.map((name) => ({ metadata: { name } }));
  return json({ kind: 'SecretList', apiVersion: 'v1', metadata: { continue: next }, items });
}

test('every page is read, and each object gets its apiVersion and kind first', async () => {
  await using server = await testServer(page(['a', 'b'], 'to ken+1'), page(['c']));
  const found = await (await server.client()).list(SECRETS, {
    namespace: 'shop',
    labelSelector: 'owner=helm,a!=b',
  });
  assert.deepEqual(found.map(nameOf), ['a', 'b', 'c']);
  assert.equal(JSON.stringify(found[0]), '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}');
  const urls = server.requests.map(({ url }) => new URL(url, server.url));
  assert.deepEqual(
    urls.map((url) => [url.pathname, Object.fromEntries(url.searchParams)]),
    [
      ['/api/v1/namespaces/shop/secrets', { limit: '500', labelSelector: 'owner=helm,a!=b' }],
      [
        '/api/v1/namespaces/shop/secrets',
        { limit: '500', labelSelector: 'owner=helm,a!=b', continue: 'to ken+1' },
      ],
    ],
  );
});

test('without a namespace all namespaces are listed', async () => {
  await using server = await testServer(page([]));
  await (await server.client()).list(SECRETS, {});
  assert.equal(server.requests[0]!.url, '/api/v1/secrets?limit=500');
});

test('a token that expired half-way starts the list over, without duplicates', async () => {
  await using server = await testServer(
    page(['a', 'b'], 't1'),
    refusal(410, 'Expired', 'The provided continue parameter is too old'),
    page(['a', 'b'], 't2'),
    page(['c']),
  );
  const found = await (await server.client()).list(SECRETS, { namespace: 'shop' });
  assert.deepEqual(found.map(nameOf), ['a', 'b', 'c']);
});

test('a list that keeps expiring fails instead of going round for ever', async () => {
  await using server = await testServer(
    page(['a'], 't'),
    refusal(410, 'Expired', 'old'),
    page(['a'], 't'),
    refusal(410, 'Expired', 'old'),
  );
  await assert.rejects((await server.client()).list(SECRETS, { namespace: 'shop' }), /Expired/);
  assert.equal(server.requests.length, 4);
});
