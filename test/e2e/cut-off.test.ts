import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type JsonObject, objectAt } from '../../src/model/json/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { cliFor } from './support/cli.ts';
import {
  type AtWrite,
  type CutOffAtWrite,
  countedWrites,
  cutOffAtWrite,
  type Through,
} from './support/cut-off.ts';
import { type EntryPoint, entryPoints } from './support/entry-points.ts';
import { exactObjects } from './support/exact-objects.ts';
import { assertSettings } from './support/helm-goes-on.ts';
import { describe as describeRun, expectCode, type Outcome } from './support/process.ts';
import { type RecordedRequest, recordingProxy } from './support/recording-proxy.ts';
import { aRelease, type TestRelease } from './support/release.ts';
import { NEXT_SETTINGS, NEXT_VALUES, RICH_SETTINGS, RICH_VALUES } from './support/rich-values.ts';
import { rolledOut } from './support/rollout.ts';
import { newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();
const [helm3, helm4] = [cluster.helms[0]!, cluster.helms.at(-1)!];
const points = await entryPoints(cluster, cluster.kubeconfig);
after(() => {
  for (const point of points) point[Symbol.dispose]();
});

/** The ways in: the program itself, and through each program that has it as a plugin. */
const WAYS = [
  { way: 'the program itself', binary: helm3, point: undefined },
  ...points.map((point, index) => ({
    way: point.name,
    binary: index % 2 === 0 ? helm4 : helm3,
    point: point as EntryPoint | undefined,
  })),
];
/**
 * kill -9 this often, and Ctrl-C or SIGTERM this often, over all ways in. Every single write is tried by
 * test/property/restore/cut-offs.slow.test.ts; here it is real processes that die, and a real cluster that they leave.
 */
const CUTS_OF_A_KIND = 8;

describe('a restore that is cut off, whatever it was called by', { concurrency: 2 }, () => {
  for (const [index, { way, binary, point }] of WAYS.entries()) {
    test(`undo, or restore again, makes the release whole (${way}, ${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary)
        .withPassword()
        .withValues(RICH_VALUES)
        .installed();
      await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
      using through = cliFor(cluster, { ...release, kubeconfig: proxy.kubeconfig });
      const { cli, name, kubectl, helm } = release;
      await cli.ok('backup', name);
      const restore = ['restore', `${name}@${newestBackup(cli.store).document.id}`, '--yes'];
      const good = await objectsOf(release);
      const writesOf = async (): Promise<RecordedRequest[]> => {
        proxy.requests.length = 0;
        expectCode(await through.run(...restore, '--store', cli.store));
        return countedWrites(proxy.requests);
      };
      const cut = (at: Cut): Promise<CutOffAtWrite> =>
        cutOffAtWrite(release, proxy, restore, { ...at, ...throughOf(point, release) });
      const complete = async ({ completion, write }: Cut): Promise<void> => {
        const words = completion === 'restore' ? restore : ['undo', name, '--yes'];
        const outcome = await onceFree(() => cli.run(...words));
        // A restore that came no further than its Lease is none; the one before it can't be undone any more.
        const isNone = completion === 'undo' && write === 1 && outcome.code !== 0;
        if (!isNone) expectCode(outcome);
        else {
          assert.match(expectCode(outcome, 1).stderr, /was undone already|Helm went on to revision/);
          // Nobody has waited for the pods of the upgrade before.
          await rolledOut(kubectl, `deployment/${name}`);
        }
      };

      const upgrade = async () => {
        await release.upgradeBadly({ ...release.values, ...NEXT_VALUES });
        await kubectl.ok('delete', 'service,networkpolicy', '-l', `app.kubernetes.io/instance=${name}`);
      };
      await upgrade();
      for (const at of cutsOf(await writesOf(), index, 'first half')) {
        await upgrade();
        const bad = await objectsOf(release);

        const what = assertCut(await cut(at), at, point);
        await complete(at);

        const isBack = at.completion === 'restore';
        assert.deepEqual(await objectsOf(release), isBack ? good : bad, what);
        await assertDeployed(release, isBack ? RICH_VALUES : NEXT_VALUES, what);
        await assertSettings(release, isBack ? RICH_SETTINGS : NEXT_SETTINGS);
        await assertNoLease(release, what);
      }

      await helm.ok('uninstall', name, '--wait');
      const whole = await writesOf();
      const history = await helm.history(name);
      for (const at of cutsOf(whole, index, 'second half')) {
        await helm.run('uninstall', name, '--wait'); // after an undo there is nothing to uninstall

        const what = assertCut(await cut(at), at, point);
        await complete(at);

        if (at.completion === 'restore') {
          assert.deepEqual(await objectsOf(release), good, what);
          assert.deepEqual(await helm.history(name), history, what);
          await assertSettings(release, RICH_SETTINGS);
        } else {
          assert.deepEqual(await objectsOf(release), {}, what);
          assert.match((await helm.run('history', name)).stderr, /not found/, what);
        }
        await assertNoLease(release, what);
      }
    });
  }
});

interface Cut extends AtWrite {
  completion: 'undo' | 'restore';
}

/** A way's share of a half of the cuts, spread over all writes. Undo and restore take turns in completing. */
function cutsOf(writes: RecordedRequest[], way: number, half: 'first half' | 'second half'): Cut[] {
  const isFirst = half === 'first half';
  const moments = writes.flatMap((_, i) =>
    (['before', 'after'] as const).map((side) => ({ write: i + 1, side })),
  );
  const own = Array.from({ length: CUTS_OF_A_KIND }, (_, i) => i).filter(
    (i) => i % WAYS.length === way && i < CUTS_OF_A_KIND / 2 === isFirst,
  );
  return own.flatMap((i, turn) => {
    // The halves are of different restores, each of which is gone through from its first write to its last.
    const place = (isFirst ? i : i - CUTS_OF_A_KIND / 2) / (CUTS_OF_A_KIND / 2 - 1);
    const moment = moments[Math.round(place * (moments.length - 1))]!;
    const signal = i % 5 === 1 ? 'SIGTERM' : 'SIGINT';
    const [one, other] =
      (turn + way) % 2 === 0 ? (['undo', 'restore'] as const) : (['restore', 'undo'] as const);
    return [
      { ...moment, signal: 'SIGKILL', completion: one },
      { ...moment, signal, completion: other },
    ];
  });
}

function throughOf(point: EntryPoint | undefined, { cli }: TestRelease): { through?: Through } {
  if (point === undefined) return {};
  const env = { ...point.env, MEMCACHED_BACKUP_STORE: cli.store };
  return { through: { program: point.program, args: ['memcached-backup'], env } };
}

/** @returns where it was cut, for messages. */
function assertCut(
  run: CutOffAtWrite,
  { signal, write, side, completion }: Cut,
  point: EntryPoint | undefined,
): string {
  const { request } = run;
  const what = `${signal} ${side} write ${write} (${request?.method} ${request?.path}), then ${completion}`;
  const shown = `${what}\n${describeRun(run)}`;
  assert.notEqual(request, undefined, `it came to that write: ${shown}`);
  if (signal === 'SIGKILL') {
    assert.equal(run.code, 137, shown);
    return shown;
  }
  // A signal that comes after the proof, at the writes that close Helm's record and give the Lease back, is too
  // late to keep the restore from its end.
  if (/^Restored \S+ to \S+, and proved it/m.test(run.stderr)) return shown;
  assert.match(run.stderr, /written before that|no object was changed|was not changed/i, shown);
  // Helm ends with the code that it likes when it is interrupted itself.
  const isHelm = point !== undefined && point.name !== 'kubectl';
  if (!isHelm) assert.equal(run.code, 130, shown);
  return shown;
}

/** Helm ends at once when it is interrupted, and leaves the plugin to finish its object and give way. */
async function onceFree(attempt: () => Promise<Outcome>): Promise<Outcome> {
  for (let tries = 0; ; tries++) {
    const outcome = await attempt();
    if (tries === 30 || !/is being restored/.test(outcome.stderr)) return outcome;
    await sleep(1000);
  }
}

/** A Service that was deleted comes back with another address. */
async function objectsOf({ kubectl, name }: TestRelease): Promise<Record<string, JsonObject>> {
  const objects = await exactObjects(kubectl, name);
  const spec = objectAt(objects[`Service/${name}`], 'spec');
  delete spec?.clusterIP;
  delete spec?.clusterIPs;
  return objects;
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

async function assertNoLease({ kubectl, name }: TestRelease, what: string): Promise<void> {
  assert.equal(await kubectl.objects.find(`lease/memcached-backup.${name}`), undefined, what);
}
