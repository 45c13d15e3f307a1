import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../src/model/json/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { BINARY, type Cli } from './support/cli.ts';
import { exactObjects } from './support/exact-objects.ts';
import { aCart, CART_LABELS } from './support/fixtures/a-cart.ts';
import { expectCode, type Outcome, run } from './support/process.ts';
import { inGroup } from './support/process-group.ts';
import { type RecordingProxy, recordingProxy, writesAmong } from './support/recording-proxy.ts';
import { aRelease, type Fixture } from './support/release.ts';
import { aSmallDisk, noMounts, type SmallDisk } from './support/small-disk.ts';

const cluster = await ensureCluster();
/** Nobody can make a folder there. */
const NOWHERE = '/proc/none';

/** Runs the tool with this disk as its store. */
function onDisk(
  { cli, namespace }: Fixture,
  disk: SmallDisk,
  env: NodeJS.ProcessEnv = {},
): (...args: string[]) => Promise<Outcome> {
  const own = { ...cli.env, MEMCACHED_BACKUP_STORE: disk.path, ...env };
  return (...args) => run(BINARY, [...args, '-n', namespace], { env: own });
}

const stateFolderOf = (cli: Cli): string => join(cli.env.HOME!, '.local/state/memcached-backup');
const drift = (cart: Fixture) => cart.kubectl.ok('set', 'env', 'deployment/cart', 'TIER=other');
const tierOf = ({ kubectl }: Fixture) =>
  kubectl.objects.field('deployment/cart', '.spec.template.spec.containers[0].env');

/** Enough lines in the journal to leave the page that the disk gave it. */
const NOTES: JsonObject[] = Array.from({ length: 16 }, (_, index) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: `note-${index}`, labels: CART_LABELS },
  data: { a: 'then' },
}));

async function changeNotes({ kubectl }: Fixture): Promise<void> {
  await kubectl.apply(...NOTES.map((note) => ({ ...note, data: { a: 'now' } })));
}

const noteValues = async ({ kubectl }: Fixture) =>
  new Set(
    (
      await kubectl.ok(
        'get',
        'configmap',
        '-l',
        'app.kubernetes.io/instance=cart',
        '-o',
        'jsonpath={.items[*].data.a}',
      )
    ).split(' '),
  );

/** The API server, and what happens once as soon as the restore writes its first object. */
async function atFirstWrite(happens: () => Promise<void> | void): Promise<RecordingProxy> {
  const proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
  let once: Promise<void> | undefined;
  proxy.fault = async (request) => {
    const isObject = !/\/(leases|selfsubject\w+)\b/.test(request.path);
    if (!isObject || writesAmong([request]).length === 0) return undefined;
    once ??= Promise.resolve(happens());
    await once;
    return undefined;
  };
  return proxy;
}

