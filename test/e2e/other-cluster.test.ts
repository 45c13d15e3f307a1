import assert from 'node:assert/strict';
import { cpSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { arrayAt, stringAt, valueAt } from '../../src/model/json/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { forgeDocument } from '../support/small-backup.ts';
import { BINARY, cliFor } from './support/cli.ts';
import { exactObjects } from './support/exact-objects.ts';
import { assertIsRich } from './support/helm-goes-on.ts';
import { expectCode } from './support/process.ts';
import { aRelease, type TestRelease } from './support/release.ts';
import { NEXT_VALUES, RICH_VALUES } from './support/rich-values.ts';
import { newestBackup } from './support/store-files.ts';
import { converse } from './support/terminal.ts';

const cluster = await ensureCluster();
const NAMED = /backup of another cluster, c0ffee00 \(its context was "far-away"\)/;

describe("another cluster's backup", { concurrency: true }, () => {
  test('is named in the plan and in the question, restored after a yes, proved, and undone', async () => {
    await using release = await aDamagedRelease();
    const { cli, kubectl, name, namespace } = release;
    const { id } = fromElsewhere(cli.store);
    const damaged = await exactObjects(kubectl, name);

    const latest = expectCode(await cli.run('restore', name, '--yes'), 1);
    assert.match(
      latest.stderr,
      /holds no backup of my-memcached of this cluster/,
      'latest is never of another',
    );
    assert.match(latest.stderr, /add --cluster-name c0ffee00/);

    const restore = ['restore', `${name}@${id}`, '-n', namespace];
    {
      using terminal = converse(BINARY, restore, cli.env);
      await terminal.shows(NAMED);
      await terminal.shows(
        /Restore my-memcached in namespace \S+\s+in\s+context\s+\S+\s+\(https:\S+\)\s+\(this\s+is\s+a\s+backup\s+of\s+another\s+cluster,\s+c0ffee00/,
      );
      await terminal.shows(/\[y\/N\]/);
      terminal.answer('n');
      const { shown, code } = await terminal.ended();
      assert.equal(code, 130, shown);
      assert.match(shown, /Not restored: the answer was no\.\s+The cluster was not changed\./);
      assert.doesNotMatch(shown, /error:/, 'a decision is no error');
    }
    {
      using terminal = converse(BINARY, restore, cli.env);
      await terminal.shows(/\[y\/N\]/);
      terminal.answer('\u0003');
      const { shown, code } = await terminal.ended();
      assert.equal(code, 130, shown);
      assert.match(shown, /interrupted at the question: not restored\s+The cluster was not changed\./);
    }
    assert.deepEqual(await exactObjects(kubectl, name), damaged, 'nothing was written');

    using terminal = converse(BINARY, restore, cli.env);
    await terminal.shows(/\[y\/N\]/);
    terminal.answer('y');
    const { shown, code } = await terminal.ended();

    assert.equal(code, 0, shown);
    assert.match(shown, /and proved it/);
    await assertIsRich(release);
    await cli.ok('undo', name, '--yes');
    assert.deepEqual(await exactObjects(kubectl, name), damaged, 'undo finds it without --cluster-name');
  });

  test('is restored by its path or its folder of the store, and --yes says yes to it', async () => {
    await using release = await aDamagedRelease();
    const { cli, name, namespace } = release;
    const { folder, id } = fromElsewhere(cli.store);
    const copy = join(cli.store, '../carried', id);
    cpSync(folder, copy, { recursive: true });

    const byFolder = await cli.json(['restore', name, '--cluster-name', 'c0ffee00', '--dry-run=server']);
    assert.match(arrayAt(byFolder, 'plan', 'warnings').join('\n'), NAMED);

    const report = await cli.json(['restore', copy, '--yes']);

    assert.equal(report.outcome, 'proved');
    assert.match(arrayAt(report, 'plan', 'warnings').join('\n'), NAMED);
    assert.equal(valueAt(report, 'plan', 'backup', 'path'), copy);
    assert.equal(valueAt(report, 'plan', 'backup', 'cluster'), 'c0ffee00');
    assert.doesNotMatch(stringAt(report, 'safetyBackup', 'location') ?? '', /c0ffee00/);
    await assertIsRich(release);
    const again = await cli.json(['restore', copy, '--yes']);
    assert.equal(again.outcome, 'nothing-to-do');
    await cli.ok('undo', copy, '--yes');
    assert.notEqual(await cli.run('diff', copy).then(({ code }) => code), 0, 'the damage is back');

    using inDefault = cliFor(cluster, { namespace: 'default' });
    const elsewhere = expectCode(await inDefault.run('restore', copy, '--yes'), 2);
    assert.match(elsewhere.stderr, new RegExp(`is of namespace ${namespace}, not of default`));
  });
});

test('a backup of this cluster, given by its path, is no other cluster’s, whatever its folder is called', async () => {
  await using release = await aRelease(cluster, cluster.helms[0]!).withValues(RICH_VALUES).installed();
  const { cli, name, namespace } = release;
  await cli.ok('backup', name, '--cluster-name', 'mine');
  const { folder, document } = newestBackup(cli.store);
  await release.upgradeBadly({ ...release.values, memcached: { maxMemory: 8 } });

  const rules = await cli.json(['permissions', 'restore', folder]);
  assert.deepEqual(
    arrayAt(rules, 'items')
      .flatMap((rule) => stringAt(rule, 'namespace') ?? [])
      .filter((place) => place !== namespace),
    [],
  );
  const report = await cli.json(['restore', folder, '--yes']);

  assert.equal(report.outcome, 'proved');
  assert.doesNotMatch(arrayAt(report, 'plan', 'warnings').join('\n'), /another cluster/);
  await assertIsRich(release);
  const other = expectCode(await cli.run('undo', `${name}@20200101T000000Z`, '--yes'), 1);
  assert.match(other.stderr, new RegExp(`was to backup ${document.id}, not to 20200101T000000Z`));
  await cli.ok('undo', `${name}@${document.id}`, '--yes');

  const byNameGiven = expectCode(await cli.run('restore', name, '--yes'), 1);
  assert.match(byNameGiven.stderr, /add --cluster-name mine|is complete and undamaged/);
  // As whoever has no sight of kube-system saves it where the store knows the certificate by that name.
  forgeDocument(folder, (forged) => delete forged.cluster.uid);
  const byName = await cli.json(['restore', name, '--dry-run=server']);
  assert.equal(valueAt(byName, 'plan', 'backup', 'id'), document.id);
  assert.match(await cli.ok('status', '-o', 'json'), new RegExp(`"id": "${document.id}"`));
  await cli.ok('restore', name, '--cluster-name', 'mine', '--yes');
  await assertIsRich(release);
  await cli.ok('undo', name, '--yes');
  assert.equal((await cli.run('diff', name)).code, 3, 'undone without --cluster-name');

  const nowhere = expectCode(await cli.run('restore', './no/such/folder', '--yes'), 1);
  assert.match(nowhere.stderr, /there is no folder \.\/no\/such\/folder/);
});

/** Saved with RICH_VALUES, upgraded to others since. */
async function aDamagedRelease(): Promise<TestRelease> {
  const release = await aRelease(cluster, cluster.helms.at(-1)!)
    .withPassword()
    .withValues(RICH_VALUES)
    .installed();
  await release.cli.ok('backup', release.name);
  await release.upgrade({ ...release.values, ...NEXT_VALUES });
  return release;
}

/** Makes the newest backup one that was carried here from another cluster. */
function fromElsewhere(store: string): { folder: string; id: string } {
  const { folder, document } = newestBackup(store);
  const { namespace, release, id } = document;
  const moved = join(store, 'c0ffee00', namespace.name, release, id);
  mkdirSync(dirname(moved), { recursive: true });
  renameSync(folder, moved);
  forgeDocument(moved, (forged) => {
    forged.cluster = {
      ...forged.cluster,
      name: 'c0ffee00',
      uid: 'c0ffee00-0000-4000-8000-000000000000',
      caDigest: 'f0'.repeat(32),
      context: 'far-away',
    };
  });
  return { folder: moved, id };
}
