import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { ensureCluster } from '../cluster/cluster.ts';
import { type AtWrite, cutOffAtWrite, cutOffWhileSaving } from './support/cut-off.ts';
import { exactObjects } from './support/exact-objects.ts';
import { assertSettings } from './support/helm-goes-on.ts';
import { describe as describeRun, expectCode } from './support/process.ts';
import { recordingProxy } from './support/recording-proxy.ts';
import { aRelease, type TestRelease } from './support/release.ts';
import { NEXT_SETTINGS, NEXT_VALUES, RICH_SETTINGS, RICH_VALUES } from './support/rich-values.ts';
import { backupsIn, newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();
const [helm3, helm4] = [cluster.helms[0]!, cluster.helms.at(-1)!];
/**
 * Of an undo: in the middle of its objects, before its first object, at its end. Every write is tried by
 * test/property/restore/cut-offs.slow.test.ts.
 */
const MOMENTS = [
  { signal: 'SIGKILL', write: 5, side: 'after' },
  { signal: 'SIGTERM', write: 3, side: 'before' },
  { signal: 'SIGKILL', write: 8, side: 'before' },
  { signal: 'SIGINT', write: 6, side: 'after' },
] as const satisfies Omit<AtWrite, 'through'>[];

describe('an undo that is cut off', { concurrency: true }, () => {
  test(`after a bad upgrade: the next undo, or a restore, makes the release whole (${helm4.name})`, async () => {
    await using release = await aRelease(cluster, helm4).withValues(RICH_VALUES).installed();
    await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
    const { cli, name, kubectl } = release;
    await cli.ok('backup', name);
    const restore = ['restore', `${name}@${newestBackup(cli.store).document.id}`, '--yes'];
    const undo = ['undo', name, '--yes'];
    const good = await exactObjects(kubectl, name);
    for (const [index, moment] of MOMENTS.slice(0, 2).entries()) {
      await release.upgradeBadly({ ...release.values, ...NEXT_VALUES });
      const bad = await exactObjects(kubectl, name);
      expectCode(await cli.run(...restore));

      const shown = describeRun(assertCut(await cutOffAtWrite(release, proxy, undo, moment), moment));
      const isBack = index % 2 === 1;
      expectCode(await cli.run(...(isBack ? restore : undo)));

      assert.deepEqual(await exactObjects(kubectl, name), isBack ? good : bad, shown);
      await assertSettings(release, isBack ? RICH_SETTINGS : NEXT_SETTINGS);
      await assertClosed(release, shown);
    }
  });

  test(`after an uninstall: the next undo takes all of it away (${helm3.name})`, async () => {
    await using release = await aRelease(cluster, helm3).withValues(RICH_VALUES).installed();
    await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
    const { cli, name, kubectl, helm } = release;
    await cli.ok('backup', name);
    for (const moment of MOMENTS.slice(2)) {
      await helm.run('uninstall', name, '--wait');
      expectCode(await cli.run('restore', name, '--yes'));
      const undo = ['undo', name, '--yes'];

      const shown = describeRun(assertCut(await cutOffAtWrite(release, proxy, undo, moment), moment));
      expectCode(await cli.run(...undo));

      assert.deepEqual(await exactObjects(kubectl, name), {}, shown);
      assert.match((await helm.run('history', name)).stderr, /not found/, shown);
    }
  });
});

describe('a restore that is cut off while it saves the present state', { concurrency: true }, () => {
  test('leaves no half backup, no object changed, and nothing in the way of the next', async () => {
    await using release = await aRelease(cluster, helm4).withValues(RICH_VALUES).installed();
    const { cli, name, kubectl } = release;
    await cli.ok('backup', name);
    const folder = dirname(newestBackup(cli.store).folder);
    await release.upgradeBadly({ ...release.values, ...NEXT_VALUES });
    const bad = await exactObjects(kubectl, name);
    const visibleBackups = () => readdirSync(folder).filter((entry) => !entry.startsWith('.'));
    let before = backupsIn(cli.store).length;
    const cutInTime = async (signal: 'SIGKILL' | 'SIGINT' | 'SIGTERM') => {
      for (let attempt = 1; ; attempt++) {
        const cut = await cutOffWhileSaving(release, ['restore', name, '--yes'], signal);
        const [late] = visibleBackups().sort().slice(before);
        if (late === undefined || attempt === 12) return cut;
        // Saved before the signal was heard: a whole backup, and perhaps a restore, which is taken back.
        expectCode(await cli.run('verify', `${name}@${late}`));
        await cli.run('undo', name, '--yes');
        before = visibleBackups().length;
      }
    };
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const cut = await cutInTime(signal);

      const shown = `${signal}\n${describeRun(cut)}`;
      assert.notEqual(cut.begun, undefined, shown);
      assert.equal(cut.code, signal === 'SIGKILL' ? 137 : 130, shown);
      assert.equal(visibleBackups().length, before, `no half backup: ${visibleBackups()}\n${shown}`);
      if (signal !== 'SIGKILL') {
        assert.equal(readdirSync(folder).includes(cut.begun!), false, `nothing stays behind\n${shown}`);
      }
      assert.deepEqual(await exactObjects(kubectl, name), bad, shown);
      expectCode(await cli.run('verify', name));
      assert.match(
        expectCode(await cli.run('undo', name, '--yes'), 1).stderr,
        /no restore of .* is on record|was undone already/,
      );
    }
    expectCode(await cli.run('restore', name, '--yes'));
    await assertSettings(release, RICH_SETTINGS);
    await assertClosed(release, 'restored');
    expectCode(await cli.run('undo', name, '--yes'));
    assert.deepEqual(await exactObjects(kubectl, name), bad);
  });
});

function assertCut<T extends { request: unknown; code: number; stderr: string }>(
  run: T,
  { signal }: Omit<AtWrite, 'through'>,
): T {
  assert.notEqual(run.request, undefined, `it came to that write: ${run.stderr}`);
  assert.equal(run.code, signal === 'SIGKILL' ? 137 : 130, run.stderr);
  if (signal !== 'SIGKILL') {
    assert.match(run.stderr, /written before that|no object was changed/i);
    assert.match(run.stderr, /Next: to complete it: .*undo /);
  }
  return run;
}

/** One revision is deployed, the newest, and none is pending; the Lease is given back. */
async function assertClosed({ helm, kubectl, name }: TestRelease, what: string): Promise<void> {
  const history = await helm.history(name);
  const open = history.filter(({ status }) => status === 'deployed' || status.startsWith('pending'));
  assert.deepEqual(open, history.slice(-1), what);
  assert.equal(await kubectl.objects.find(`lease/memcached-backup.${name}`), undefined, what);
}
