import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { takeBackup } from '../../../../src/backup/take-backup.ts';
import { rollback as rollbackCommand } from '../../../../src/commands/rollback.ts';
import { ExitCode } from '../../../../src/errors/exit-code.ts';
import type { HelmStatus } from '../../../../src/model/helm/helm-release.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import {
  changesSomething,
  planRollback,
  type RollbackOptions,
} from '../../../../src/restore/rollback/plan-rollback.ts';
import type { BackupAddress, Store } from '../../../../src/store/store.ts';
import { ModelServer } from '../../../support/api-server.ts';
import { aRevision } from '../../../support/helm-records.ts';
import { aLiveRelease, aNamespace } from '../../../support/live-release.ts';
import { aConfigMap, aService, type Fixture } from '../../../support/objects.ts';
import { contextOf, type ModelContext, RESTORE } from '../../../support/released-model.ts';
import { namesOf } from '../../../support/restore-model.ts';
import { aPlan, planned } from '../../doctor/restore/rehearsals.ts';
import { temporaryFolder } from '../../store/temporary-folder.ts';

const SYSTEM: KubeObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'kube-system', uid: '3f6c2a10-0f5e' },
};
const { selector: _, ...OPTIONS } = RESTORE;
const rollback = (context: ModelContext, more: Partial<RollbackOptions> = {}) =>
  planRollback({ ...OPTIONS, release: 'cart', namespace: 'shop', ...more }, context);

/** The release with one ConfigMap that says `conf`, and a Service. */
function serverWith(conf: string): ModelServer {
  const objects: Fixture[] = [aConfigMap('cart', { 'memcached.conf': conf }), aService('cart')].map(
    (object) => object.served().ownedBy('helm', { 'f:data': {} }),
  );
  const manifest = objects.map(({ object }) => object);
  return new ModelServer([
    aNamespace(),
    SYSTEM,
    ...manifest,
    aRevision(1, 'deployed', { manifest: namesOf(objects), config: { conf } }).record,
  ]);
}

/** A backup of each, a day after the other, the last on the 9th; then the release is as in the last. */
async function backedUp(
  t: TestContext,
  ...configurations: string[]
): Promise<ModelContext & { folder: string }> {
  const folder = await temporaryFolder(t);
  for (const [index, conf] of configurations.entries()) {
    const context = contextOf(serverWith(conf), folder, {});
    const startedAt = new Date(Date.UTC(2026, 10, 10 + index - configurations.length, 12));
    const what = { namespace: 'shop', release: 'cart', kind: 'backup' as const, startedAt };
    await takeBackup(await context.kube(), await context.store(), what, context);
  }
  return { ...contextOf(serverWith(configurations.at(-1)!), folder, {}), folder };
}

test('the newest backup is taken where it differs from how the release is now', async (t) => {
  const context = await backedUp(t, '-m 1', '-m 2');
  const changed = contextOf(serverWith('-m 3'), context.folder, {});
  const { plan, session } = await rollback(changed);
  assert.equal(plan.backup.id, '20261109T120000Z');
  assert.deepEqual(plan.settings, []);
  assert.notEqual(session.earlier, undefined);
});

test('of backups that are all as the release is, the first before them is taken, and it is said', async (t) => {
  const context = await backedUp(t, '-m 1', '-m 2', '-m 3', '-m 3', '-m 3');
  const { plan } = await rollback(context);
  assert.equal(plan.backup.id, '20261106T120000Z');
  assert.match(
    context.io.stderr,
    /The newest backup that differs from how cart is now is cart@20261106T120000Z, taken /,
  );
});

test('a damaged one is passed over, and where none differs that is said', async (t) => {
  const context = await backedUp(t, '-m 3', '-m 1', '-m 3', '-m 3');
  const backup = join(context.folder, '3f6c2a10/shop/cart/20261107T120000Z');
  const settings = join(backup, 'settings.json');
  await writeFile(settings, (await readFile(settings, 'utf8')).replaceAll('s', 'S'));
  const { plan, session } = await rollback(context);
  assert.equal(plan.nothingToDo || plan.proof !== undefined, true);
  assert.equal(session.earlier, undefined, 'none is offered once more');
  assert.match(context.io.stderr, /Warning: .*20261107T120000Z.* damaged/);
  assert.match(context.io.stderr, /No backup of cart differs from how it is now\./);
  await rm(backup, { recursive: true });
});

