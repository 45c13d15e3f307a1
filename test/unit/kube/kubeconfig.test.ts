import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { ExitCode } from '../../../src/errors/exit-code.ts';
import { resolveConnection } from '../../../src/kube/connection.ts';
import type { ConnectionFlags } from '../../../src/kube/connection-flags.ts';
import { findInCluster } from '../../../src/kube/in-cluster.ts';
import { loadKubeconfig } from '../../../src/kube/kubeconfig-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-kubeconfig-'));
after(() => rmSync(folder, { recursive: true }));

const FLAGS: ConnectionFlags = { asGroups: [], asUserExtra: {} };
const FIRST = write(
  'first',
  `
clusters:
- {name: one, cluster: {server: "https://one.example", certificate-authority: pki/ca.crt, tls-server-name: inner}}
- {name: shared, cluster: {server: "https://first.example"}}
- {name: broken}
users:
- {name: me, user: {client-certificate: me.crt, client-key: /abs/me.key, token: 0123456789012345678901}}
contexts:
- {name: a, context: {cluster: one, user: me, namespace: shop}}
`,
);
const SECOND = write(
  'second',
  `
clusters:
- {name: shared, cluster: {server: "https://second.example/"}}
users: null
contexts:
- {name: b, context: {cluster: shared, user: me, namespace: null}}
current-context: b
`,
);

function write(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function load(...paths: string[]) {
  return loadKubeconfig(undefined, { KUBECONFIG: paths.join(delimiter) });
}

async function connection(flags: Partial<ConnectionFlags> = {}) {
  return resolveConnection(await load(FIRST, SECOND), { ...FLAGS, ...flags }, undefined);
}

test('of a KUBECONFIG list the first file to name something wins, and missing files are passed over', async () => {
  const config = await load(join(folder, 'missing'), FIRST, SECOND);
  assert.equal(config.currentContext, 'b');
  assert.equal(config.clusters.get('shared')?.server, 'https://first.example');
  assert.deepEqual([...config.contexts.keys()], ['a', 'b']);
});

test('paths are relative to the file that names them, and a token of digits stays as it is', async () => {
  const { cluster, user } = await connection({ context: 'a' });
  assert.equal(cluster.certificateAuthority, join(folder, 'pki/ca.crt'));
  assert.equal(user.clientCertificate, join(folder, 'me.crt'));
  assert.equal(user.clientKey, '/abs/me.key');
  assert.equal(user.token, '0123456789012345678901');
});

test('the current context decides, --context and -n override it', async () => {
  const current = await connection();
  assert.deepEqual(
    [current.contextName, current.server, current.namespace],
    ['b', 'https://first.example', 'default'],
  );
  const other = await connection({ context: 'a' });
  assert.deepEqual([other.contextName, other.server, other.namespace], ['a', 'https://one.example', 'shop']);
  assert.equal((await connection({ context: 'a', namespace: 'x' })).namespace, 'x');
  assert.equal((await connection({ context: 'b', cluster: 'one' })).server, 'https://one.example');
});

test('an unknown context, cluster or user is a usage error that names the known ones', async () => {
  await assert.rejects(connection({ context: 'prod' }), {
    exitCode: ExitCode.usage,
    message: 'the context "prod" is not in the kubeconfig (known: "a", "b")',
  });
  await assert.rejects(connection({ cluster: 'x' }), /cluster "x" is not in the kubeconfig/);
  await assert.rejects(connection({ user: 'x' }), /user "x" is not in the kubeconfig \(known: "me"\)/);
});

test('--server replaces the address and with it the expected name', async () => {
  const { server, cluster } = await connection({ context: 'a', server: 'https://tunnel.example:6443/' });
  assert.equal(server, 'https://tunnel.example:6443');
  assert.equal(cluster.tlsServerName, undefined);
  assert.equal(cluster.certificateAuthority, join(folder, 'pki/ca.crt'));
});

test('--insecure-skip-tls-verify drops the CA, --certificate-authority replaces it', async () => {
  const insecure = await connection({ context: 'a', insecureSkipTlsVerify: true });
  assert.deepEqual(
    [insecure.cluster.insecureSkipTlsVerify, insecure.cluster.certificateAuthority],
    [true, undefined],
  );
  const other = await connection({ context: 'a', certificateAuthority: '/other.crt' });
  assert.equal(other.cluster.certificateAuthority, '/other.crt');
});

test("--token takes the place of a credential plugin's", async () => {
  const path = write(
    'exec',
    'clusters: [{name: c, cluster: {server: "https://c"}}]\nusers: [{name: u, user: {exec: {command: x}}}]\n' +
      'contexts: [{name: c, context: {cluster: c, user: u}}]\ncurrent-context: c\n',
  );
  const { user } = resolveConnection(await load(path), { ...FLAGS, token: 't' }, undefined);
  assert.deepEqual([user.token, user.exec], ['t', undefined]);
});

test('without any kubeconfig the error says so, and --server alone is enough', async () => {
  const none = await load(join(folder, 'missing'));
  assert.throws(
    () => resolveConnection(none, FLAGS, undefined),
    /^UsageError: no cluster is configured: the kubeconfig \S+missing does not exist$/,
  );
  const there = await load(`${write('no-context', 'clusters: []\n')}${delimiter}${join(folder, 'missing')}`);
  assert.throws(
    () => resolveConnection(there, { ...FLAGS, context: 'prod' }, undefined),
    /the context "prod" is not in the kubeconfig \(it names no context; the kubeconfig \S+missing does not exist\)/,
  );
  const { server, contextName } = resolveConnection(none, { ...FLAGS, server: '127.0.0.1:8080' }, undefined);
  assert.deepEqual([server, contextName], ['http://127.0.0.1:8080', '']);
});

test('an empty file is an empty kubeconfig; a missing --kubeconfig and broken YAML are errors that name it', async () => {
  assert.equal((await load(write('empty', '\n'))).contexts.size, 0);
  await assert.rejects(loadKubeconfig(join(folder, 'gone'), {}), /the kubeconfig .*gone does not exist/);
  const broken = write('broken', 'users:\n- token: "SECRET-TOKEN\n  x: [\n');
  await assert.rejects(load(broken), (error: Error) => {
    assert.match(error.message, /the kubeconfig .*broken is not YAML/);
    assert.doesNotMatch(String(error.stack) + String(error.cause), /SECRET-TOKEN/);
    return true;
  });
});

test('a namespace that can not be one is refused before anything is asked', async () => {
  for (const namespace of ['..', 'a/b', 'Shop', 'a b', 'x'.repeat(64)])
    await assert.rejects(connection({ namespace }), /is not a namespace's name/, namespace);
});

test("in a pod without kubeconfig the service account's server, token, CA and namespace are used", async () => {
  const account = join(folder, 'serviceaccount');
  mkdirSync(account);
  writeFileSync(join(account, 'token'), 'pod-token');
  writeFileSync(join(account, 'namespace'), 'shop\n');
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  const found = await findInCluster(env, account);
  const empty = await load(join(folder, 'missing'));
  const { server, namespace, contextName, user, cluster } = resolveConnection(empty, FLAGS, found);
  assert.deepEqual([server, namespace, contextName], ['https://[fd00::1]:443', 'shop', 'in-cluster']);
  assert.equal(user.tokenFile, join(account, 'token'));
  assert.equal(cluster.certificateAuthority, join(account, 'ca.crt'));
  assert.equal(
    resolveConnection(await load(FIRST, SECOND), FLAGS, found).contextName,
    'b',
    'a kubeconfig wins',
  );
  assert.equal(await findInCluster({}, account), undefined);
});
