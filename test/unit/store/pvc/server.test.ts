import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { tool } from '../../../../src/advice/command.ts';
import { Damage } from '../../../../src/store/format/damage.ts';
import { Link, LinkLost } from '../../../../src/store/pvc/client/link.ts';
import { encodeFrame } from '../../../../src/store/pvc/wire/frames.ts';
import { Refused } from '../../../../src/store/pvc/wire/wire-error.ts';
import { FrameProxy } from '../../../support/pvc/frame-proxy.ts';
import { type ServedClaim, serveFolder, storeAt } from '../../../support/pvc/served-claim.ts';
import { ADDRESS, SAMPLE_FILES, sampleContent, writeSample } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

interface Tested {
  root: string;
  served: ServedClaim;
  link: Link;
  dial(): Promise<Socket>;
}

/** A server on a folder, beside which something lies that is none of the store's. */
async function aServer(t: TestContext): Promise<Tested> {
  const folder = await temporaryFolder(t);
  const root = join(folder, 'store');
  await mkdir(root);
  await writeFile(join(folder, 'secret'), 'outside\n');
  const served = await serveFolder(root);
  t.after(() => served[Symbol.asyncDispose]());
  const dial = async (): Promise<Socket> => {
    const socket = connect({ port: served.port, host: '127.0.0.1', noDelay: true });
    await new Promise((resolve) => socket.once('connect', resolve));
    return socket;
  };
  return { root, served, link: await Link.over(await dial(), served.token), dial };
}

function filesIn(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name);
}

async function eventually(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    assert.ok(tries < 200, 'it never came to be so');
    await sleep(10);
  }
}