test('--to takes whatever names a backup after "@", and what it was taken for is said', async (t) => {
  const context = await backedUp(t, '-m 1', '-m 2', '-m 3');
  for (const [to, id] of [
    ['previous', '20261108T120000Z'],
    ['20261107', '20261107T120000Z'],
    ['2026-11-08T23:00Z', '20261108T120000Z'],
  ] as const) {
    assert.equal((await rollback(context, { to })).plan.backup.id, id, to);
  }
  assert.match(context.io.stderr, /cart@20261107 is cart@20261107T120000Z, taken /);
});

test('a tag is asked of a store that knows tags; another word, or an id with the release, is refused', async (t) => {
  const context = await backedUp(t, '-m 1', '-m 2');
  await assert.rejects(rollback(context, { to: 'v1.7' }), /"v1\.7" is no backup of cart: --to takes /);
  await assert.rejects(rollback(context, { release: 'cart@previous' }), /rollback takes a release, and --to/);
  const store = await context.store();
  let asked: unknown;
  const tagged: Store = Object.assign(store, {
    backupAtTag: async (releases: BackupAddress[], tag: string) => {
      asked = [releases.map(({ cluster, namespace, release }) => [cluster, namespace, release]), tag];
      return { ...releases[0]!, id: '20261108T120000Z' };
    },
  });
  const { plan } = await rollback({ ...context, store: async () => tagged }, { to: 'v1.7' });
  assert.equal(plan.backup.id, '20261108T120000Z');
  assert.deepEqual(asked, [
    [
      ['3f6c2a10', 'shop', 'cart'],
      ['abababab', 'shop', 'cart'],
    ],
    'v1.7',
  ]);
  assert.match(context.io.stderr, /The tag v1\.7 is cart@20261108T120000Z, taken /);
});

test('after a rollback the same again goes nowhere; once backed up since, it goes further back, never to what it went over', async (t) => {
  const context = await backedUp(t, '-m 1', '-m 2', '-m 3');
  const live = serverWith('-m 3');
  const on = (): ModelContext => contextOf(live, context.folder, {});
  const rolled = on();
  const options = { ...OPTIONS, release: 'cart', namespace: 'shop', output: 'json' as const };
  assert.equal(await rollbackCommand(options, rolled), ExitCode.incomplete, rolled.io.stderr);
  const again = on();
  const { plan } = await rollback(again);
  assert.equal(plan.backup.id, '20261108T120000Z');
  assert.ok(plan.nothingToDo || plan.proof !== undefined);
  assert.match(again.io.stderr, /cart is as at cart@20261108T120000Z, .* restored last\. To go back further/);

  const startedAt = new Date(Date.now() + 60_000);
  const what = { namespace: 'shop', release: 'cart', kind: 'backup' as const, startedAt };
  const nightly = { ...on(), now: () => startedAt };
  await takeBackup(await nightly.kube(), await nightly.store(), what, nightly);
  assert.equal((await rollback(on())).plan.backup.id, '20261107T120000Z');
});

test('owners of fields alone, or a record of Helm’s of a release that is well, is nothing to go back for', () => {
  const ref = { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'cart' };
  const live = (status: HelmStatus) => aLiveRelease([], { history: [aRevision(2, status, {})] });
  const owners = { ...planned(ref, 'replace'), changes: ['owners: helm'] };
  const helm = { action: 'new-revision' as const, revision: 3, from: 1, superseded: [2], failed: [] };
  const changes = (plan: Parameters<typeof aPlan>[0], status: HelmStatus = 'deployed') =>
    changesSomething({ plan: aPlan(plan), live: live(status) });
  assert.equal(changes({ objects: [owners], helm }), false);
  assert.equal(changes({ objects: [owners], helm }, 'failed'), true);
  assert.equal(changes({ objects: [planned(ref, 'replace')] }), true);
  assert.equal(changes({ objects: [planned(ref, 'delete')] }), true);
  assert.equal(changes({ namespace: { name: 'shop', action: 'create' } }), true);
});
