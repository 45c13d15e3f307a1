import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { arrayAt, type JsonObject, stringAt } from '../../src/model/json/json.ts';
import { parseYamlStream } from '../../src/model/json/yaml.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { instanceFrom } from '../cluster/instance.ts';
import { toolImage } from '../cluster/tool-image.ts';
import { aClaim } from './support/a-claim.ts';
import { BINARY, cliFor } from './support/cli.ts';
import { aNamespace } from './support/namespace.ts';
import { expectCode, run } from './support/process.ts';
import { ended, endOf, programOf, runJob, soon, type WantedRun } from './support/scheduled-run.ts';
import { backupsIn } from './support/store-files.ts';

const cluster = await ensureCluster();
const skip = cluster.external && 'volumes and images are made in the node of our own cluster only';

/** Enough that a run can be met half way. */
const RELEASES = 16;
const MARK = 'memcached-backup.test/of';

describe('a run in a pod', { skip }, async () => {
  if (skip) return;
  const image = await toolImage(BINARY);
  const ops = await aNamespace(cluster, 'run');
  const { namespace, kubectl } = ops;
  const restricted = ['enforce', 'warn'].map((mode) => `pod-security.kubernetes.io/${mode}=restricted`);
  await kubectl.ok('label', 'namespace', namespace, ...restricted);
  const claim = await aClaim(cluster, ops, { size: '16m' });
  const cli = cliFor(cluster, { namespace });
  after(async () => {
    await claim[Symbol.asyncDispose]();
    cli[Symbol.dispose]();
    await ops[Symbol.asyncDispose]();
  });
  await kubectl.objects.create(
    ...Array.from({ length: RELEASES }, (_, number) => sleepingCache(`cache-${number + 10}`, namespace)),
  );
  const location = `pvc://${namespace}/${claim.name}/eu`;
  await kubectl.objects.create(
    ...(await accountWith('nightly')),
    ...(await accountWith('half', 'networkpolicies')),
  );
  const folder = join(nodeRoot(), claim.folder);
  const start = (name: string, args: readonly string[], more: Partial<WantedRun> = {}) => {
    const serviceAccount = more.serviceAccount ?? 'nightly';
    const job = runJob({ name, image, claim: claim.name, args, ...more, serviceAccount });
    return kubectl.applying(job);
  };
  const backup = ['backup', '-n', namespace, '--store', location];

  /** A service account with what `permissions` prints, without lists of `lacking`; cluster-wide is what is optional. */
  async function accountWith(name: string, lacking?: string): Promise<JsonObject[]> {
    const account = `system:serviceaccount:${namespace}:${name}`;
    const words = ['permissions', 'backup', '-o', 'yaml', '--for', account, '--store', location];
    const printed = parseYamlStream(await cli.ok(...words)) as JsonObject[];
    const own = printed.filter(({ kind }) => kind === 'Role' || kind === 'RoleBinding');
    const text = JSON.stringify(own).replaceAll(/"name":"memcached-backup[^"]*"/g, `"name":"${name}"`);
    const objects = (JSON.parse(text) as JsonObject[]).map((object) => {
      const rules = arrayAt(object, 'rules') as { resources: string[] }[];
      const left = rules.filter(({ resources }) => !resources.includes(lacking ?? ''));
      return object.kind === 'Role' ? { ...object, rules: left as unknown as JsonObject[] } : object;
    });
    return [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } }, ...objects];
  }

  /** Everything in the claim, which is whole: no backup is damaged, and nothing half written lies about. */
  async function wholeBackups(): Promise<{ release: string; verified: boolean }[]> {
    assert.deepEqual(partials(folder), []);
    // A copy: the tool follows no link into the node.
    const copy = join(cli.store, '..', 'claim');
    rmSync(copy, { recursive: true, force: true });
    mkdirSync(join(copy, 'eu'), { recursive: true });
    cpSync(folder, copy, { recursive: true });
    const listed = await run(BINARY, ['list', '-A', '-o', 'json', '--store', join(copy, 'eu')], {
      env: cli.env,
    });
    return (arrayAt(JSON.parse(expectCode(listed).stdout), 'items') as JsonObject[]).map((item) => {
      assert.equal(item.damage, undefined, JSON.stringify(item));
      return { release: stringAt(item, 'release') ?? '', verified: item.verified !== undefined };
    });
  }

  test('saves and verifies every release under the printed Role and Pod Security restricted, and says so in one line', async () => {
    const started = await start('good', [...backup, '--verify']);
    assert.doesNotMatch(started.stderr, /PodSecurity|would violate/);
    const { condition, pods } = await ended(kubectl, 'good');
    const [pod] = pods;
    assert.equal(condition, 'Complete', JSON.stringify(pods));
    assert.match(
      pod?.message ?? '',
      new RegExp(`^saved and verified ${RELEASES} of ${RELEASES} releases, \\d+ KiB, in \\d+\\.\\d s$`),
    );
    assert.ok((await kubectl.ok('describe', 'pod', pod?.name ?? '')).includes(pod?.message ?? '?'));
    const backups = await wholeBackups();
    assert.equal(new Set(backups.map(({ release }) => release)).size, RELEASES);
    assert.ok(backups.every(({ verified }) => verified));
    // A log for people: a line or two a release, and no data.
    const log = (await kubectl.ok('logs', pod?.name ?? '')).trim().split('\n');
    assert.ok(log.length <= 3 * RELEASES + 5, `${log.length} lines`);
    assert.ok(
      log.every((line) => line.length < 300 && !line.includes('{')),
      log.join('\n'),
    );
  });

  test('that is incomplete, or typed wrong, is not tried again: its Job has failed at the first pod', async () => {
    const before = (await wholeBackups()).length;
    await start('incomplete', backup, { serviceAccount: 'half' });
    await start('typo', [...backup, '--verifi']);
    const incomplete = await ended(kubectl, 'incomplete');
    assert.deepEqual([incomplete.condition, incomplete.reason], ['Failed', 'PodFailurePolicy']);
    assert.deepEqual(
      incomplete.pods.map(({ exitCode }) => exitCode),
      [5],
    );
    assert.match(
      incomplete.pods[0]?.message ?? '',
      new RegExp(
        `^incomplete: saved ${RELEASES} of ${RELEASES} releases, .* is not complete: not saved: networkpolicies: .*\\(and ${RELEASES - 1} more\\)$`,
      ),
    );
    assert.equal((await wholeBackups()).length, before + RELEASES);
    const typo = await ended(kubectl, 'typo');
    assert.deepEqual([typo.condition, typo.reason], ['Failed', 'PodFailurePolicy']);
    assert.deepEqual(
      typo.pods.map(({ exitCode }) => exitCode),
      [2],
    );
    assert.match(typo.pods[0]?.message ?? '', /^wrong command line: .*verifi/);
  });

  test('whose pod is deleted half way, as when its node is drained, leaves whole backups; the next pod saves all', async () => {
    const before = (await wholeBackups()).length;
    await start('drained', backup);
    // It waits half way until it is told to end, which no other signal could tell it meanwhile. It gets there in little steps: on a
    // busy machine it would be over before anybody looks.
    await soon(() => programOf(namespace) !== undefined, 'it runs');
    const program = programOf(namespace)!;
    for (program.stop(); backupCount(folder) < before + 2; program.stop()) {
      program.goOn();
      await sleep(10);
    }
    const [pod] = await kubectl.objects.list('pods', 'job-name=drained');
    const name = stringAt(pod, 'metadata', 'name') ?? '';
    const terminated = kubectl.objects.until('pods', (pods) => {
      const end = pods.filter((each) => stringAt(each, 'metadata', 'name') === name).map(endOf)[0];
      if (end === undefined) throw new Error('it runs');
      return end;
    });
    await kubectl.ok('delete', 'pod', name, '--wait=false');
    await soon(() => program.isToldToEnd(), 'the kubelet tells it to end');
    program.goOn();
    const { exitCode, message } = await terminated;
    assert.equal(exitCode, 130);
    assert.match(message, /^interrupted: saved \d+ releases?, \d+(\.\d)? KiB$/);
    const saved = Number(/\d+/.exec(message)?.[0]);
    assert.ok(saved > 0 && saved < RELEASES, message);
    const { condition, pods } = await ended(kubectl, 'drained');
    assert.equal(condition, 'Complete');
    assert.match(pods.at(-1)?.message ?? '', new RegExp(`^saved ${RELEASES} of ${RELEASES} `));
    // Of those that were under way the last step may have been done, and not counted.
    const left = (await wholeBackups()).length - before - RELEASES;
    assert.ok(left >= saved && left <= saved + 4, `${left} of the first pod, which told of ${saved}`);
  });

  test('on a volume that fills up says so, keeps what is there whole, and works again when there is room', async () => {
    const before = (await wholeBackups()).length;
    const filler = join(claim.folder, 'filler');
    const kib = Number(
      (await claim.inNode('df', '-k', claim.folder)).trim().split('\n').at(-1)?.split(/\s+/)[3],
    );
    await claim.inNode('dd', 'if=/dev/zero', `of=${filler}`, 'bs=1k', `count=${kib - 300}`);
    await start('full', backup, { backoffLimit: 0 });
    const { condition, pods } = await ended(kubectl, 'full');
    assert.equal(condition, 'Failed');
    const { message = '' } = pods[0] ?? {};
    assert.match(
      message,
      new RegExp(`^failed \\(store is full\\): saved \\d+ of ${RELEASES} releases, .*the disk is full`),
    );
    const saved = Number(/\d+/.exec(message)?.[0]);
    assert.ok(saved < RELEASES, message);
    await claim.inNode('rm', filler);
    assert.equal((await wholeBackups()).length, before + saved);
    await start('room', backup);
    assert.equal((await ended(kubectl, 'room')).condition, 'Complete');
    assert.equal((await wholeBackups()).length, before + saved + RELEASES);
  });

  test('of all namespaces goes on where one of them is bad: the others are saved, and the line names it', async () => {
    await using bad = await aNamespace(cluster, 'bad');
    await bad.kubectl.objects.create(sleepingCache('broken', namespace), {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'helm.sh/release.v1',
      metadata: {
        name: 'sh.helm.release.v1.broken.v1',
        labels: { owner: 'helm', name: 'broken', status: 'deployed', version: '1' },
      },
      data: { release: Buffer.from('no record').toString('base64') },
    });
    const log = join(cli.store, '..', 'termination-log');
    const words = ['backup', '-A', '-l', `${MARK}=${namespace}`, '--termination-log', log];
    expectCode(await run(BINARY, words, { env: cli.env }), 5);
    const saved = backupsIn(cli.store).map(({ document }) => document);
    assert.equal(saved.filter(({ complete }) => complete).length, RELEASES);
    assert.match(
      readFileSync(log, 'utf8'),
      new RegExp(
        `^incomplete: saved ${RELEASES + 1} of ${RELEASES + 1} releases, .*; ${bad.namespace}/broken@\\S+ is not complete: .*sh\\.helm\\.release\\.v1\\.broken\\.v1`,
      ),
    );
  });

  test('sixty runs with retention: the newest good ones and the verified one stay, whatever fails in between', async () => {
    const store = join(cli.store, '..', 'sixty');
    mkdirSync(store);
    const keep = ['--keep-last', '1', '--keep-min', '2'];
    let inSecond = { second: 0, runs: 0 };
    const once = async (code: number, ...words: string[]): Promise<void> => {
      // Two a second: a third one could get an id that the second had before, and count as older.
      const second = Math.floor(Date.now() / 1000);
      if (second === inSecond.second && inSecond.runs >= 2) await sleep((second + 1) * 1000 - Date.now());
      const now = Math.floor(Date.now() / 1000);
      inSecond = { second: now, runs: now === inSecond.second ? inSecond.runs + 1 : 1 };
      const all = ['backup', 'cache-10', '-n', namespace, '--store', store, '-o', 'name', ...words];
      expectCode(await run(BINARY, all, { env: cli.env }), code);
    };
    const there = () => backupsIn(store).map(({ document }) => document);
    await once(0, '--verify');
    const verified = there()[0]?.id;
    const good: string[] = [];
    for (let number = 2; number <= 60; number++) {
      // A fortnight in which nothing is complete.
      const isBad = number > 30 && number <= 44;
      await once(
        isBad ? 5 : 0,
        ...keep,
        ...(isBad ? ['--as', `system:serviceaccount:${namespace}:half`] : []),
      );
      const all = there();
      if (!isBad) good.push(all.at(-1)?.id ?? '');
      const complete = all.filter((each) => each.complete).map(({ id }) => id);
      assert.deepEqual(complete, [...new Set([verified, ...good.slice(-2)])], `after run ${number}`);
    }
    assert.equal(there().length, 3, 'the incomplete ones went when newer ones were good');
    assert.ok(existsSync(join(backupsIn(store)[0]?.folder ?? '', 'verified.json')));
  });
});

/** A memcached workload without pods, which is a release of plain YAML. */
function sleepingCache(name: string, mark: string): JsonObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { ...labels, [MARK]: mark } },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'memcached', image: cluster.images.memcached, args: ['-m', '8'] }] },
      },
    },
  };
}

/** The node's own file system, as this machine reaches it. */
function nodeRoot(): string {
  return `/proc/${readFileSync(join(instanceFrom().state, 'supervisor.pid'), 'utf8').trim()}/root`;
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    // Something went while it was looked at.
    return [];
  }
}

function partials(folder: string): string[] {
  return entries(folder).filter((path) => /(^|\/)\.(partial|deleting)-/.test(path));
}

/** Backups that have their names, of every release. */
function backupCount(folder: string): number {
  const below = (path: string): string[] => {
    try {
      return readdirSync(path).map((name) => join(path, name));
    } catch {
      return [];
    }
  };
  const releases = below(join(folder, 'eu')).flatMap(below).flatMap(below);
  return releases.flatMap(below).filter((path) => /^\d{8}T/.test(basename(path))).length;
}
