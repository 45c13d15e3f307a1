import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isSecretName,
  isSecretObject,
  secretAnnotationsOf,
  secretHelmValues,
  secretValuesOf,
  withoutNames,
} from '../../../../src/model/secrets/secrecy.ts';
import { aConfigMap, aDeployment, anObject, aPod, aSecret, withContainer } from '../../../support/objects.ts';

test('names that say that their value is secret', () => {
  for (const name of [
    'password',
    'PASSWORD',
    'MEMCACHED_PASSWORD',
    'passwd',
    'dbPass',
    'passphrase',
    'token',
    'API_TOKEN',
    'authToken',
    'secret',
    'clientSecret',
    'credentials',
    'key',
    'apiKey',
    'api-key',
    'ACCESS_KEY',
    'secretKey',
    'private.key',
    'tls.key',
    'auth',
    'basic-auth',
    'usernamePassword',
    'password2',
    'filepassword',
    'encryptionKey',
    'signingKey',
    'masterKey',
    'sshKey',
    'hmacKey',
    'HMACKey',
    'licenseKey',
    'encryptionKeys',
    'signingKey2',
    'encryptionKeyBase64',
  ])
    assert.ok(isSecretName(name), name);
});

test('names that say no such thing', () => {
  for (const name of [
    'user',
    'username',
    'MEMCACHED_CACHE_SIZE',
    'monkey',
    'keepalive',
    'author',
    'authorization-mode',
    'memory',
    'name',
    'topologyKey',
    'matchLabelKeys',
    'mismatchLabelKeys',
    'publicKey',
    'twoKeyboards',
    'maxKeySize',
    'cacheKeyLength',
  ])
    assert.ok(!isSecretName(name), name);
});

test('what names the place of a secret is no secret: masked, an object’s own name could not be shown', () => {
  for (const name of [
    'existingSecret',
    'existingPasswordSecret',
    'secretName',
    'passwordSecretName',
    'SECRET_NAME',
    'password-file',
    'PASSWORD_FILE',
    'tokenPath',
    'secretRef',
    'secretKeyRef',
    'imagePullSecrets',
    'image-pull-secret',
    'automountServiceAccountToken',
  ])
    assert.ok(!isSecretName(name), name);
});

test('only the core kind is a Secret', () => {
  assert.ok(isSecretObject(aSecret('x', {}).object));
  assert.ok(!isSecretObject(anObject('a.b/v1', 'Secret', 'x').object));
  assert.ok(!isSecretObject(aConfigMap('x').object));
});

test("a Secret's values are all secret, decoded", () => {
  const secret = aSecret('x', { user: 'anna', password: 'hunter22' }).with({ stringData: { more: 'plain' } });
  assert.deepEqual(secretValuesOf(secret.object), ['anna', 'hunter22', 'plain']);
  assert.deepEqual(secretValuesOf(aSecret('x', {}).without('data').object), []);
});

test('of bytes that are no text the base64 is secret, for that is how they are shown', () => {
  const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x9c, 0xc3]).toString('base64');
  assert.ok(
    secretValuesOf(anObject('v1', 'Secret', 'x').with({ data: { key: bytes } }).object).includes(bytes),
  );
});

test('what kubectl remembers of an object holds its secrets once more, perhaps older ones', () => {
  const remember = (object: object) => ({
    'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(object),
  });
  const old = aSecret('x', { password: 'before' }).object;
  assert.deepEqual(secretValuesOf(aSecret('x', { password: 'after' }).annotated(remember(old)).object), [
    'after',
    'before',
  ]);
  const workload = withContainer(aDeployment('x'), { env: [{ name: 'PASSWORD', value: 'before' }] });
  assert.deepEqual(secretValuesOf(aDeployment('x').annotated(remember(workload.object)).object), ['before']);
  assert.deepEqual(secretValuesOf(aSecret('x', {}).annotated(remember([])).object), []);
  const damaged = { 'kubectl.kubernetes.io/last-applied-configuration': '{' };
  assert.deepEqual(secretValuesOf(aSecret('x', {}).annotated(damaged).object), []);
});

