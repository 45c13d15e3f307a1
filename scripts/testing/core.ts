/**
 * The end-to-end tests that are held to every version of Kubernetes that docs/versions.md names, beside all of them on the standard
 * one: that a backup is whole, that restore and undo bring every kind of release back, what the pods say of it, who may do it, what
 * doctor finds and repairs, and that kubectl and both Helms start the tool and go on.
 */
export const CORE: readonly string[] = [
  'test/e2e/bad-upgrade.test.ts',
  'test/e2e/doctor/access.test.ts',
  'test/e2e/doctor/cache.test.ts',
  'test/e2e/doctor/fix.test.ts',
  'test/e2e/doctor/restore.test.ts',
  'test/e2e/doctor/rollout.test.ts',
  'test/e2e/entry-points.test.ts',
  'test/e2e/helm3-releases-recover.test.ts',
  'test/e2e/helm4-releases-recover.test.ts',
  'test/e2e/kinds-of-release.test.ts',
  'test/e2e/kube-client.test.ts',
  'test/e2e/memcached-pods.test.ts',
  'test/e2e/permissions.test.ts',
  'test/e2e/plain-releases-recover.test.ts',
  'test/e2e/undo.test.ts',
];
