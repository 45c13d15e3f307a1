import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asDrillNamespace, isLeftOver } from '../../../src/drill/drill-namespace.ts';
import { imagePulls } from '../../../src/drill/image-pulls.ts';
import { onTopOf } from '../../../src/drill/on-top.ts';
import { Stopwatch } from '../../../src/drill/stopwatch.ts';
import type { JsonObject } from '../../../src/model/json/json.ts';
import { holderText } from '../../../src/model/kubernetes/lease.ts';
import { DRILL_PHASES } from '../../../src/model/records/drill-report.ts';
import { ownHolder } from '../../../src/restore/lease/lease-holder.ts';

describe('a namespace of a drill', () => {
  const made = '2026-11-30T00:13:30Z';
  const namespace = (entry: JsonObject = {}): JsonObject => ({
    metadata: {
      name: 'drill-cart-1a2b3c',
      uid: 'u',
      creationTimestamp: made,
      labels: { 'memcached-backup/drill': '20261130T001330Z' },
      annotations: {
        'memcached-backup/drill-of': 'shop/cart@20261129T000000Z',
        'memcached-backup/drill-expires': '2026-11-30T01:00:00.000Z',
        'memcached-backup/drill-holder': holderText(ownHolder()),
      },
      managedFields: [
        {
          manager: 'memcached-backup-drill',
          operation: 'Update',
          time: made,
          fieldsV1: { 'f:metadata': { 'f:labels': { 'f:memcached-backup/drill': {} } } },
          ...entry,
        },
      ],
    },
  });

  test('is one that a drill made', () => {
    assert.equal(asDrillNamespace(namespace())?.of, 'shop/cart@20261129T000000Z');
  });

  test('is none that somebody labelled, by hand or later', () => {
    for (const entry of [{ manager: 'kubectl-label' }, { time: '2026-11-30T00:13:31Z' }, { fieldsV1: {} }]) {
      assert.equal(asDrillNamespace(namespace(entry)), undefined, JSON.stringify(entry));
    }
  });

  test('is left over once its process is gone, or its time is up', () => {
    const found = asDrillNamespace(namespace())!;
    const early = new Date('2026-11-30T00:20:00Z');
    assert.equal(isLeftOver(found, early, false), false, 'this process lives');
    assert.equal(isLeftOver(found, new Date('2026-11-30T01:00:01Z'), false), true);
    // Above the largest pid that Linux gives (pid_max).
    const dead = { ...found, holder: holderText({ ...ownHolder(), pid: 2 ** 22 + 7 }) };
    assert.equal(isLeftOver(dead, early, false), true);
    const { machine: _unknown, ...nameless } = ownHolder();
    const likely = { ...found, holder: holderText({ ...nameless, pid: 2 ** 22 + 7 }) };
    assert.deepEqual([isLeftOver(likely, early, false), isLeftOver(likely, early, true)], [false, true]);
    assert.equal(isLeftOver({ ...dead, holder: 'ada@elsewhere/1' }, early, true), false);
  });
});

test('the time of pulls is that of the pod which waited longest', () => {
  const event = (pod: string, message: string): JsonObject => ({ involvedObject: { name: pod }, message });
  const pulled = (what: string, took: string) =>
    `Successfully pulled image "${what}" in ${took} (9s including waiting). Image size: 1 bytes.`;
  const present = 'Container image "memcached:1" already present on machine';
  assert.deepEqual(imagePulls([event('a', present)]), { seconds: 0, present: true });
  assert.deepEqual(
    imagePulls([event('a', present), event('a', pulled('x', '1m2.5s')), event('b', pulled('x', '900ms'))]),
    {
      seconds: 62.5,
      present: false,
    },
  );
  assert.deepEqual(imagePulls([]), { seconds: 0, present: undefined });
});

test('a stopwatch times phases in their order, and no question', async () => {
  let now = 0;
  const watch = new Stopwatch('read', 0, () => now);
  now = 1000;
  await watch.paused(async () => {
    now = 61_000;
  });
  now = 61_500;
  watch.begin('apply');
  now = 62_000;
  watch.begin('ready');
  now = 65_000;
  watch.begin('proof');
  watch.move('ready', 'images', 2);
  now = 65_250;
  assert.deepEqual(watch.phases(DRILL_PHASES), [
    { name: 'read', seconds: 1.5 },
    { name: 'apply', seconds: 0.5 },
    { name: 'images', seconds: 2 },
    { name: 'ready', seconds: 1 },
    { name: 'proof', seconds: 0.25 },
  ]);
});

test('what a real recovery does on top follows from what the drill did not do', () => {
  const pods = { proved: 1, of: 1, inBackup: 3 };
  const onTop = onTopOf({
    changed: [
      { what: 'service/cart', change: 'type ClusterIP instead of LoadBalancer' },
      { what: 'ingress.networking.k8s.io/cart', change: 'not made: x', left: true },
      { what: 'statefulset.apps/cart', change: 'an empty directory for each pod instead of its claim data' },
    ],
    pods,
    imagesPresent: true,
  });
  assert.deepEqual(onTop, [
    'make what the drill left out: ingress.networking.k8s.io/cart',
    'wait for the address that the cloud gives service/cart, and for DNS',
    'wait for the volumes of statefulset.apps/cart',
    'start 2 more pods',
    'pull the images where a node has none: here they lay on the nodes already',
    'fill the caches, which come back empty, while the database answers for them',
  ]);
  assert.equal(onTopOf({ changed: [], pods: { proved: 3, of: 3, inBackup: 3 } }).length, 1);
});
