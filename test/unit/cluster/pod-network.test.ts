import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { servePodNetwork } from '../../cluster/node/pod-network.ts';
import { dial, NotConnected } from '../../cluster/pod-network.ts';

/** A way to 127.0.0.0/8, and an address there that answers each line by itself. */
async function wayTo(context: TestContext): Promise<{ way: string; port: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'pod-network-'));
  const way = join(folder, 'pods.sock');
  const proxy = servePodNetwork(way, ['10.0.0.0/16', '127.0.0.0/8']);
  const echo = createServer((socket) => socket.pipe(socket));
  echo.listen(0, '127.0.0.1');
  await Promise.all([once(proxy, 'listening'), once(echo, 'listening')]);
  context.after(() => {
    proxy.close();
    echo.close();
    rmSync(folder, { recursive: true });
  });
  return { way, port: (echo.address() as AddressInfo).port };
}

test('what is written arrives, and its end too', async (context) => {
  const { way, port } = await wayTo(context);
  const socket = await dial(way, '127.0.0.1', port);
  socket.write('one\r\n');
  socket.end('two\r\n');
  assert.equal(await text(socket), 'one\r\ntwo\r\n');
});

test('an address where nobody listens is told from one that answers', async (context) => {
  const { way, port } = await wayTo(context);
  const refused = dial(way, '127.0.0.2', port);
  await assert.rejects(refused, new NotConnected(`127.0.0.2:${port}: ECONNREFUSED`));
});

test('no address but those of the networks is reached, and no name', async (context) => {
  const { way, port } = await wayTo(context);
  for (const host of ['128.0.0.1', '10.1.0.1', 'localhost', '']) {
    await assert.rejects(dial(way, host, port), new NotConnected(`${host}:${port}: Forbidden`));
  }
});
