import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMMANDS } from '../../../src/cli/commands.ts';
import {
  connectionFlags,
  connectionFlagWords,
  helmFlagWords,
  NO_CONNECTION_FLAGS,
} from '../../../src/cli/connection-flags.ts';
import { assertNamespaceMeant, helmConnection } from '../../../src/cli/helm-environment.ts';
import { parseCommandLine } from '../../../src/cli/parse-command-line.ts';
import { UsageError } from '../../../src/errors/tool-error.ts';
import type { ConnectionFlags } from '../../../src/kube/connection-flags.ts';

const from = (flags: string, defaults: ConnectionFlags = NO_CONNECTION_FLAGS): ConnectionFlags =>
  connectionFlags(parseCommandLine(['list', ...flags.split(' ')], COMMANDS, []).values, defaults);

test("every connection flag of kubectl's has its field", () => {
  const flags =
    '--kubeconfig /k --context c --cluster cl --user u -n ns -s https://s --token t --as a --as-group g1 --as-group g2 ' +
    '--as-uid 7 --as-user-extra k=1 --as-user-extra k=2 --as-user-extra l=x=y --certificate-authority ca --client-certificate cc ' +
    '--client-key ck --tls-server-name sn --insecure-skip-tls-verify --request-timeout 10s --cache-dir /c --disable-compression';
  assert.deepEqual(from(flags), {
    kubeconfig: '/k',
    context: 'c',
    cluster: 'cl',
    user: 'u',
    namespace: 'ns',
    server: 'https://s',
    token: 't',
    as: 'a',
    asGroups: ['g1', 'g2'],
    asUid: '7',
    asUserExtra: { k: ['1', '2'], l: ['x=y'] },
    certificateAuthority: 'ca',
    clientCertificate: 'cc',
    clientKey: 'ck',
    tlsServerName: 'sn',
    insecureSkipTlsVerify: true,
    requestTimeoutMs: 10_000,
  });
});

test('a flag that is not given, or empty, leaves no field', () => {
  assert.deepEqual(from('--context='), { asGroups: [], asUserExtra: {} });
});

test('--as-user-extra wants KEY=VALUE', () => {
  assert.throws(() => from('--as-user-extra novalue'), UsageError);
});

describe("Helm's environment", () => {
  const env = {
    HELM_NAMESPACE: 'cache',
    HELM_KUBECONTEXT: 'prod',
    HELM_KUBETOKEN: 'abc',
    HELM_KUBEASUSER: 'ann',
    HELM_KUBEASGROUPS: 'ops,dev,ops,dev',
    HELM_KUBEAPISERVER: 'https://s',
    HELM_KUBECAFILE: '/ca',
    HELM_KUBEINSECURE_SKIP_TLS_VERIFY: 'false',
    HELM_KUBETLS_SERVER_NAME: 'sn',
  };

  test('becomes the connection, each group once', () => {
    assert.deepEqual(helmConnection(env), {
      namespace: 'cache',
      context: 'prod',
      token: 'abc',
      as: 'ann',
      asGroups: ['ops', 'dev'],
      server: 'https://s',
      certificateAuthority: '/ca',
      tlsServerName: 'sn',
      asUserExtra: {},
    });
  });

  test('says nothing where Helm sets variables empty, as it does', () => {
    const empty = Object.fromEntries(Object.keys(env).map((name) => [name, '']));
    assert.deepEqual(helmConnection(empty), { asGroups: [], asUserExtra: {} });
    assert.equal(helmConnection({ HELM_KUBEINSECURE_SKIP_TLS_VERIFY: 'true' }).insecureSkipTlsVerify, true);
  });

  test('gives way to flags, one by one', () => {
    const flags = from(
      '-n other --as-group x --insecure-skip-tls-verify=false',
      helmConnection({ ...env, HELM_KUBEINSECURE_SKIP_TLS_VERIFY: 'true' }),
    );
    assert.equal(flags.namespace, 'other');
    assert.equal(flags.context, 'prod');
    assert.deepEqual(flags.asGroups, ['x']);
    assert.equal(flags.insecureSkipTlsVerify, false);
  });
});

describe('a namespace that Helm may have read out of other letters is refused', () => {
  const cases: [string, string, boolean][] = [
    ['backup -ojson my-memcached', 'my-memcached', true],
    ['-ojson list', 'list', true],
    ['list -oname', 'ame', true],
    ['list -Aojson x', 'x', true],
    ['list -on=abc', 'abc', true],
    ['list -ojson', 'cache', false],
    ['backup -ojson my-memcached', 'cache', false],
    ['list -o=json x', 'x', false],
    ['list -oyaml x', 'x', false],
    ['list -o json x', 'x', false],
    ['list --no-headers x', 'x', false],
    ['list -- -ojson x', 'x', false],
  ];
  for (const [line, namespace, refused] of cases) {
    test(`${line}, namespace ${namespace}: ${refused ? 'refused' : 'taken'}`, () => {
      const check = (): void => assertNamespaceMeant(line.split(' '), { HELM_NAMESPACE: namespace });
      if (refused) assert.throws(check, UsageError);
      else assert.doesNotThrow(check);
    });
  }
});

test('the flags for a command that is advised lead to the same cluster as the same user, without the token', () => {
  assert.deepEqual(connectionFlagWords(NO_CONNECTION_FLAGS), []);
  const given =
    '--kubeconfig /k --context c --cluster cl --user u --server https://s --as a --as-group g1 --as-group g2 --as-uid 7 ' +
    '--as-user-extra k=1 --as-user-extra l=x=y --certificate-authority ca --client-certificate cc --client-key ck ' +
    '--tls-server-name sn --insecure-skip-tls-verify';
  const flags = from(`${given} --token t -n ns`);
  assert.equal(connectionFlagWords(flags).join(' '), given);
  assert.deepEqual(from(connectionFlagWords(flags).join(' ')), from(given), 'they read back as the same');
  const odd = { ...NO_CONNECTION_FLAGS, context: "my 'cluster'" };
  assert.deepEqual(connectionFlagWords(odd), ['--context', "my 'cluster'"]);
  const byHelm = helmConnection({ HELM_KUBECONTEXT: 'prod', HELM_KUBETOKEN: 't', HELM_NAMESPACE: 'shop' });
  assert.deepEqual(connectionFlagWords(byHelm), ['--context', 'prod']);
});

test('the same in the words of Helm, which has fewer: what it has no flag for leads it to no other cluster', () => {
  assert.deepEqual(helmFlagWords(NO_CONNECTION_FLAGS), []);
  const flags = from('--kubeconfig /k --context c --server https://s --as a --as-group g --token t -n ns');
  assert.equal(
    helmFlagWords(flags).join(' '),
    '--kubeconfig /k --kube-context c --kube-apiserver https://s --kube-as-user a --kube-as-group g',
  );
  for (const beyond of ['--cluster cl', '--user u', '--as-uid 7', '--as-user-extra k=1', '--client-key k']) {
    assert.match(helmFlagWords(from(`--context c ${beyond}`)).join(' '), /^--kube-context <[^>]+>$/);
  }
});
