import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ExitCode } from '../../../src/errors/exit-code.ts';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { ApiError } from '../../../src/kube/api-error.ts';
import { TooLargeError } from '../../../src/kube/too-large.ts';
import { parseJson, stringAt } from '../../../src/model/json/json.ts';
import { ANSWER_LIMITS, MAX_ANSWER, MAX_DEPTH } from '../../../src/model/json/limits.ts';
import type { KubeObject } from '../../../src/model/kubernetes/object.ts';
import { spelled } from '../spelled.ts';
import { hangUp, json, refusal, silence, testServer } from './test-server.ts';

const REF = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'cache' };
const PATH = '/apis/apps/v1/namespaces/shop/deployments/cache';
const OBJECT: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'cache', namespace: 'shop' },
};
const WRITE = { fieldManager: 'memcached-backup' };

async function failure(work: Promise<unknown>): Promise<ToolError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ToolError, `expected a ToolError, got ${error}`);
  return error;
}

test("numbers keep the server's own digits, there and back", async () => {
  const text =
    '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"cache","namespace":"shop"},"a":1.0,"b":12345678901234567890}';
  await using server = await testServer(json(text));
  const kube = await server.client();
  const object = await kube.get(REF);
  assert.equal(JSON.stringify(object), text);
  await kube.replace(object!, WRITE);
  assert.equal(server.requests[1]!.body, text);
});

test('a compressed answer is read', async () => {
  await using server = await testServer((response) => {
    response.writeHead(200, { 'Content-Encoding': 'gzip' });
    response.end(gzipSync('{"gitVersion":"v1.34.4"}'));
  });
  assert.deepEqual(await (await server.client()).raw('/version'), { gitVersion: 'v1.34.4' });
  assert.equal(server.requests[0]!.headers['accept-encoding'], 'gzip');
});

test('a name that would lead to another path is never sent: a read finds nothing, a write is refused', async () => {
  await using server = await testServer(json(OBJECT));
  const kube = await server.client();
  for (const name of ['', '.', '..', 'a/b', 'a%2fb']) {
    assert.equal(await kube.get({ ...REF, name }), undefined, name);
    assert.equal(await kube.get({ ...REF, namespace: name }), undefined, name);
    for (const write of [
      kube.delete({ ...REF, name }, { uid: 'u-1' }),
      kube.replace({ ...OBJECT, metadata: { name, namespace: 'shop' } }, WRITE),
      kube.create({ ...OBJECT, metadata: { name: 'cache', namespace: name } }, WRITE),
    ]) {
      assert.match((await failure(write)).message, /can name nothing in a cluster/);
    }
  }
  assert.deepEqual(server.requests, []);
});

test('an apiVersion that would lead to another path is none that the cluster serves: nothing is sent', async () => {
  const resources = [{ name: 'secrets', kind: 'Secret', namespaced: true }];
  await using server = await testServer(json({ kind: 'APIResourceList', resources }));
  const kube = await server.client();
  for (const apiVersion of [
    ...['', '.', '..', 'apps/', '/v1', 'apps/..', '../api/v1', '../api/v1/namespaces/bank', 'a/b/c'],
    ...['v1?x=1', 'v1%2f..', 'v1#x', 'v1\n', 'API/v1'],
  ]) {
    assert.equal(await kube.resourceType(apiVersion, 'Secret'), undefined, apiVersion);
    assert.equal(await kube.get({ ...REF, apiVersion, kind: 'Secret' }).catch(() => undefined), undefined);
  }
  assert.deepEqual(server.requests, []);
});

test('writes go where the API expects them, with field manager and dry run', async () => {
  await using server = await testServer(json(OBJECT));
  const kube = await server.client({ namespace: 'other' });
  await kube.create(OBJECT, WRITE);
  await kube.replace(OBJECT, { ...WRITE, dryRun: true });
  await kube.patch(REF, [{ op: 'remove', path: '/x' }], WRITE);
  await kube.delete(REF, { uid: 'u-1' });
  await kube.evict({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'p' }, { uid: 'u-2' });
  const seen = server.requests.map(({ method, url }) => `${method} ${url}`);
  assert.deepEqual(seen, [
    'POST /apis/apps/v1/namespaces/shop/deployments?fieldManager=memcached-backup',
    `PUT ${PATH}?fieldManager=memcached-backup&dryRun=All`,
    `PATCH ${PATH}?fieldManager=memcached-backup`,
    `DELETE ${PATH}`,
    'POST /api/v1/namespaces/shop/pods/p/eviction',
  ]);
  assert.equal(server.requests[2]!.headers['content-type'], 'application/json-patch+json');
  assert.deepEqual(parseJson(server.requests[3]!.body), {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions: { uid: 'u-1' },
    propagationPolicy: 'Background',
  });
  assert.deepEqual(parseJson(server.requests[4]!.body), {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: 'p', namespace: 'shop' },
    deleteOptions: { preconditions: { uid: 'u-2' } },
  });
});

