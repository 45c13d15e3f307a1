import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { clusterObstacle, ensureCluster, loadImage, removeImage, writeDockerArchive } from './cluster.ts';
import { instanceFrom } from './instance.ts';
import { intoNode } from './load-image.ts';

const skip = process.env.E2E_KUBECONFIG
  ? 'images are loaded into our own cluster only'
  : (clusterObstacle() ?? false);

test('an image made of a folder is in the node after loadImage; a file that is none is refused', {
  skip,
}, async () => {
  await ensureCluster();
  const name = `localhost/load-image-test:${process.pid}`;
  const ctr = (...args: string[]) => {
    const command = ['ctr', '-n', 'k8s.io', 'images', ...args];
    return execFileSync('nsenter', [...intoNode(instanceFrom()), ...command], { encoding: 'utf8' });
  };
  const work = mkdtempSync(join(tmpdir(), 'image-test-'));
  try {
    mkdirSync(join(work, 'rootfs'));
    writeFileSync(join(work, 'rootfs', 'file'), 'content');
    await writeDockerArchive(join(work, 'image.tar'), name, join(work, 'rootfs'), { Cmd: ['none'] });
    assert.ok(!ctr('list', '-q').includes(name));
    await loadImage(join(work, 'image.tar'));
    assert.ok(ctr('list', '-q').includes(name));

    await assert.rejects(loadImage(join(work, 'rootfs', 'file')), /was not imported/);
  } finally {
    const id = ctr('list', `name==${name}`).split('\n')[1]?.split(/\s+/)[2] ?? 'none';
    await removeImage(name);
    // The kubelet's name of it too, else all of it would stay in the node's memory.
    assert.ok(!ctr('list').includes(id));
    await removeImage(name);
    rmSync(work, { recursive: true });
  }
});
