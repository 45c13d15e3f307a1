import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { ensureCluster } from '../cluster/cluster.ts';
import { BINARY } from './support/cli.ts';
import { exactObjects } from './support/exact-objects.ts';
import { assertSettings } from './support/helm-goes-on.ts';
import { isGone } from './support/objects.ts';
import { expectCode, run } from './support/process.ts';
import { type RecordedRequest, recordingProxy, refusal } from './support/recording-proxy.ts';
import { aRelease, type TestRelease } from './support/release.ts';
import { RICH_SETTINGS, RICH_VALUES } from './support/rich-values.ts';

const cluster = await ensureCluster();
const [helm3, helm4] = [cluster.helms[0]!, cluster.helms.at(-1)!];

/** The creation of a namespace, dry runs left out. */
const isCreation = ({ method, path }: RecordedRequest): boolean =>
  method === 'POST' && /^\/api\/v1\/namespaces(\?(?!.*dryRun)|$)/.test(path);

/** Starts a restore and kills it while the namespace's creation is on its way to the server, or back. */
async function killedAtNamespace({ cli, name, namespace }: TestRelease, when: 'before' | 'after') {
  await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const hold = (): Promise<never> => {
    resolve();
    return new Promise(() => {});
  };
  if (when === 'before') proxy.fault = (request) => (isCreation(request) ? hold() : undefined);
  else proxy.losesAnswer = (request) => isCreation(request) && hold();
  const child = spawn(BINARY, ['restore', name, '--yes', '-n', namespace], {
    env: { ...cli.env, KUBECONFIG: proxy.kubeconfig },
    stdio: 'ignore',
  });
  await reached;
  child.kill('SIGKILL');
  await once(child, 'close');
}

/** A release with a backup, whose namespace is gone. */
async function lost(release: TestRelease): Promise<void> {
  await release.cli.ok('backup', release.name);
  await release.kubectl.objects.delete(`namespace/${release.namespace}`);
}

describe('a restore that was killed when it made the namespace', { concurrency: true }, () => {
  for (const when of ['before', 'after'] as const) {
    test(`${when} the server did: the next restore completes it, and undo removes all of it`, async () => {
      await using release = await aRelease(cluster, helm3).withValues(RICH_VALUES).installed();
      const { cli, kubectl, name, namespace } = release;
      await lost(release);
      await killedAtNamespace(release, when);
      const left = await kubectl.objects.find(`namespace/${namespace}`);
      assert.equal(left !== undefined, when === 'after');

      const restored = expectCode(await cli.run('restore', name, '--yes'));

      if (when === 'after') assert.match(restored.stderr, /A restore that was cut off .* is taken up/);
      await assertSettings(release, RICH_SETTINGS);
      expectCode(await cli.run('undo', name, '--yes'));
      await kubectl.objects.until(`namespace/${namespace}`, isGone);
    });

    test(`${when} the server did: undo leaves nothing`, async () => {
      await using release = await aRelease(cluster, helm4).withValues(RICH_VALUES).installed();
      const { cli, kubectl, name, namespace } = release;
      await lost(release);
      await killedAtNamespace(release, when);

      const undone = expectCode(await cli.run('undo', name, '--yes'));

      assert.equal(/delete {3}namespace\//.test(undone.stderr), when === 'after', undone.stderr);
      await kubectl.objects.until(`namespace/${namespace}`, isGone);
      assert.match(expectCode(await cli.run('undo', name, '--yes'), 1).stderr, /was undone already/);
    });
  }

  test('and whose namespace somebody else then made: undo leaves that alone', async () => {
    await using release = await aRelease(cluster, helm4).withValues(RICH_VALUES).installed();
    const { cli, kubectl, name, namespace } = release;
    await lost(release);
    await killedAtNamespace(release, 'before');
    await kubectl.ok('create', 'namespace', namespace);

    const undone = expectCode(await cli.run('undo', name, '--yes'));

    assert.doesNotMatch(undone.stderr, /delete {3}namespace\//);
    await kubectl.objects.get(`namespace/${namespace}`);
    assert.deepEqual(await exactObjects(kubectl, name), {});
  });

  test('a namespace that can not be made leaves no unfinished restore', async () => {
    await using release = await aRelease(cluster, helm3).withValues(RICH_VALUES).installed();
    const { cli, name, namespace, kubectl } = release;
    await lost(release);
    await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
    proxy.fault = (request) => (isCreation(request) ? refusal(403, 'no more of them') : undefined);
    const env = { ...cli.env, KUBECONFIG: proxy.kubeconfig };

    const failed = expectCode(await run(BINARY, ['restore', name, '--yes', '-n', namespace], { env }), 1);

    assert.match(failed.stderr, /no more of them/);
    assert.equal(await kubectl.objects.find(`namespace/${namespace}`), undefined);
    const restored = expectCode(await cli.run('restore', name, '--yes'));
    assert.doesNotMatch(restored.stderr, /cut off/);
  });
});
