import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { arrayAt, type JsonObject, numberAt, stringAt } from '../../src/model/json/json.ts';
import { nameOf } from '../../src/model/kubernetes/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { BINARY } from './support/cli.ts';
import { someCaches } from './support/fixtures/some-caches.ts';
import { ask, itemCount, podsOf } from './support/memcached.ts';
import { withExactly } from './support/permitted-users.ts';
import { expectCode } from './support/process.ts';
import { inGroup } from './support/process-group.ts';

const cluster = await ensureCluster();
const caches = await someCaches(
  cluster,
  { name: 'old', kind: 'StatefulSet', replicas: 2 },
  { name: 'new', kind: 'StatefulSet', replicas: 2 },
  { name: 'full', mebibytes: 64 },
  { name: 'small', mebibytes: 8 },
  { name: 'guarded', isGuarded: true },
  { name: 'twin', replicas: 2 },
  { name: 'idle' },
  { name: 'target' },
);
after(() => caches[Symbol.asyncDispose]());
const { cli, kubectl } = caches;

/** The pods of a release, in the order of their names. */
async function pods(release: string): Promise<JsonObject[]> {
  return (await podsOf(kubectl, release)).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

async function pod(release: string): Promise<JsonObject> {
  return (await pods(release))[0]!;
}

/** `count` items of `size` bytes. */
async function fill(release: JsonObject, count: number, size: number): Promise<void> {
  const value = 'x'.repeat(size);
  const lines = Array.from({ length: count }, (_, i) => [
    `set ${nameOf(release)}-${i} 0 0 ${size} noreply`,
    value,
  ]);
  for (let at = 0; at < count; at += 20_000)
    await ask(kubectl, release, ...lines.slice(at, at + 20_000).flat(), 'mn');
  assert.equal(await itemCount(kubectl, release), count, `${nameOf(release)} is filled`);
}

const BIG = 60_000;
/** Points at which a run is cut off. */
const cuts = Number(process.env.MEMCACHED_BACKUP_CUTS ?? 3);

// What the sources hold; no test changes it.
const [first, second] = await pods('old');
await ask(
  kubectl,
  first!,
  'set of-0 12345 30000 5',
  'a b c',
  'set both 1 0 3',
  'old',
  'ms bGVlciB6ZWljaGVu 2 b',
  'hi',
);
await ask(kubectl, second!, 'set of-1 0 0 3', 'one');
await fill(await pod('full'), BIG, 200);

describe('warm', () => {
  test("the items of a StatefulSet's pods go to those of another by their ordinals, with flags and times", async () => {
    const [to0, to1] = await pods('new');
    await ask(kubectl, to0!, 'set both 2 0 5', 'fresh');

    const report = await cli.json(['warm', 'new', '--from', 'old']);

    assert.deepEqual(
      arrayAt(report, 'copies').map((copy) => [
        stringAt(copy, 'from'),
        stringAt(copy, 'to'),
        numberAt(copy, 'stored'),
        numberAt(copy, 'kept'),
      ]),
      [
        ['old-0', 'new-0', 2, 1],
        ['old-1', 'new-1', 1, 0],
      ],
    );
    const answer = await ask(
      kubectl,
      to0!,
      'mg of-0 v f t',
      'get both',
      'get of-1',
      'mg bGVlciB6ZWljaGVu b v',
    );
    assert.match(
      answer,
      /^VA 5 f12345 t(?:29\d{3}|30000)\na b c\nVALUE both 2 5\nfresh\nEND\nEND\nVA 2\nhi\n/,
    );
    assert.match(await ask(kubectl, to1!, 'get of-1', 'get of-0'), /^VALUE of-1 0 3\none\nEND\nEND\n/);
  });

  test('where it can not be told which pod clients look in, nothing is copied, and why is said', async () => {
    for (const [target, from, reason] of [
      ['new', 'pod/old-0', 'in one of the 2 pods of statefulset'],
      ['new', 'twin', 'pods of twin is known of StatefulSets alone'],
      ['old', 'old', 'have a pod in common'],
    ] as const) {
      const { stderr } = expectCode(await cli.run('warm', target, '--from', from), 2);
      assert.ok(stderr.includes(reason), stderr);
    }
    assert.match(
      expectCode(await cli.run('warm', 'new', '--from', 'nothing'), 1).stderr,
      /release "nothing" not found/,
    );
  });

  test('one pod goes to each pod of a Deployment, and to one that is named', async () => {
    const source = await pod('full');
    expectCode(await cli.run('warm', 'twin', '--from', 'full', '--prefix', `${nameOf(source)}-1`));
    const matching = Array.from({ length: BIG }, (_, i) => i).filter((i) => `${i}`.startsWith('1')).length;
    for (const each of await pods('twin')) assert.equal(await itemCount(kubectl, each), matching);
    expectCode(await cli.run('warm', 'new', '--from', 'full', '--to', 'new-1', '--max-bytes', '1Mi'));
    const items = await itemCount(kubectl, (await pods('new'))[1]!);
    assert.ok(items > 3500 && items < 4000, `1 MiB of 276 bytes each: ${items}`);
  });

  test('a smaller cache gets the most recently used items, drops none, and what had no room is said: exit code 5', async () => {
    const { stdout } = expectCode(await cli.run('warm', 'small', '--from', 'full'), 5);
    const small = await pod('small');
    assert.match(await ask(kubectl, small, 'stats'), /^STAT evictions 0$/m);
    const items = await itemCount(kubectl, small);
    assert.ok(items > 20_000 && items < 30_000, `${items} of 200 bytes in 8 MiB`);
    const [, left] = /Lacking: pod\/\S+ has no room for ([\d,]+) items/.exec(stdout) ?? [];
    assert.equal(Number(left?.replaceAll(',', '')), BIG - items, stdout);
  });

  test('a cache with users is filled and read with those of its Secret', async () => {
    expectCode(await cli.run('warm', 'guarded', '--from', 'pod/old-0'));
    const { user, password } = caches.login;
    const hello = [`set x 0 0 ${user.length + 1 + password.length}`, `${user} ${password}`];
    assert.match(await ask(kubectl, await pod('guarded'), ...hello, 'get of-0'), /VALUE of-0 12345 5\na b c/);
    expectCode(await cli.run('warm', 'idle', '--from', 'guarded'));
    assert.equal(await itemCount(kubectl, await pod('idle')), 3);
  });

  test('it does all of that under exactly the Role that "permissions warm" prints', async () => {
    await withExactly(cluster, caches, 'warm', [], async (restricted) => {
      expectCode(await restricted.run('warm', 'guarded', '--from', 'pod/old-0'));
    });
  });
});

/** Answers /N from the cache, else makes it and puts it there; /broken fails always. */
async function readThrough(cache: JsonObject) {
  let reads = 0;
  const server = createServer(async (request, response) => {
    const key = `page${(request.url ?? '').replaceAll('/', '-')}`;
    if (key === 'page-broken') {
      response.writeHead(500).end();
      return;
    }
    const found = await ask(kubectl, cache, `get ${key}`);
    if (!found.startsWith('VALUE ')) {
      reads++;
      await ask(kubectl, cache, `set ${key} 0 0 4`, 'page');
    }
    response.end('page');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    reads: () => reads,
    [Symbol.dispose]: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

describe('warm by URLs, and until the hit ratio is there', () => {
  test('URLs are asked for twice: what fills the cache, and what proves that it is filled', async () => {
    const cache = await pod('idle');
    using app = await readThrough(cache);
    const file = `${cli.store}-urls.txt`;
    writeFileSync(file, Array.from({ length: 60 }, (_, i) => `${app.url}/${i}\n`).join(''));
    const report = await cli.json(['warm', 'idle', '--urls', file, '--url', `${app.url}/0`]);
    assert.equal(app.reads(), 60);
    const { urls } = report as unknown as { urls: Record<string, unknown> };
    assert.deepEqual(
      [urls.urls, urls.succeeded, urls.itemsAdded, (urls.secondPass as JsonObject).hits],
      [60, 60, 60, 60],
    );
    const failed = expectCode(
      await cli.run('warm', 'idle', '--url', `${app.url}/broken`, '--url', `${app.url}/1`, '--retries', '0'),
      5,
    );
    assert.match(failed.stdout, /failed: \S+\/broken: HTTP 500/);
    // The requests go past this cache.
    const past = expectCode(await cli.run('warm', 'small', '--url', `${app.url}/1`), 5);
    assert.match(past.stdout, /no pod was read in the second pass/);
  });

  test('the hit ratio is that of now: it is waited for while clients miss, and who reads nothing proves nothing', async () => {
    const cache = await pod('target');
    await ask(kubectl, cache, 'set hit 0 0 1', 'x', ...Array.from({ length: 5000 }, () => 'get miss'));
    const controller = new AbortController();
    const clients = (async () => {
      while (!controller.signal.aborted) {
        await ask(kubectl, cache, ...Array.from({ length: 50 }, () => 'get hit'));
        await sleep(50);
      }
    })();
    const { hitRatio } = (await cli.json([
      'warm',
      'target',
      '--until-hit-ratio',
      '0.9',
      '--timeout',
      '60s',
    ])) as unknown as { hitRatio: { isReached: boolean; pods: { ratio: number }[] } };
    controller.abort();
    await clients;
    assert.equal(hitRatio.isReached, true);
    assert.equal(hitRatio.pods[0]?.ratio, 1, 'what was missed before counts for nothing');
    const unread = expectCode(
      await cli.run('warm', 'idle', '--until-hit-ratio', '90%', '--timeout', '2s'),
      5,
    );
    assert.match(unread.stdout, /not reached within \d+ s: pod\/\S+ is hardly read/);
  });
});

/** Names of all files below a folder. */
function filesBelow(folder: string): string[] {
  return globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
}

const alice = await keyPair();

/** A key of age in a file, beside the store. */
async function keyPair(): Promise<{ file: string; recipient: string }> {
  const identity = await generateX25519Identity();
  const file = `${cli.store}-key.txt`;
  writeFileSync(file, `${identity}\n`, { mode: 0o600 });
  return { file, recipient: await identityToRecipient(identity) };
}

describe('snapshot', () => {
  const sealed = ['--encrypt-to', alice.recipient];

  test('a cache is saved sealed, and given back to a cache that is empty: values, flags and times', async () => {
    expectCode(await cli.run('snapshot', 'old'), 2);
    const { items } = (await cli.json(['snapshot', 'old', ...sealed])) as unknown as {
      items: { id: string; parts: { pod: string; items: number }[] }[];
    };
    const [saved] = items;
    assert.deepEqual(
      saved?.parts.map(({ pod: name, items: count }) => [name, count]),
      [
        ['old-0', 3],
        ['old-1', 1],
      ],
    );
    for (const file of globSync('**/*.age', { cwd: cli.store }))
      assert.doesNotMatch(readFileSync(`${cli.store}/${file}`, 'latin1'), /a b c|of-0/);
    const [to0, to1] = await pods('new');
    for (const each of [to0!, to1!]) await ask(kubectl, each, 'flush_all');
    // A second later: what is written in the second of flush_all goes with it.
    await sleep(1100);
    const stranger = expectCode(await cli.run('warm', 'new', '--from', 'old@latest'), 1);
    assert.match(stranger.stderr, /is sealed to [0-9a-f]{8} \(x25519\), and no key at hand opens it/);
    const report = await cli.json(['warm', 'new', '--from', `old@${saved!.id}`, '--identity', alice.file]);
    assert.equal(numberAt(arrayAt(report, 'copies')[0]!, 'stored'), 3);
    assert.match(
      await ask(kubectl, to0!, 'mg of-0 v f t', 'mg bGVlciB6ZWljaGVu b v'),
      /^VA 5 f12345 t(?:29\d{3}|30000)\na b c\nVA 2\nhi\n/,
    );
    assert.match(await ask(kubectl, to1!, 'get of-1', 'get of-0'), /^VALUE of-1 0 3\none\nEND\nEND\n/);
    assert.match(await cli.ok('snapshot', 'old', '--list'), new RegExp(`^${saved!.id} .* 2 +4 `, 'm'));
    assert.equal(await cli.ok('list', '-o', 'name'), '', 'a snapshot is no backup');
  });

  test('the smaller cache gets what it has room for, and a damaged snapshot is refused', async () => {
    const small = await pod('small');
    await ask(kubectl, small, 'flush_all');
    await sleep(1100);
    expectCode(await cli.run('snapshot', 'full', '--allow-plain', '--keep', '1'));
    const { stdout } = expectCode(await cli.run('warm', 'small', '--from', 'full@latest'), 5);
    assert.match(stdout, /Lacking: pod\/\S+ has no room for [\d,]+ items/);
    assert.match(await ask(kubectl, small, 'stats'), /^STAT evictions 0$/m);
    const [piece] = globSync('**/full/snapshots/*/0-0.bin', { cwd: cli.store });
    writeFileSync(`${cli.store}/${piece}`, 'forged');
    const damaged = expectCode(await cli.run('warm', 'target', '--from', 'full@latest'), 1);
    assert.match(damaged.stderr, /is damaged: 0-0\.bin is not as it was written/);
  });

  test('it is saved and given back under exactly the Role that "permissions snapshot" prints', async () => {
    await withExactly(cluster, caches, 'snapshot', [], async (restricted) => {
      expectCode(await restricted.run('snapshot', 'old', ...sealed));
      expectCode(await restricted.run('warm', 'new', '--from', 'old@latest', '--identity', alice.file));
    });
  });

  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    test(`cut off by ${signal} there is none, or all of it, and the next one is whole`, async () => {
      for (let point = 0; point < cuts; point++) {
        const before = filesBelow(cli.store).length;
        const words = ['snapshot', 'full', ...sealed, '-n', caches.namespace];
        const group = inGroup(BINARY, words, cli.env);
        setTimeout(() => group.signal(signal), 150 + (point * 1800) / cuts);
        const { code, stderr } = await group.ended;
        assert.ok(code === 0 || code === (signal === 'SIGINT' ? 130 : 137), `${code}: ${stderr}`);
        if (code === 130) assert.equal(filesBelow(cli.store).length, before, 'what was written is removed');
      }
      const { items } = (await cli.json(['snapshot', 'full', ...sealed, '--keep', '1'])) as unknown as {
        items: { parts: { items: number }[] }[];
      };
      assert.equal(items[0]?.parts[0]?.items, BIG);
      const listed = (await cli.json(['snapshot', 'full', '--list'])) as unknown as { items: unknown[] };
      assert.equal(listed.items.length, 1);
    });
  }
});

describe('a warm-up that is cut off', () => {
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    test(`by ${signal}: the source is whole, what was copied stays, and another run does the rest`, async () => {
      const [source, target] = [await pod('full'), await pod('target')];
      for (let point = 0; point < cuts; point++) {
        await ask(kubectl, target, 'flush_all');
        const group = inGroup(BINARY, ['warm', 'target', '--from', 'full', '-n', caches.namespace], cli.env);
        setTimeout(() => group.signal(signal), 150 + (point * 1800) / cuts);
        const { code, stderr } = await group.ended;
        assert.ok(code === 0 || code === (signal === 'SIGINT' ? 130 : 137), `${code}: ${stderr}`);
        // Before it listens for signals, it says nothing.
        if (code === 130 && stderr !== '') assert.match(stderr, /interrupted/);
      }
      expectCode(await cli.run('warm', 'target', '--from', 'full'));
      assert.equal(await itemCount(kubectl, source), BIG);
      const sample = Array.from({ length: 600 }, (_, i) => `mg ${nameOf(source)}-${i * 100} s`);
      const answers = await ask(kubectl, target, ...sample);
      assert.equal(answers.match(/^HD s200$/gm)?.length, 600);
    });
  }
});
