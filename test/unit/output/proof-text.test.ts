import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodProof } from '../../../src/model/plan/proof.ts';
import { proofLines } from '../../../src/output/proof-text.ts';
import { PLAIN_STYLE } from '../../../src/output/style.ts';
import { assertGolden } from '../golden.ts';

const pod = (name: string, changes: Partial<PodProof> = {}): PodProof => ({
  pod: name,
  workload: 'deployment.apps/cart',
  settings: 'equal',
  differences: [],
  changedLive: [],
  canary: 'passed',
  ...changes,
});
const text = (pods: PodProof[], notes: string[] = []) =>
  `${proofLines({ verdict: 'unproven', pods, notes }, PLAIN_STYLE).join('\n')}\n`;

test('what each pod proved, and what could not be proved (UPDATE_GOLDEN=1 writes the file)', () => {
  const changedLive = [{ key: 'maxbytes', expected: '1048576', actual: '67108864' }];
  const pods = [
    pod('cart-1', { changedLive }),
    pod('cart-2', { changedLive }),
    pod('cart-3', {
      settings: 'differs',
      differences: [
        { key: 'maxconns', expected: '1024', actual: '16' },
        { key: 'new_setting', expected: undefined, actual: '1' },
      ],
    }),
    pod('cart-4', { settings: 'differs', why: 'it is of an older template' }),
    pod('cart-5', { canary: 'failed', why: 'the canary key failed: SERVER_ERROR out of memory' }),
    pod('cart-6', { settings: 'unknown', canary: 'unknown', why: 'no answer within 5 s' }),
    pod('cart-7', { canary: 'unknown' }),
  ];
  assertGolden('proof/every-outcome.txt', text(pods, ['deployment.apps/sessions has no pod to ask']));
});

test('a pod that says nothing about why is still named', () => {
  assert.equal(text([pod('cart-1', { settings: 'unknown' })]), 'Not proved: pod/cart-1: it did not answer\n');
});

test('control characters in what a pod answered never reach the terminal', () => {
  const evil = 'a\u001b[2Jb\nc';
  const pods = [
    pod(evil),
    pod('x', { settings: 'unknown', why: evil }),
    pod('y', { settings: 'differs', why: evil }),
  ];
  for (const line of proofLines({ verdict: 'differs', pods, notes: [evil] }, PLAIN_STYLE))
    assert.doesNotMatch(line, /[\u001b\n]/);
});
