import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spellInvocation } from '../../../src/cli/spell-invocation.ts';

const ADVICE = 'kubectl memcached-backup list -A; then kubectl memcached-backup backup';

test('advice calls us as the user does, with the flags that lead to the same cluster, once', () => {
  for (const invocation of [
    'kubectl memcached-backup',
    'helm memcached-backup',
    "kubectl memcached-backup --context '$&'",
    'helm memcached-backup --kubeconfig /tmp/a',
  ]) {
    const spelt = `${invocation} list -A; then ${invocation} backup`;
    assert.equal(spellInvocation(ADVICE, invocation), spelt);
    assert.equal(spellInvocation(spelt, invocation), spelt);
  }
});
