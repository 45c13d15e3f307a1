import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { ResourceType } from '../../../src/kube/client.ts';
import { nameOf } from '../../../src/model/kubernetes/object.ts';
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

test('a compressed list is read, and its numbers keep their digits', async () => {
  const items = '{"metadata":{"name":"a"},"n":1.0},{"metadata":{"name":"b\u00e9"},"n":12345678901234567890}';
  await using server = await testServer((response) => {
    response.writeHead(200, { 'Content-Encoding': 'gzip' });
    response.end(gzipSync(`{"kind":"SecretList","metadata":{},"items":[${items}]}`));
  });
  const found = await (await server.client()).listAs(SECRETS, {}, (_object, packed) => packed.unpack());
  const type = '{"apiVersion":"v1","kind":"Secret",';
  assert.equal(JSON.stringify(found), `[${items.replaceAll('{"metadata":', `${type}"metadata":`)}]`);
});

test('a list that breaks off on its way is read again, from its start', async () => {
  await using server = await testServer(
    (response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('{"items":[{"metadata":{"name":"a"}},', () => response.socket?.destroy());
    },
    page(['a', 'b']),
  );
  const found = await (await server.client()).list(SECRETS, {});
  assert.deepEqual(found.map(nameOf), ['a', 'b']);
  assert.equal(server.requests.length, 2);
});

test('an item that is no JSON is no answer, and is not quoted', async () => {
  await using server = await testServer(json('{"items":[{"data":{"password":hunter22}}]}'));
  await assert.rejects((await server.client()).list(SECRETS, {}), (error: Error) => {
    assert.match(error.message, /did not answer with a JSON object/);
    assert.doesNotMatch(error.message, /hunter22/);
    return true;
  });
});

test('a list whose pages never end is given up', async () => {
  await using server = await testServer(page([], 'again'));
  await assert.rejects(
    (await server.client()).list(SECRETS, {}),
    /the list of secrets has more than 1000 pages/,
  );
  assert.equal(server.requests.length, 1_000);
});
