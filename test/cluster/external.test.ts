import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { clusterObstacle, ensureCluster } from './cluster.ts';
import { externalCluster } from './external.ts';

const skip = process.env.E2E_KUBECONFIG ? 'E2E_KUBECONFIG is in use itself' : (clusterObstacle() ?? false);

test('a cluster of E2E_KUBECONFIG is used with the kubectl and the Helms of PATH, named by their version', {
  skip,
}, async () => {
  const ours = await ensureCluster();
  const [helm3, helm4] = ours.helms;
  const bin = mkdtempSync(join(tmpdir(), 'path-'));
  try {
    symlinkSync(ours.kubectl, join(bin, 'kubectl'));
    symlinkSync(helm4!.path, join(bin, 'helm'));
    const withOne = await externalCluster(ours.kubeconfig, { PATH: bin });
    assert.deepEqual(withOne.helms, [{ name: 'helm4', path: join(bin, 'helm') }]);
    assert.equal(withOne.kubectl, join(bin, 'kubectl'));
    assert.equal(withOne.external, true);

    symlinkSync(helm3!.path, join(bin, 'helm3'));
    const withBoth = await externalCluster(ours.kubeconfig, { PATH: bin });
    assert.deepEqual(
      withBoth.helms.map((helm) => helm.name),
      ['helm3', 'helm4'],
    );

    const nowhere = join(bin, 'no-such-kubeconfig');
    await assert.rejects(externalCluster(nowhere, { PATH: bin }), /does not answer/);
    await assert.rejects(externalCluster(ours.kubeconfig, { PATH: '' }), /kubectl is not on PATH/);
  } finally {
    rmSync(bin, { recursive: true });
  }
});
