import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import { ExitCode } from '../../../src/errors/exit-code.ts';
import type { UnreachableError } from '../../../src/errors/tool-error.ts';
import { connectKube } from '../../../src/kube/connect.ts';

/** A stand-in for the kubelet's end of a port-forward. */
async function kubelet(onSocket: (socket: WebSocket) => void, refuse?: { status: number; body: string }) {
  const urls: string[] = [];
  const http = createServer();
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => [...offered][0] ?? false,
  });
  http.on('upgrade', (request, socket, head) => {
    urls.push(request.url ?? '');
    if (refuse !== undefined) {
      const { status, body } = refuse;
      socket.end(
        `HTTP/1.1 ${status} No\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, onSocket);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const server = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const kube = await connectKube(
    { asGroups: [], asUserExtra: {}, server },
    { env: { HOME: '/nonexistent' } },
  );
  return {
    urls,
    sockets,
    forward: (timeoutMs = 2000) => kube.portForward('shop', 'cache-0', 11211, timeoutMs),
    [Symbol.asyncDispose]: async () => {
      kube.close();
      for (const client of sockets.clients) client.terminate();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

/** The port number that begins each channel, little-endian. */
const PORT = [11211 & 0xff, 11211 >> 8];
const frame = (channel: number, ...bytes: (number | string)[]) =>
  Buffer.concat([
    Buffer.of(channel),
    ...bytes.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))),
  ]);

test('bytes go both ways, without the port numbers that begin the channels', async () => {
  await using node = await kubelet((socket) => {
    socket.send(frame(0, ...PORT));
    socket.send(frame(1, ...PORT));
    socket.on('message', (data: Buffer) => {
      assert.equal(data[0], 0);
      socket.send(frame(0, `<${data.subarray(1)}>`));
    });
  });
  const stream = await node.forward();
  stream.write('version\r\n');
  const [answer] = await once(stream, 'data');
  assert.equal(String(answer), '<version\r\n>');
  assert.deepEqual(node.urls, ['/api/v1/namespaces/shop/pods/cache-0/portforward?ports=11211']);
  stream.destroy();
});

test('a port number that is split over frames, or shares one with data, is still taken off', async () => {
  await using node = await kubelet((socket) => {
    socket.send(frame(0, PORT[0]!));
    socket.send(frame(0, PORT[1]!, 'hel'));
    socket.send(frame(0, 'lo'));
    socket.close();
  });
  assert.equal(await text(await node.forward()), 'hello');
});

test("the error channel's words destroy the stream", async () => {
  await using node = await kubelet((socket) => {
    socket.send(frame(0, ...PORT));
    socket.send(frame(1, ...PORT, 'dial tcp4 127.0.0.1:11211: connect: connection refused'));
  });
  const stream = await node.forward();
  // Late: the error must wait for whoever reads.
  await new Promise((resolve) => setTimeout(resolve, 50));
  await assert.rejects(text(stream), (error: UnreachableError) => {
    assert.equal(error.exitCode, ExitCode.unreachable);
    assert.match(
      error.message,
      /^the port-forward to port 11211 of pod\/cache-0 in namespace shop failed: dial tcp4/,
    );
    return true;
  });
});

test('the end of the socket ends the stream; writing afterwards fails', async () => {
  await using node = await kubelet((socket) => {
    socket.send(frame(0, ...PORT, 'bye'));
    socket.close();
  });
  const stream = await node.forward();
  assert.equal(await text(stream), 'bye');
  stream.on('error', () => {});
  const failed = await new Promise<Error | null | undefined>((resolve) => stream.write('x', resolve));
  assert.ok(failed instanceof Error);
});

test('destroying the stream ends the socket at once', async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  await using node = await kubelet((socket) => socket.on('close', () => resolve()));
  (await node.forward()).destroy();
  await closed;
});

test('a slow reader holds the sender back instead of filling memory', async () => {
  const chunk = frame(0, 'x'.repeat(256 * 1024));
  let buffered = 0;
  await using node = await kubelet((socket) => {
    socket.send(frame(0, ...PORT));
    for (let i = 0; i < 200; i++) socket.send(chunk);
    buffered = socket.bufferedAmount;
    setTimeout(() => {
      buffered = socket.bufferedAmount;
    }, 300);
  });
  const stream = await node.forward();
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.ok(stream.readableLength < 2 * chunk.length, `${stream.readableLength} bytes are held`);
  assert.ok(buffered > 100 * chunk.length, `the sender still holds ${buffered} bytes`);
  let total = 0;
  for await (const part of stream) {
    total += part.length;
    if (total === 200 * (chunk.length - 1)) break;
  }
  assert.equal(total, 200 * (chunk.length - 1));
});

test("a refusal is the API server's own", async () => {
  const body = JSON.stringify({
    kind: 'Status',
    code: 404,
    reason: 'NotFound',
    message: 'pods "cache-0" not found',
  });
  await using node = await kubelet(() => {}, { status: 404, body });
  await assert.rejects(node.forward(), { message: 'Error from server (NotFound): pods "cache-0" not found' });
});

test('a socket that does not open in time is given up', async () => {
  const http = createServer();
  http.on('upgrade', (_request, socket) => socket.resume());
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const server = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const kube = await connectKube(
    { asGroups: [], asUserExtra: {}, server },
    { env: { HOME: '/nonexistent' } },
  );
  await assert.rejects(kube.portForward('shop', 'cache-0', 11211, 50), {
    exitCode: ExitCode.unreachable,
    message: 'the port-forward to port 11211 of pod/cache-0 in namespace shop was not open within 0.05 s',
  });
  kube.close();
  http.closeAllConnections();
  http.close();
});
