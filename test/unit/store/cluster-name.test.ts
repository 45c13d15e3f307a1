import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { clusterName } from '../../../src/store/cluster-name.ts';
import { spelled } from '../spelled.ts';

const UID = '3f6c2a10-0f5e-4d57-9a3b-5b1d7f6f2a11';
const CA = 'ab12cd34'.repeat(8);

test("a cluster is named by the start of kube-system's uid, whatever the store knows", () => {
  assert.equal(clusterName({ uid: UID, caDigest: CA }, [{ name: 'old', caDigest: CA }]), '3f6c2a10');
});

test('where the uid can not be read, the known cluster with the same CA certificate', () => {
  const known = [{ name: 'one' }, { name: 'two', caDigest: CA }, { name: 'three', caDigest: CA }];
  assert.equal(clusterName({ uid: undefined, caDigest: CA }, known), 'two');
});

test('where none is known, the start of the certificate’s digest', () => {
  assert.equal(clusterName({ uid: undefined, caDigest: CA }, [{ name: 'one' }]), 'ab12cd34');
});

test('where nothing tells the cluster from another, the person must name it', () => {
  assert.throws(
    () => clusterName({ uid: undefined, caDigest: undefined }, [{ name: 'one' }]),
    (error) => error instanceof ToolError && /--cluster-name/.test(spelled(error.next)),
  );
});
