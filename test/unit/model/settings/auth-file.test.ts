import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import type { KubeObject, ObjectRef } from '../../../../src/model/kubernetes/object.ts';
import { authFileLogin, loginsOfPods } from '../../../../src/model/settings/auth-file.ts';
import { aConfigMap, aContainer, aSecret } from '../../../support/objects.ts';
import { podSettings } from '../../../support/pod-settings.ts';

const LOGIN = { username: 'app', password: 'pa:ss word' };
const SECRET = aSecret('users', { list: 'app:pa:ss word\nother:x\n' }).object;

function podSpec(path: string, mount: JsonObject, volume: JsonObject): JsonObject {
  return {
    containers: [aContainer({ args: ['-m', '8', '-Y', path], volumeMounts: [{ name: 'users', ...mount }] })],
    volumes: [{ name: 'users', ...volume }],
  };
}

const find =
  (...objects: KubeObject[]) =>
  ({ kind, name, namespace }: ObjectRef) =>
    objects.find((each) => each.kind === kind && namespace === 'shop' && name === 'users');

test('the first user of the file that -Y names, wherever the pod mounts it from', () => {
  const secret = { secret: { secretName: 'users' } };
  const items = { secret: { secretName: 'users', items: [{ key: 'list', path: 'auth/users' }] } };
  for (const [path, mount, volume] of [
    ['/etc/mc/list', { mountPath: '/etc/mc' }, secret],
    ['/etc/mc/list', { mountPath: '/etc/mc/' }, secret],
    ['/etc/mc/auth/users', { mountPath: '/etc/mc' }, items],
    ['/users', { mountPath: '/users', subPath: 'list' }, secret],
  ] as const) {
    assert.deepEqual(authFileLogin(podSpec(path, mount, volume), 'shop', find(SECRET)), LOGIN, path);
  }
  const map = aConfigMap('users', { list: 'app:pa:ss word' }).object;
  assert.deepEqual(
    authFileLogin(
      podSpec('/etc/mc/list', { mountPath: '/etc/mc' }, { configMap: { name: 'users' } }),
      'shop',
      find(map),
    ),
    LOGIN,
  );
});

test('nobody, where no file is named, it is not there, or holds no user', () => {
  const mount = { mountPath: '/etc/mc' };
  const secret = { secret: { secretName: 'users' } };
  assert.equal(authFileLogin({ containers: [aContainer()] }, 'shop', find(SECRET)), undefined);
  assert.equal(authFileLogin(podSpec('/etc/mc/list', mount, secret), 'shop', find()), undefined);
  assert.equal(authFileLogin(podSpec('/etc/mc/another', mount, secret), 'shop', find(SECRET)), undefined);
  assert.equal(authFileLogin(podSpec('/etc/other/list', mount, secret), 'shop', find(SECRET)), undefined);
  const empty = aSecret('users', { list: '\n' }).object;
  assert.equal(authFileLogin(podSpec('/etc/mc/list', mount, secret), 'shop', find(empty)), undefined);
  const long = aSecret('users', { list: `a:${'x'.repeat(5000)}` }).object;
  assert.equal(authFileLogin(podSpec('/etc/mc/list', mount, secret), 'shop', find(long)), undefined);
});

test('a pod has those logins that each way to find its file gives, each once', () => {
  const spec = podSpec('/etc/mc/list', { mountPath: '/etc/mc' }, { secret: { secretName: 'users' } });
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'cart-0', namespace: 'shop' }, spec };
  const before = aSecret('users', { list: 'app:old' }).object;
  const loginsOf = loginsOfPods([pod], [find(SECRET), find(before), find(), find(SECRET)]);
  const target = (name: string) => ({ namespace: 'shop', pod: name, port: 11211, known: podSettings(name) });
  assert.deepEqual(loginsOf(target('cart-0')), [LOGIN, { username: 'app', password: 'old' }]);
  assert.deepEqual(loginsOf(target('cart-1')), [], 'nobody knows this pod');
});
