import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  heldSpec,
  holderName,
  holderOf,
  holderText,
  isExpired,
  leaseRef,
  parseHolder,
} from '../../../../src/model/kubernetes/lease.ts';

const HOLDER = { host: 'build-7', pid: 4711, user: 'ada@example.org' };
const AT = new Date('2026-11-22T10:15:00.123Z');

describe('the Lease of a release', () => {
  test('is one for each release of a namespace', () => {
    assert.deepEqual(leaseRef('shop', 'cart'), {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      namespace: 'shop',
      name: 'memcached-backup.cart',
    });
  });

  test('names its holder so that he is found again, whatever his user name', () => {
    const lease = { spec: heldSpec(HOLDER, AT, AT) };
    assert.equal(holderOf(lease), 'ada@example.org@build-7/4711');
    assert.deepEqual(parseHolder(holderText(HOLDER)), HOLDER);
    assert.equal(parseHolder('kube-controller-manager'), undefined);
  });

  test('tells where the pid means something, which no message shows', () => {
    const known = { ...HOLDER, machine: '0c9f41d2ab77' };
    const lease = { spec: heldSpec(known, AT, AT) };
    assert.deepEqual(parseHolder(holderOf(lease)), known);
    assert.equal(holderName(lease), 'ada@example.org@build-7/4711');
    assert.equal(holderName({ spec: { holderIdentity: 'kube-scheduler' } }), 'kube-scheduler');
  });

  test('has times with six digits, as the API server wants a MicroTime', () => {
    assert.equal(heldSpec(HOLDER, AT, AT).renewTime, '2026-11-22T10:15:00.123000Z');
  });

  test('runs out 15 seconds after it was renewed, not a moment before', () => {
    const lease = { spec: heldSpec(HOLDER, AT, AT) };
    const after = (ms: number) => new Date(AT.getTime() + ms);
    assert.equal(isExpired(lease, after(15_000)), false);
    assert.equal(isExpired(lease, after(15_001)), true);
  });

  test('has run out where nobody ever renewed it', () => {
    assert.equal(isExpired({ spec: {} }, AT), true);
  });

  test('keeps to a duration that another tool wrote', () => {
    const lease = { spec: { ...heldSpec(HOLDER, AT, AT), leaseDurationSeconds: 60 } };
    assert.equal(isExpired(lease, new Date(AT.getTime() + 59_000)), false);
  });
});