test('what does not exist is undefined on get and false on delete', async () => {
  await using server = await testServer(refusal(404, 'NotFound', 'deployments.apps "cache" not found'));
  const kube = await server.client();
  assert.equal(await kube.get(REF), undefined);
  assert.equal(await kube.delete(REF, { uid: 'u' }), false);
});

test("a refusal carries the server's reason and words, as kubectl prints them, and what to type next", async () => {
  const words = 'deployments.apps "cache" is forbidden: User "jane" cannot get resource "deployments"';
  await using server = await testServer(refusal(403, 'Forbidden', words));
  const error = await failure((await server.client()).get(REF));
  assert.ok(error instanceof ApiError);
  assert.equal(error.message, `Error from server (Forbidden): ${words}`);
  assert.deepEqual([error.status, error.reason, error.exitCode], [403, 'Forbidden', ExitCode.failed]);
  assert.equal(spelled(error.next), 'kubectl auth can-i get deployments.apps -n shop');
  assert.deepEqual(error.call, {
    verb: 'get',
    group: 'apps',
    resource: 'deployments',
    namespace: 'shop',
    name: 'cache',
  });
});

test('a refusal without a Status object is told by its HTTP status, without its HTML', async () => {
  await using server = await testServer((response) => {
    response.writeHead(403, { 'Content-Type': 'text/html' });
    response.end('<html><body>blocked by a proxy</body></html>');
  });
  const error = await failure((await server.client()).raw('/version'));
  assert.equal(error.message, 'Error from server (Forbidden): HTTP status 403');
});

test('an answer that is not JSON is not taken for an API server', async () => {
  await using server = await testServer((response) => response.end('<html>log in</html>'));
  const error = await failure((await server.client()).raw('/version'));
  assert.equal(error.exitCode, ExitCode.unreachable);
  assert.match(error.message, /did not answer with a JSON object/);
});

test('a server that nobody runs is unreachable, and named', async () => {
  const server = await testServer(silence);
  const kube = await server.client();
  await server.stop();
  const error = await failure(kube.raw('/version'));
  assert.equal(error.exitCode, ExitCode.unreachable);
  assert.ok(error.message.includes(server.url), error.message);
  assert.equal(spelled(error.next), 'kubectl cluster-info');
});

test('a server that does not answer in time is unreachable', async () => {
  await using server = await testServer(silence);
  const error = await failure((await server.client({ requestTimeoutMs: 300 })).raw('/version'));
  assert.equal(error.exitCode, ExitCode.unreachable);
  assert.match(error.message, /did not answer within 0.3 s/);
  assert.equal(server.requests.length, 1);
});

test('an answer that stops half-way is given up at the deadline too', async () => {
  await using server = await testServer((response) => {
    response.writeHead(200);
    response.write('{"half":');
  });
  const error = await failure((await server.client({ requestTimeoutMs: 50 })).raw('/version'));
  assert.match(error.message, /did not answer within 0.05 s/);
});

test('a read is asked again after a broken connection and passing server errors, with growing waits', async () => {
  await using server = await testServer(
    hangUp,
    refusal(503, 'ServiceUnavailable', 'starting'),
    json({ ok: 1 }),
  );
  assert.deepEqual(await (await server.client()).raw('/version'), { ok: 1 });
  assert.equal(server.requests.length, 3);
  assert.ok(server.waits[0]! >= 125 && server.waits[0]! < 375, `first wait ${server.waits[0]}`);
  assert.ok(server.waits[1]! >= 250 && server.waits[1]! < 750, `second wait ${server.waits[1]}`);
});

test('a server that is gone for a moment is waited for by a read, one that never answered is not', async () => {
  await using server = await testServer(json(OBJECT));
  const kube = await server.client();
  assert.deepEqual(await kube.get(REF), OBJECT);
  await server.stop();
  assert.match((await failure(kube.get(REF))).message, /refused/);
  assert.equal(server.waits.length, 3);
  const other = await server.client();
  await failure(other.get(REF));
  assert.equal(server.waits.length, 3, 'a command against a server that is down fails at once');
});