test('env entries whose name says so, in pods and in workloads, init containers included', () => {
  const env = [
    { name: 'PASSWORD', value: 'hunter22' },
    { name: 'SIZE', value: '64' },
    { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
  ];
  assert.deepEqual(secretValuesOf(withContainer(aDeployment('x'), { env }).object), ['hunter22']);
  const pod = aPod('x', aDeployment('x').served().object).with({
    spec: { initContainers: [{ name: 'i', env }] },
  });
  assert.deepEqual(secretValuesOf(pod.object), ['hunter22']);
});

test('flags whose name says so, with their value behind "=" or in the next word', () => {
  const secrets = (args: string[], command: string[] = []) =>
    secretValuesOf(withContainer(aDeployment('x'), { args, command }).object);
  assert.deepEqual(secrets(['-m', '64', '--auth-token=hunter22']), ['hunter22']);
  assert.deepEqual(secrets(['--password', 'hunter22', '-v']), ['hunter22']);
  assert.deepEqual(secrets(['--password', '--verbose']), []);
  assert.deepEqual(secrets(['hunter22'], ['memcached', '--token']), ['hunter22']);
  assert.deepEqual(secrets(['--password-file=/run/p', '--no-auth']), []);
  assert.deepEqual(secrets(['--password=$(PASSWORD)', '--token', '$(TOKEN)']), []);
});

test('secrets inside a shell command', () => {
  const secrets = (line: string) =>
    secretValuesOf(withContainer(aDeployment('x'), { command: ['sh', '-c'], args: [line] }).object);
  assert.deepEqual(secrets('export PASSWORD=hunter22; exec memcached -m 64'), ['hunter22']);
  assert.deepEqual(secrets('memcached --token "two words" -m 64'), ['two words']);
  assert.deepEqual(secrets("memcached --password='hunter22' --verbose"), ['hunter22']);
  assert.deepEqual(secrets('memcached --password "$PASSWORD" --token=$TOKEN'), []);
  assert.deepEqual(secrets('echo the password is not here'), []);
});

test("a chart's values whose key says so, at any depth, in lists and as numbers nobody quoted", () => {
  const values = {
    auth: { enabled: true, password: 'hunter22', pin: 123456, existingSecret: 'my-memcached-auth' },
    image: { pullSecrets: ['registry'], tag: '1.6' },
    tokens: ['one', { value: 'two' }],
    nested: [{ apiKey: 'three' }],
    profile: { passwordFile: '/run/p', login: { password: 'four' } },
    replicas: 2,
  };
  assert.deepEqual(secretHelmValues(values), ['hunter22', '123456', 'one', 'two', 'three', 'four']);
  assert.deepEqual(secretHelmValues(undefined), []);
});

test('a value that is only the name of something in sight hides nothing', () => {
  assert.deepEqual(withoutNames(['cart', 'hunter22', 'shop'], ['cart', 'shop']), ['hunter22']);
});

test('passwords in URLs are secret wherever people put them, also as they are meant', () => {
  const url = (password: string) => `redis://app:${password}@cache/0`;
  const annotated = aConfigMap('c', { url: url('in-a-config-map') }).annotated({ note: url('an%40notated') });
  assert.deepEqual(secretValuesOf(annotated.object).sort(), [
    'an%40notated',
    'an@notated',
    'in-a-config-map',
  ]);
  const workload = withContainer(aDeployment('d'), {
    env: [{ name: 'CACHE', value: url('in-the-env') }],
    args: ['--cache', url('an-argument')],
  });
  assert.deepEqual(secretValuesOf(workload.object), ['in-the-env', 'an-argument']);
});

test('what an older template held is secret too: a ControllerRevision', () => {
  const container = { name: 'c', env: [{ name: 'DB_PASSWORD', value: 'the-previous-one' }] };
  const revision = anObject('apps/v1', 'ControllerRevision', 'r').with({
    data: {
      spec: {
        template: { metadata: { annotations: { 'a/token': 't0ken' } }, spec: { containers: [container] } },
      },
    },
  });
  assert.deepEqual(secretValuesOf(revision.object), ['the-previous-one']);
  assert.deepEqual(secretAnnotationsOf(revision.object), ['t0ken']);
});