describe('a restore whose store can not be written', { concurrency: 3, skip: noMounts }, () => {
  for (const [what, spoil] of [
    ['read-only', (disk: SmallDisk) => disk.makeReadOnly()],
    ['full', async (disk: SmallDisk) => disk.fill()],
  ] as const) {
    test(`${what}: journal and safety backup go to the state folder, with a warning, and undo finds them`, async () => {
      await using disk = await aSmallDisk('2m');
      await using cart = await aCart(cluster);
      const tool = onDisk(cart, disk);
      expectCode(await tool('backup', 'cart'));
      await drift(cart);
      const before = await tierOf(cart);
      await spoil(disk);
      const state = stateFolderOf(cart.cli);

      const restored = expectCode(await tool('restore', 'cart', '--yes'));

      for (const kept of ['safety backup', 'journal']) {
        const warning = new RegExp(
          `warning: can't write to the store .*; its ${kept} is kept in ${state}$`,
          'mi',
        );
        assert.match(restored.stderr, warning);
      }
      assert.equal(await tierOf(cart), '');
      expectCode(await tool('undo', 'cart', '--yes'));
      assert.equal(await tierOf(cart), before);
      assert.match(expectCode(await tool('undo', 'cart', '--yes'), 1).stderr, /was undone already/);
    });
  }

  test('a restore that was cut off is taken up by the next one, and undone, from the state folder', async () => {
    await using disk = await aSmallDisk('2m');
    await using cart = await aCart(cluster, {}, NOTES);
    expectCode(await onDisk(cart, disk)('backup', 'cart'));
    await changeNotes(cart);
    await disk.makeReadOnly();
    const { promise: reached, resolve } = Promise.withResolvers<void>();
    // The first write never gets through: then the restore is killed.
    await using proxy = await atFirstWrite(() => {
      resolve();
      return new Promise(() => {});
    });
    const env = { ...cart.cli.env, MEMCACHED_BACKUP_STORE: disk.path, KUBECONFIG: proxy.kubeconfig };
    const args = ['restore', 'cart', '--yes', '-n', cart.namespace];
    const group = inGroup(BINARY, args, env);
    await Promise.race([reached, group.ended]);
    group.signal('SIGKILL');
    expectCode(await group.ended, 137);

    const examined = await onDisk(cart, disk)('doctor', '--only', 'restore', '-o', 'name');
    assert.match(examined.stdout, /^MB462/m, 'doctor looks into the state folder too');
    const taken = expectCode(await onDisk(cart, disk)('restore', 'cart', '--yes'));

    assert.match(taken.stderr, /A restore that was cut off .* is taken up/);
    assert.deepEqual(await noteValues(cart), new Set(['then']));
    expectCode(await onDisk(cart, disk)('undo', 'cart', '--yes'));
    assert.deepEqual(await noteValues(cart), new Set(['now']), 'undo leads back to before both');
  });

  test('a disk that fills in the middle: the restore ends whole, its journal goes on in the state folder', async () => {
    await using disk = await aSmallDisk('2m');
    await using cart = await aCart(cluster, {}, NOTES);
    expectCode(await onDisk(cart, disk)('backup', 'cart'));
    await changeNotes(cart);
    await using proxy = await atFirstWrite(() => disk.fill());

    const restored = expectCode(
      await onDisk(cart, disk, { KUBECONFIG: proxy.kubeconfig })('restore', 'cart', '--yes'),
    );

    assert.match(restored.stderr, /the disk is full; its journal is kept in/);
    assert.doesNotMatch(restored.stderr, /its safety backup is kept in/, 'that one was there before');
    assert.deepEqual(await noteValues(cart), new Set(['then']));
    disk.free();
    expectCode(await onDisk(cart, disk)('undo', 'cart', '--yes'));
    assert.deepEqual(await noteValues(cart), new Set(['now']));
  });

  test('nor the state folder: refused before the first write, and no namespace is made', async () => {
    await using disk = await aSmallDisk('2m');
    await using cart = await aCart(cluster);
    const { kubectl, namespace } = cart;
    expectCode(await onDisk(cart, disk)('backup', 'cart'));
    await drift(cart);
    await disk.makeReadOnly();
    await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
    const env = { XDG_STATE_HOME: NOWHERE, KUBECONFIG: proxy.kubeconfig };
    const written = () => writesAmong(proxy.requests).filter(({ path }) => !path.includes('/leases'));

    const refused = expectCode(await onDisk(cart, disk, env)('restore', 'cart', '--yes'), 4);

    assert.match(refused.stderr, /there is no place for its safety backup: can't write to the store/);
    assert.match(refused.stderr, /^The cluster was not changed/m);
    assert.deepEqual(written(), []);
    await kubectl.objects.delete(`namespace/${namespace}`);
    const again = expectCode(await onDisk(cart, disk, env)('restore', 'cart', '--yes'), 4);
    assert.match(again.stderr, /there is no place for its journal/);
    assert.deepEqual(written(), []);
    assert.equal(await kubectl.objects.find(`namespace/${namespace}`), undefined);
  });

  for (const binary of cluster.helms) {
    test(`nor the state folder, from the middle on: undone by itself, or kept and undone later (${binary.name})`, async () => {
      await using disk = await aSmallDisk('2m');
      await using release = await aRelease(cluster, binary).withValues({ replicaCount: 1 }).installed();
      const { kubectl, name, helm } = release;
      const { values } = release;
      expectCode(await onDisk(release, disk)('backup', name));
      await release.upgrade({ ...values, replicaCount: 1, podAnnotations: { later: 'yes' } });
      await kubectl.ok('annotate', 'service', name, 'note=later');
      const before = await exactObjects(kubectl, name);
      const restoring = async (...flags: string[]) => {
        await using proxy = await atFirstWrite(() => disk.makeReadOnly());
        const env = { XDG_STATE_HOME: NOWHERE, KUBECONFIG: proxy.kubeconfig };
        return await onDisk(release, disk, env)('restore', `${name}@latest`, '--yes', ...flags);
      };

      const undone = await restoring();

      assert.match(undone.stderr, /there is no place for its journal/);
      assert.match(undone.stderr, /the undo goes on without/);
      assert.match(undone.stderr, /failed and was undone/);
      assert.notEqual(undone.code, 0);
      assert.deepEqual(await exactObjects(kubectl, name), before);
      await assertOneDeployed();

      await disk.makeWritable();
      const kept = await restoring('--on-failure=keep');
      assert.match(kept.stderr, /there is no place for its journal/);
      assert.match(kept.stderr, /no object was changed|written before that/i);
      await disk.makeWritable();
      expectCode(await onDisk(release, disk)('undo', name, '--yes'));
      assert.deepEqual(await exactObjects(kubectl, name), before);
      await assertOneDeployed();
      await release.upgrade(values);

      async function assertOneDeployed(): Promise<void> {
        const history = await helm.history(name);
        const open = history.filter(({ status }) => status === 'deployed' || status.startsWith('pending'));
        assert.deepEqual(open, history.slice(-1), JSON.stringify(history));
        assert.equal(open[0]?.status, 'deployed');
      }
    });
  }
});