test('a refusal by admission gets no advice about permissions, one by RBAC does', async () => {
  for (const [message, next] of [
    [
      'deployments.apps "cache" is forbidden: User "ada" cannot get resource "deployments" in API group "apps"',
      /auth can-i get deployments\.apps -n shop/,
    ],
    [
      'admission webhook "policy.example.org" denied the request: you cannot get resource "x"',
      /webhookconfigurations/,
    ],
    ["ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no", /validatingadmissionpolicies/],
    ['pods "x" is forbidden: exceeded quota: q, requested: pods=1', /kubectl describe quota -n shop/],
    ['pods "x" is forbidden: violates PodSecurity "restricted:latest"', /--show-labels/],
    // As 1.35 and later refuse a port-forward: an authorizer's no, without its words.
    ['pods "x" is forbidden: ', /auth can-i get deployments\.apps -n shop/],
    ['something else', /^$/],
  ] as const) {
    await using server = await testServer(refusal(403, 'Forbidden', message));
    const error = await failure((await server.client()).get(REF));
    assert.match(spelled(error.next), next);
    assert.equal((error as ApiError).lacksPermission, /can-i/.test(spelled(error.next)));
  }
});

test('a read is asked four times at most', async () => {
  await using server = await testServer(refusal(500, 'InternalError', 'etcd timed out'));
  const error = await failure((await server.client()).raw('/version'));
  assert.equal(error.message, 'Error from server (InternalError): etcd timed out');
  assert.equal(server.requests.length, 4);
});

test('a write is never sent twice after a broken connection or a server error', async () => {
  for (const answer of [
    hangUp,
    refusal(500, 'InternalError', 'x'),
    refusal(503, 'ServiceUnavailable', 'x'),
  ]) {
    await using server = await testServer(answer);
    await failure((await server.client()).create(OBJECT, WRITE));
    assert.equal(server.requests.length, 1);
  }
});

test('a dry run and a question about permissions are sent again: they change nothing', async () => {
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', metadata: {} };
  for (const [object, options] of [
    [OBJECT, { ...WRITE, dryRun: true }],
    [review, WRITE],
  ] as const) {
    await using server = await testServer(hangUp, json(object, 201));
    await (await server.client()).create(object, options);
    assert.equal(server.requests.length, 2);
  }
});

test('a write that the server put off (429, Retry-After) is sent again after that time', async () => {
  await using server = await testServer(
    refusal(429, 'TooManyRequests', 'slow down', { 'Retry-After': '2' }),
    json(OBJECT, 201),
  );
  await (await server.client()).create(OBJECT, WRITE);
  assert.equal(server.requests.length, 2);
  assert.ok(server.waits[0]! >= 2000, `waited ${server.waits[0]} ms`);
});

test('a server that asks for a longer pause than a person waits is not waited for', async () => {
  await using server = await testServer(
    refusal(429, 'TooManyRequests', 'slow down', { 'Retry-After': '600' }),
  );
  const error = await failure((await server.client()).raw('/version'));
  assert.equal(server.requests.length, 1);
  assert.match(error.message, /TooManyRequests/);
});

test('an eviction that a PodDisruptionBudget blocks is reported at once, with its cause', async () => {
  const status = {
    kind: 'Status',
    code: 429,
    reason: 'TooManyRequests',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: { causes: [{ reason: 'DisruptionBudget', message: 'needs 1 healthy pod' }] },
  };
  await using server = await testServer(json(status, 429, { 'Retry-After': '1' }));
  const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'p' };
  const error = await failure((await server.client()).evict(pod, { uid: 'u' }));
  assert.ok(error instanceof ApiError);
  assert.deepEqual(error.causes, [{ reason: 'DisruptionBudget', message: 'needs 1 healthy pod' }]);
  assert.equal(server.requests.length, 1);
});

test('each warning of the server is handed on once', async () => {
  const header = '299 - "unknown field \\"spec.x\\"", 299 - "deprecated, use v2"';
  await using server = await testServer(json({}, 200, { Warning: header }));
  const warnings: string[] = [];
  const kube = await server.client({}, { onWarning: (text) => warnings.push(text) });
  await kube.raw('/a');
  await kube.raw('/b');
  assert.deepEqual(warnings, ['unknown field "spec.x"', 'deprecated, use v2']);
});

