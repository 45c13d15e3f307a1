import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import type { PodSettings } from '../../../../src/model/records/backup-format.ts';
import { movedImages } from '../../../../src/restore/plan/moved-images.ts';
import { liveRelease } from '../live-release.ts';

const A = `docker.io/library/memcached@sha256:${'a'.repeat(64)}`;
const B = `docker.io/library/memcached@sha256:${'b'.repeat(64)}`;
const IMAGE = 'memcached:1.6';

function saved(imageID: string, image = IMAGE): PodSettings {
  return {
    name: 'cart-0',
    workload: 'deployment.apps/cart',
    current: true,
    container: 'memcached',
    image,
    imageID,
    command: [],
    args: [],
    env: [],
    ready: true,
  };
}

let count = 0;
function running(imageID: string, image = IMAGE): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${count++}`, namespace: 'shop' },
    spec: { containers: [{ name: 'memcached', image }] },
    // The runtime's own spelling.
    status: { containerStatuses: [{ name: 'memcached', image: `docker.io/library/${image}`, imageID }] },
  };
}

const CART = new Set(['deployment.apps/cart']);
const moved = (then: PodSettings[], now: KubeObject[], workloads = CART) =>
  movedImages(then, workloads, liveRelease(now));

describe('an image whose tag moved', () => {
  test('is named with both digests', () => {
    assert.deepEqual(moved([saved(A)], [running(B), running(B)]), [
      `the tag of ${IMAGE} moved: it led to sha256:aaaaaaaaaaaa at the backup, and pods of this namespace run sha256:bbbbbbbbbbbb`,
    ]);
  });

  test('is not one that pods still run as it was', () => {
    assert.deepEqual(moved([saved(A)], [running(A)]), []);
    assert.equal(moved([saved(A)], [running(A), running(B)]).length, 1, 'some do, some do not');
  });

  test('is not said to have moved where nothing tells: no pod runs it, or under another name', () => {
    assert.deepEqual(moved([saved(A)], []), []);
    assert.deepEqual(moved([saved(A)], [running(B, 'memcached:1.5')]), []);
    assert.deepEqual(moved([saved('')], [running(B)]), []);
  });

  test("is not compared in two forms: a registry's digest is not that of an image loaded into the node", () => {
    assert.deepEqual(moved([saved(A)], [running(`sha256:${'c'.repeat(64)}`)]), []);
  });

  test('is none that is named by its digest, and none of a workload whose pods stay', () => {
    const pinned = `${IMAGE}@sha256:${'a'.repeat(64)}`;
    assert.deepEqual(moved([saved(A, pinned)], [running(B, pinned)]), []);
    assert.deepEqual(moved([saved(A)], [running(B)], new Set()), []);
  });
});
