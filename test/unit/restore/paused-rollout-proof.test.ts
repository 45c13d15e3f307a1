import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pausedRollout } from '../../../src/model/kubernetes/paused-rollout.ts';
import type { PodSettings } from '../../../src/model/records/backup-format.ts';
import { prove } from '../../../src/restore/pods/prove.ts';

test('a pod that OnDelete keeps on its old template is not proven, and no failure', () => {
  const pod: PodSettings = {
    name: 'cart-0',
    workload: 'statefulset.apps/cart',
    current: false,
    container: 'memcached',
    image: 'memcached:1.6',
    command: [],
    args: ['-m', '8'],
    env: [],
    ready: true,
    version: '1.6.18',
    stats: { maxbytes: '8388608' },
  };
  const held = pausedRollout({ kind: 'StatefulSet', spec: { updateStrategy: { type: 'OnDelete' } } })!;
  const canary = { stored: true, readBack: true, deleted: true };

  const proof = prove([{ settings: pod, canary }], [pod], { held: new Map([[pod.workload, held]]) });

  assert.equal(proof.verdict, 'unproven');
  assert.match(proof.pods[0]?.why ?? '', /keeps its old settings, because its update strategy is OnDelete/);
  assert.equal(prove([{ settings: pod, canary }], [pod]).verdict, 'differs', 'without that reason');
});