describe('the server on a claim', () => {
  test('answers nobody who has not the token, and nothing before hello', async (t) => {
    const { dial, served } = await aServer(t);
    await assert.rejects(Link.over(await dial(), Buffer.alloc(32)), LinkLost);
    await assert.rejects(Link.over(await dial(), Buffer.alloc(0)), LinkLost);
    const socket = await dial();
    let said = 0;
    socket.on('data', (chunk: Buffer) => (said += chunk.length));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(Buffer.concat(encodeFrame({ id: 1, op: 'list', token: served.token.toString('hex') })));
    await closed;
    assert.equal(said, 0);
  });

  test('hangs up on what is no message, and goes on with others', async (t) => {
    const { dial, link } = await aServer(t);
    for (const garbage of ['GET / HTTP/1.1\r\n\r\n', '\u0000'.repeat(7), 'x'.repeat(100_000)]) {
      const socket = await dial();
      socket.on('error', () => {});
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.end(garbage);
      socket.resume();
      await closed;
    }
    await link.request('ping');
  });

  test('leads nowhere but to backups', async (t) => {
    const { link, root, served } = await aServer(t);
    const addresses = [
      { ...ADDRESS, cluster: '..' },
      { ...ADDRESS, release: '../..' },
      { ...ADDRESS, namespace: 'a/b' },
      { ...ADDRESS, id: '..' },
      { ...ADDRESS, id: 'latest' },
      { cluster: ADDRESS.cluster },
      'x',
      null,
    ];
    for (const address of addresses) {
      for (const op of ['look', 'read', 'size', 'paths', 'note', 'begin', 'remove'] as const) {
        await assert.rejects(
          link.request(op, { address, path: 'a', maximum: 10 }),
          Refused,
          `${op} ${JSON.stringify(address)}`,
        );
      }
    }
    await writeSample(storeAt(served.port, served.token), ADDRESS);
    for (const path of ['../../../../../secret', '/etc/passwd', '..', '', 'a/../../b', 'a\u0000b'])
      for (const op of ['read', 'size'] as const)
        await assert.rejects(link.request(op, { address: ADDRESS, path, maximum: 100 }), Refused, path);
    const folder = join(root, ADDRESS.cluster, ADDRESS.namespace, ADDRESS.release, ADDRESS.id);
    await symlink('../../../../../secret', join(folder, 'link'));
    await assert.rejects(link.request('read', { address: ADDRESS, path: 'link', maximum: 100 }), Damage);
    await assert.rejects(link.request('size', { address: ADDRESS, path: 'link' }), Damage);
  });

  test('leads beside the backups of a release, and nowhere else', async (t) => {
    const { link, root } = await aServer(t);
    const { cluster, namespace, release } = ADDRESS;
    const paths = ['../x', 'drills/../../x', '/etc/passwd', 'drills', `${ADDRESS.id}/backup.json`, ''];
    for (const path of paths)
      for (const op of ['beside-write', 'beside-read', 'beside-remove'] as const)
        await assert.rejects(
          link.request(
            op,
            { release: { cluster, namespace, release }, path, maximum: 100 },
            Buffer.from('x'),
          ),
          Refused,
          `${op} ${path}`,
        );
    for (const bad of [{ cluster: '..', namespace, release }, { cluster }, 'x', null])
      for (const op of ['beside-write', 'beside-read', 'beside-list', 'beside-remove'] as const)
        await assert.rejects(
          link.request(
            op,
            { release: bad, path: 'drills/a', folder: 'drills', maximum: 100 },
            Buffer.from('x'),
          ),
          Refused,
          `${op} ${JSON.stringify(bad)}`,
        );
    const folder = '../..';
    await assert.rejects(
      link.request('beside-list', { release: { cluster, namespace, release }, folder }),
      Refused,
    );
    assert.deepEqual(await readdir(root), []);
  });

  test('writes only what a backup may hold', async (t) => {
    const { link, root } = await aServer(t);
    const { header } = await link.request('begin', { address: ADDRESS });
    const { save } = header;
    const content = Buffer.from('x');
    for (const path of ['../x', '/x', '', 'backup.json', 'backup.json.sha256', 'verified.json', 'a//b'])
      await assert.rejects(link.request('file', { save, path }, content), Refused, path);
    await assert.rejects(link.request('file', { save: 99, path: 'a' }, content), Refused);
    const ends: [string, { path: string; size: number }[]][] = [
      [ADDRESS.id, []],
      [ADDRESS.id, [{ path: 'backup.json.sha256', size: 1 }]],
      [ADDRESS.id, [{ path: 'backup.json', size: 1 }]],
      [
        ADDRESS.id,
        [
          { path: '../x', size: 0 },
          { path: 'backup.json', size: 0 },
          { path: 'backup.json.sha256', size: 0 },
        ],
      ],
      [
        '../x',
        [
          { path: 'backup.json', size: 0 },
          { path: 'backup.json.sha256', size: 0 },
        ],
      ],
    ];
    for (const [as, own] of ends)
      await assert.rejects(link.request('commit', { save, as, own }, content), Refused, JSON.stringify(own));
    await link.request('abort', { save });
    assert.deepEqual(filesIn(root), []);
  });

  test('removes what a client left unfinished, as soon as it is gone', async (t) => {
    const { root, link } = await aServer(t);
    const { header } = await link.request('begin', { address: ADDRESS });
    await link.request('file', { save: header.save, path: 'values.yaml' }, Buffer.from('a: b\n'));
    assert.deepEqual(filesIn(root), ['values.yaml']);
    link.close();
    await eventually(() => filesIn(root).length === 0);
    const parent = join(root, ADDRESS.cluster, ADDRESS.namespace, ADDRESS.release);
    await eventually(() => readdirSync(parent).length === 0);
    assert.equal(statSync(join(root, ADDRESS.cluster)).mode & 0o777, 0o700);
  });

  test('gives an ordinary backup in one answer, and of a large one each file when it is read', async (t) => {
    const { served } = await aServer(t);
    const proxy = await FrameProxy.start(served.port);
    t.after(() => proxy.stop());
    const store = storeAt(proxy.port, served.token);
    const large = Buffer.alloc(9 * 1024 * 1024, 'x');
    const files = { ...SAMPLE_FILES, 'raw/large.json': large };
    await store.save(ADDRESS, sampleContent());
    await store.save({ ...ADDRESS, id: '20261123T101500Z' }, sampleContent(files));
    for (const [id, requests] of [
      [ADDRESS.id, 2],
      ['20261123T101500Z', 3],
    ] as const) {
      proxy.reset();
      const reader = await store.open({ ...ADDRESS, id });
      for (const { path } of reader.document.files) await reader.read(path);
      assert.equal(proxy.count, 2 * requests, id);
    }
    await store.close();
  });

  test('tells what was cut off, and clears it away with the next backup of the release', async (t) => {
    const { root, served } = await aServer(t);
    const parent = join(root, ADDRESS.cluster, ADDRESS.namespace, ADDRESS.release);
    // By a process that nobody has.
    const left = join(parent, '.partial-20261121T000000Z.99999999.abcd');
    await mkdir(left, { recursive: true });
    const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000);
    await utimes(left, yesterday, yesterday);
    const store = storeAt(served.port, served.token);
    assert.deepEqual((await store.condition()).leftovers, [
      {
        location: `pvc://shop/backups/${left.slice(root.length + 1)}`,
        at: yesterday.toISOString(),
        fix: tool('backup', 'cart', '-n', 'shop', '--store', 'pvc://shop/backups'),
      },
    ]);
    assert.deepEqual(await store.list({}), []);
    await writeSample(store);
    assert.deepEqual((await store.condition()).leftovers, []);
    assert.equal(existsSync(left), false);
    await store.close();
  });

  test('ends when nobody has been connected for some time, and not before', async (t) => {
    const root = await temporaryFolder(t);
    const served = await serveFolder(root, 300);
    const store = storeAt(served.port, served.token);
    await writeSample(store);
    await sleep(600);
    assert.equal((await store.list({})).length, 1, 'while a client is connected');
    await store.close();
    await served.ended;
    await assert.rejects(storeAt(served.port, served.token).list({}), /connection/);
    assert.ok(existsSync(root));
  });
});
