import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { arrayAt, type JsonObject, objectAt, stringAt } from '../../src/model/json/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { aCart, cartWorkload } from './support/fixtures/a-cart.ts';
import { assertSettings } from './support/helm-goes-on.ts';
import { withExactly } from './support/permitted-users.ts';
import { expectCode } from './support/process.ts';
import { aRelease } from './support/release.ts';
import { newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();
const MIB = 2 ** 20;

/** Ids are told to the second. */
const nextSecond = () => sleep(1000 - (Date.now() % 1000));

const changesOf = (plan: unknown): string[] =>
  arrayAt(plan as JsonObject, 'settings').map((each) => {
    const [now, then] = ['pods', 'backup'].map((side) => stringAt(arrayAt(each, side)[0], 'value'));
    return `${stringAt(each, 'setting')}: ${now} → ${then}`;
  });

describe('rollback', { concurrency: true }, () => {
  for (const binary of cluster.helms) {
    test(`goes back over backups of the fault, shows the settings first, and undo takes it back (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary).named('cache').installed();
      const { cli, name, helm, namespace } = release;
      await release.upgrade({ ...release.values, memcached: { maxMemory: 16, maxConnections: 128 } });
      await cli.ok('backup', name);
      const good = newestBackup(cli.store).document.id;
      await release.upgrade({ ...release.values, memcached: { maxMemory: 8, maxConnections: 128 } });
      for (let nightly = 0; nightly < 2; nightly++) {
        await nextSecond();
        await cli.ok('backup', name);
      }
      const at = `${name}@${good}`;

      const shown = expectCode(await cli.run('rollback', name, '--dry-run'));
      assert.match(shown.stderr, new RegExp(`newest backup that differs from how ${name} is now is ${at}`));
      assert.match(
        shown.stdout,
        /^Plan: .*\n.*\n {2}Settings of memcached, now → at the backup:\n {4}maxbytes: 8388608 \(8 MiB\) → 16777216 \(16 MiB\)\n {2}\w/,
      );
      let report: JsonObject = {};
      await withExactly(cluster, release, 'rollback', [name], async (restricted) => {
        report = await restricted.json(['rollback', name, '--yes', '--store', cli.store]);
      });
      assert.equal(report.outcome, 'proved');
      assert.deepEqual(changesOf(report.plan), [`maxbytes: ${8 * MIB} → ${16 * MIB}`]);
      await assertSettings(release, { maxbytes: `${16 * MIB}`, maxconns: '128' });
      const history = await helm.history(name);
      assert.match(history.at(-1)!.description, new RegExp(good));

      const again = expectCode(await cli.run('rollback', name, '--to', good, '--yes'));
      assert.match(again.stderr, /Nothing to do/);
      await cli.ok('undo', name, '--yes', '-n', namespace);
      await assertSettings(release, { maxbytes: `${8 * MIB}` });
    });
  }

  test('from Git by a tag: no checkout before, none after', async () => {
    await using cart = await aCart(cluster);
    const { cli, kubectl } = cart;
    const home = cli.env.HOME!;
    const repository = join(home, 'backups.git');
    const git = (...args: string[]): string =>
      execFileSync('git', [`--git-dir=${repository}`, ...args], { encoding: 'utf8', env: cli.env });
    git('init', '--quiet', '--bare', '--initial-branch=main', repository);
    cli.env.MEMCACHED_BACKUP_STORE = `git+file://${repository}`;
    await cli.ok('backup', 'cart', '--allow-plain-secrets');
    git('tag', 'before-the-move', 'main');
    const command = (megabytes: string) => ({ container: { command: ['memcached', '-m', megabytes] } });
    for (const megabytes of ['9', '10']) {
      await kubectl.apply(cartWorkload(cluster, command(megabytes)));
      await kubectl.ok('rollout', 'status', 'deployment/cart');
      await nextSecond();
      await cli.ok('backup', 'cart', '--allow-plain-secrets');
    }
    // What begins with a dot is the cache of the store, and the journal of the restore.
    const around = () => readdirSync(home).filter((entry) => !entry.startsWith('.'));
    const tip = git('rev-parse', 'main');

    assert.match(
      expectCode(await cli.run('rollback', 'cart', '--to', 'no-such-tag'), 1).stderr,
      /has no tag no-such-tag/,
    );
    const latest = await cli.json(['rollback', 'cart', '--dry-run']);
    assert.deepEqual(changesOf(latest.plan), [`maxbytes: ${10 * MIB} → ${9 * MIB}`]);
    const back = expectCode(await cli.run('rollback', 'cart', '--to', 'before-the-move', '--yes'));
    assert.match(back.stderr, /The tag before-the-move is cart@\d{8}T\d{6}Z, taken /);
    assert.match(back.stderr, /maxbytes: 10485760 \(10 MiB\) → 8388608 \(8 MiB\)/);

    const spec = objectAt(await kubectl.objects.get('deployment/cart'), 'spec', 'template', 'spec');
    assert.deepEqual(arrayAt(arrayAt(spec, 'containers')[0], 'command'), ['memcached', '-m', '8']);
    assert.deepEqual([git('rev-parse', 'main'), around()], [tip, ['backups.git']]);
  });
});
