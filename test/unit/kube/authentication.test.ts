import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ExitCode } from '../../../src/errors/exit-code.ts';
import { json, refusal, type SeenRequest, testServer } from './test-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-kube-'));
after(() => rmSync(folder, { recursive: true }));

function write(name: string, content: unknown, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content), { mode });
  return path;
}

function kubeconfig(name: string, server: string, user: unknown): string {
  return write(name, {
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
}

function impersonation({ rawHeaders }: SeenRequest): [string, string][] {
  const pairs = rawHeaders.flatMap((name, i) =>
    i % 2 === 0 ? [[name, rawHeaders[i + 1]!] as [string, string]] : [],
  );
  return pairs.filter(([name]) => name.startsWith('Impersonate'));
}

test('--token is sent as a bearer token, in place of what the kubeconfig has', async () => {
  await using server = await testServer(json({}));
  const config = kubeconfig('token', server.url, { username: 'joe', password: 'x' });
  await (await server.client({ kubeconfig: config, token: 't-1' })).raw('/version');
  assert.equal(server.requests[0]!.headers.authorization, 'Bearer t-1');
});

test('a user and a password are sent as basic authentication', async () => {
  await using server = await testServer(json({}));
  const config = kubeconfig('basic', server.url, { username: 'joe', password: 'pässword' });
  await (await server.client({ kubeconfig: config })).raw('/version');
  assert.equal(
    server.requests[0]!.headers.authorization,
    `Basic ${Buffer.from('joe:pässword').toString('base64')}`,
  );
});

test('impersonation names the user, every group, the uid and every extra value', async () => {
  await using server = await testServer(json({}));
  const kube = await server.client({
    as: 'jane',
    asGroups: ['dev', 'ops'],
    asUid: 'u-1',
    asUserExtra: { 'example.com/scope x': ['a', 'b'] },
  });
  await kube.raw('/version');
  assert.deepEqual(impersonation(server.requests[0]!), [
    ['Impersonate-User', 'jane'],
    ['Impersonate-Uid', 'u-1'],
    ['Impersonate-Group', 'dev'],
    ['Impersonate-Group', 'ops'],
    ['Impersonate-Extra-example.com%2Fscope%20x', 'a'],
    ['Impersonate-Extra-example.com%2Fscope%20x', 'b'],
  ]);
});

test('a name with other letters than ASCII goes as UTF-8, as kubectl sends it', async () => {
  await using server = await testServer(json({}));
  const [as, group, extra] = ['jürgen', '開発', 'søk'];
  await (await server.client({ as, asGroups: [group], asUserExtra: { k: [extra] } })).raw('/version');
  const sent = impersonation(server.requests[0]!).map(([, value]) => Buffer.from(value, 'latin1').toString());
  assert.deepEqual(sent, [as, group, extra]);
});

test("a kubeconfig's own impersonation is kept, and --as wins over it", async () => {
  await using server = await testServer(json({}));
  const user = { as: 'kc', 'as-groups': ['g'], 'as-user-extra': { k: ['v'] } };
  const config = kubeconfig('as', server.url, user);
  await (await server.client({ kubeconfig: config })).raw('/version');
  await (await server.client({ kubeconfig: config, as: 'flag' })).raw('/version');
  assert.deepEqual(impersonation(server.requests[0]!), [
    ['Impersonate-User', 'kc'],
    ['Impersonate-Group', 'g'],
    ['Impersonate-Extra-k', 'v'],
  ]);
  assert.equal(server.requests[1]!.headers['impersonate-user'], 'flag');
});

test('after a 401 the token file is read again, once', async () => {
  await using server = await testServer(
    (response, request) => {
      write('rotating', 'new\n');
      refusal(401, 'Unauthorized', 'Unauthorized')(response, request);
    },
    json({ ok: 1 }),
  );
  const tokenFile = write('rotating', 'old\n');
  const kube = await server.client({ kubeconfig: kubeconfig('file', server.url, { tokenFile }) });
  assert.deepEqual(await kube.raw('/version'), { ok: 1 });
  assert.deepEqual(
    server.requests.map(({ headers }) => headers.authorization),
    ['Bearer old', 'Bearer new'],
  );
});

test('credentials that stay refused end in an error that says so', async () => {
  await using server = await testServer(refusal(401, 'Unauthorized', 'Unauthorized'));
  const kube = await server.client({ token: 't' });
  await assert.rejects(kube.raw('/version'), {
    message: 'You must be logged in to the server (Unauthorized)',
    exitCode: ExitCode.unreachable,
  });
  assert.equal(server.requests.length, 2);
});

test('reads that are refused together share one new login', async () => {
  const counter = join(folder, 'logins');
  const command = write(
    'login.sh',
    `#!/bin/sh\necho x >> ${counter}\necho '{"status":{"token":"t'$(wc -l < ${counter})'"}}'\n`,
    0o700,
  );
  await using server = await testServer((response, request) => {
    const fresh = request.headers.authorization === 'Bearer t2';
    (fresh ? json({}) : refusal(401, 'Unauthorized', 'expired'))(response, request);
  });
  const kube = await server.client({ kubeconfig: kubeconfig('exec', server.url, { exec: { command } }) });
  await Promise.all([kube.raw('/a'), kube.raw('/b'), kube.raw('/c')]);
  assert.deepEqual(
    new Set(server.requests.slice(3).map(({ headers }) => headers.authorization)),
    new Set(['Bearer t2']),
  );
});

test('a credential plugin is told the cluster where it asks for it, and its own environment', async () => {
  const script = `#!/bin/sh\nprintf '{"status":{"token":"%s"}}' "$(printf '%s|%s' "$KUBERNETES_EXEC_INFO" "$MINE" | base64 -w0)"\n`;
  const command = write('plugin.sh', script, 0o700);
  await using server = await testServer(json({}));
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    command: './plugin.sh',
    env: [{ name: 'MINE', value: '1' }],
    provideClusterInfo: true,
  };
  assert.ok(command.endsWith('/plugin.sh'));
  const kube = await server.client({ kubeconfig: kubeconfig('exec-info', server.url, { exec }) });
  await kube.raw('/version');
  const token = (server.requests[0]!.headers.authorization ?? '').replace('Bearer ', '');
  const [info = '', mine] = Buffer.from(token, 'base64').toString().split('|');
  assert.equal(mine, '1');
  assert.deepEqual(JSON.parse(info), {
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    kind: 'ExecCredential',
    spec: { interactive: false, cluster: { server: server.url } },
  });
});

test('a missing or failing credential plugin is named, with what it said', async () => {
  await using server = await testServer(json({}));
  const missing = { exec: { command: 'no-such-plugin', installHint: 'install it from the shop' } };
  const kube = await server.client({ kubeconfig: kubeconfig('missing', server.url, missing) });
  await assert.rejects(kube.raw('/version'), {
    message: 'the kubeconfig\'s credential plugin "no-such-plugin" is not installed',
    next: 'install it from the shop',
  });
  const failing = { exec: { command: 'sh', args: ['-c', 'echo session expired >&2; exit 3'] } };
  const second = await server.client({ kubeconfig: kubeconfig('failing', server.url, failing) });
  await assert.rejects(second.raw('/version'), /"sh" failed: session expired/);
});

test('a client key that is none is named as such, not as an unreachable server', async () => {
  const user = { 'client-certificate-data': 'bm9uZQ==', 'client-key-data': 'bm9uZQ==' };
  await using server = await testServer(json({}));
  const https = server.url.replace('http:', 'https:');
  const kube = await server.client({ kubeconfig: kubeconfig('key', https, user), server: https });
  await assert.rejects(kube.raw('/version'), (error: { exitCode: number; message: string }) => {
    assert.equal(error.exitCode, ExitCode.failed);
    assert.match(error.message, /certificate or key that the kubeconfig names can't be used/);
    return true;
  });
});
