import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kubeconfigPaths } from '../../../src/kube/kubeconfig-files.ts';

test('a user without a home folder has no kubeconfig, and that is no error', () => {
  assert.deepEqual(kubeconfigPaths(undefined, {}), []);
});

test('--kubeconfig wins over KUBECONFIG, and KUBECONFIG over the home folder', () => {
  const env = { HOME: '/home/ann', KUBECONFIG: '/a:/b:/a' };
  assert.deepEqual(kubeconfigPaths('/c', env), ['/c']);
  assert.deepEqual(kubeconfigPaths(undefined, env), ['/a', '/b']);
  assert.deepEqual(kubeconfigPaths(undefined, { HOME: '/home/ann' }), ['/home/ann/.kube/config']);
});