test('a kind that the cluster does not know is not found on get, and refused on create', async () => {
  await using server = await testServer(
    refusal(404, 'NotFound', 'the server could not find the requested resource'),
  );
  const kube = await server.client();
  const monitor = { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor', name: 'm' };
  assert.equal(await kube.get(monitor), undefined);
  const error = await failure(kube.create({ ...monitor, metadata: { name: 'm' } }, WRITE));
  assert.match(error.message, /no matches for kind "ServiceMonitor" in version "monitoring.coreos.com\/v1"/);
  assert.equal(server.requests.length, 1, 'discovery is asked once');
});

test('a kind outside the built-in table is found by discovery, its subresources passed over', async () => {
  const resources = [
    { name: 'servicemonitors/status', kind: 'ServiceMonitor', namespaced: true },
    { name: 'servicemonitors', kind: 'ServiceMonitor', namespaced: true },
  ];
  await using server = await testServer(json({ kind: 'APIResourceList', resources }));
  const type = await (await server.client()).resourceType('monitoring.coreos.com/v1', 'ServiceMonitor');
  assert.equal(type?.plural, 'servicemonitors');
  assert.equal(server.requests[0]!.url, '/apis/monitoring.coreos.com/v1');
});

test('discovery that failed is asked again the next time', async () => {
  await using server = await testServer(refusal(403, 'Forbidden', 'no'), json({ resources: [] }));
  const kube = await server.client();
  await failure(kube.resourceType('x.example/v1', 'X'));
  assert.equal(await kube.resourceType('x.example/v1', 'X'), undefined);
});

test('an answer that unpacks to more than any object is not taken into memory', async () => {
  const body = gzipSync(Buffer.alloc(MAX_ANSWER + 1, ' '));
  await using server = await testServer((response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' });
    response.end(body);
  });
  const { message } = await failure((await server.client()).get(REF));
  assert.match(message, /sends too much: the answer has more than 67108864 bytes/);
});

/** Answers with this text, as JSON. */
function answering(status: number, text: string): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(text);
  };
}

test('an answer that is too large, or nested too deep to be walked, is an error of what was asked alone', async () => {
  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  const answer = (text: string) => answering(200, text);
  const list = (item: string) =>
    answer(`{"kind":"ConfigMapList","items":[{"metadata":{"name":"a"}},${item}]}`);
  await using server = await testServer(
    answer(deep(MAX_DEPTH)),
    answer(deep(MAX_DEPTH + 1)),
    list(deep(MAX_DEPTH)),
    list(deep(MAX_DEPTH + 1)),
    answer(' '.repeat(MAX_ANSWER + 1)),
  );
  const kube = await server.client();
  const type = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
  await kube.get(REF);
  const [one, many, large] = [
    await failure(kube.get(REF)),
    (await kube.list(type, { namespace: 'shop' })).length === 2 && (await failure(kube.list(type, {}))),
    await failure(kube.get(REF)),
  ];
  for (const error of [one, many, large]) assert.ok(error instanceof TooLargeError, String(error));
  assert.match(one.message, /nested more than 512 deep/);
});

test('an answer that holds more values than any object is not built, and is an error of what was asked alone', async () => {
  const crowded = `{"metadata":{"name":"a"},"data":[${'{},'.repeat(ANSWER_LIMITS.values)}1]}`;
  const answer = (text: string) => answering(200, text);
  await using server = await testServer(
    answer(crowded),
    answer(`{"kind":"ConfigMapList","items":[${crowded}]}`),
    answer(`{"kind":"ConfigMapList","metadata":${crowded},"items":[]}`),
    answer(`{"metadata":{"name":"a"},"data":"${'{},'.repeat(ANSWER_LIMITS.values)}"}`),
  );
  const kube = await server.client();
  const type = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
  for (const ask of [() => kube.get(REF), () => kube.list(type, {}), () => kube.list(type, {})]) {
    const error = await failure(ask());
    assert.ok(error instanceof TooLargeError, String(error));
    assert.match(
      error.message,
      /more than what is read of an object: it holds more than 2000000 JSON values/,
    );
  }
  assert.equal(stringAt(await kube.get(REF), 'metadata', 'name'), 'a');
});

test("a refusal's words are cut, and one that is longer than any Status is not parsed", async () => {
  const status = (message: string, more: string): string =>
    `{"kind":"Status","reason":"Forbidden","message":"${message}","details":{"causes":[${more}]}}`;
  await using server = await testServer(
    answering(403, status('no '.repeat(10_000), '')),
    answering(403, status('no', `${'{},'.repeat(2 ** 19)}{}`)),
  );
  const kube = await server.client();
  const [long, crowded] = [await failure(kube.get(REF)), await failure(kube.get(REF))];
  assert.ok(long instanceof ApiError && crowded instanceof ApiError);
  assert.match(long.serverMessage, /^(?:no ){5460}no…$/);
  assert.equal(crowded.serverMessage.length, 300);
  assert.deepEqual([crowded.status, crowded.causes], [403, []]);
});
