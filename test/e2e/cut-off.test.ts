import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type JsonObject, objectAt } from '../../src/model/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { type CutOff, cutOff } from './support/cut-off.ts';
import { exactObjects } from './support/exact-objects.ts';
import { assertSettings } from './support/helm-goes-on.ts';
import { describe as describeRun, expectCode } from './support/process.ts';
import { aRelease, type TestRelease } from './support/release.ts';
import { NEXT_SETTINGS, NEXT_VALUES, RICH_SETTINGS, RICH_VALUES } from './support/rich-values.ts';
import { newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();

/** Lines of a restore's journal: the plan, Helm's record, then two for each object. */
const ODD = [1, 3, 5, 7, 9];
const EVEN = [2, 4, 6, 8, 10];

describe('a restore that is cut off', { concurrency: true }, () => {
  for (const [index, binary] of cluster.helms.entries()) {
    const [killed, interrupted] = index % 2 === 0 ? [ODD, EVEN] : [EVEN, ODD];

    test(`of an upgraded release: undo or restore makes it whole (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary)
        .withPassword()
        .withValues(RICH_VALUES)
        .installed();
      const { cli, name, kubectl, helm } = release;
      await cli.ok('backup', name);
      const restore = ['restore', `${name}@${newestBackup(cli.store).document.id}`, '--yes'];
      const good = await objectsOf(release);

      for (const { line, signal, completion } of cuts(killed, interrupted)) {
        const what = `${signal} at line ${line}, then ${completion}`;
        await release.upgradeBadly({ ...release.values, ...NEXT_VALUES });
        await kubectl.ok('delete', 'service,networkpolicy', '-l', `app.kubernetes.io/instance=${name}`);
        const bad = await objectsOf(release);

        assertCut(await cutOff(release, restore, { line, signal }), signal, what);
        expectCode(await cli.run(...(completion === 'restore' ? restore : ['undo', name, '--yes'])));

        assert.deepEqual(await objectsOf(release), completion === 'restore' ? good : bad, what);
        await assertDeployed(release, completion === 'restore' ? RICH_VALUES : NEXT_VALUES, what);
        await assertSettings(release, completion === 'restore' ? RICH_SETTINGS : NEXT_SETTINGS);
      }
      await helm.ok('uninstall', name);
    });

    test(`of an uninstalled release: undo or restore makes it whole (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary)
        .withPassword()
        .withValues(RICH_VALUES)
        .installed();
      const { cli, name, helm } = release;
      await cli.ok('backup', name);
      const restore = ['restore', `${name}@${newestBackup(cli.store).document.id}`, '--yes'];
      const good = await objectsOf(release);
      const history = await helm.history(name);

      for (const { line, signal, completion } of cuts(killed, interrupted)) {
        const what = `${signal} at line ${line * 2 - 1}, then ${completion}`;
        await helm.run('uninstall', name, '--wait'); // after an undo there is nothing to uninstall

        assertCut(await cutOff(release, restore, { line: line * 2 - 1, signal }), signal, what);
        expectCode(await cli.run(...(completion === 'restore' ? restore : ['undo', name, '--yes'])));

        if (completion === 'restore') {
          assert.deepEqual(await objectsOf(release), good, what);
          assert.deepEqual(await helm.history(name), history, what);
          await assertSettings(release, RICH_SETTINGS);
        } else {
          assert.deepEqual(await objectsOf(release), {}, what);
          assert.match((await helm.run('history', name)).stderr, /not found/, what);
        }
      }
    });
  }
});

/** A Service that was deleted comes back with another address. */
async function objectsOf({ kubectl, name }: TestRelease): Promise<Record<string, JsonObject>> {
  const objects = await exactObjects(kubectl, name);
  const spec = objectAt(objects[`Service/${name}`], 'spec');
  delete spec?.clusterIP;
  delete spec?.clusterIPs;
  return objects;
}

interface Cut {
  line: number;
  signal: 'SIGKILL' | 'SIGINT';
  completion: 'undo' | 'restore';
}

/** Undo and restore take turns in completing. */
function cuts(killed: number[], interrupted: number[]): Cut[] {
  const both = [
    ...killed.map((line) => ({ line, signal: 'SIGKILL' as const })),
    ...interrupted.map((line) => ({ line, signal: 'SIGINT' as const })),
  ];
  return both.map((cut, index) => ({ ...cut, completion: index % 2 === 0 ? 'undo' : 'restore' }));
}

function assertCut(run: CutOff, signal: Cut['signal'], what: string): void {
  const shown = `${what}\n${describeRun(run)}`;
  assert.notEqual(run.atLine, undefined, `the journal had that line: ${shown}`);
  assert.equal(run.code, signal === 'SIGKILL' ? 137 : 130, shown);
  if (signal === 'SIGINT') assert.match(run.stderr, /written before that|no object was changed/i, shown);
}

/** One revision is deployed, the newest; none is left pending; its values are these. */
async function assertDeployed({ helm, name, values }: TestRelease, given: JsonObject, what: string) {
  const history = await helm.history(name);
  const notClosed = history.filter(({ status }) => status === 'deployed' || status.startsWith('pending'));
  assert.deepEqual(notClosed, history.slice(-1), `${what}: ${JSON.stringify(history)}`);
  assert.equal(history.at(-1)?.status, 'deployed', what);
  const got = JSON.parse(await helm.ok('get', 'values', name, '-o', 'json'));
  assert.deepEqual(got, { ...values, ...given }, what);
}
