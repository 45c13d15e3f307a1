import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { Agent, createServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { http1Transport } from '../../../src/kube/http1-transport.ts';
import type { Patience } from '../../../src/kube/http2-connection.ts';
import { NegotiatedTransport, TICKET_MS } from '../../../src/kube/negotiated-transport.ts';
import { DeadlineError, GivenUpError, type HttpRequest } from '../../../src/kube/transport.ts';
import { BeyondLimit } from '../../../src/model/json/limits.ts';
import { selfSigned } from '../../e2e/support/self-signed.ts';

const { cert, key } = selfSigned();

/** Answers the Nth request of HTTP/2, from 1. */
type Answer = (stream: ServerHttp2Stream, nth: number, session: ServerHttp2Session) => void;

interface Server {
  port: number;
  sessions: ServerHttp2Session[];
  requests: string[];
}

async function http2Server(t: TestContext, answer: Answer): Promise<Server> {
  const server = createSecureServer({ cert, key });
  const seen: Server = { port: await listening(server, t), sessions: [], requests: [] };
  server.on('session', (session) => {
    seen.sessions.push(session);
    session.on('error', () => {});
    t.after(() => session.destroy());
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    seen.requests.push(`${headers[':method']} ${headers[':path']}`);
    if (stream.session !== undefined)
      answer(stream as ServerHttp2Stream, seen.requests.length, stream.session as ServerHttp2Session);
  });
  return seen;
}

async function listening(server: Http2SecureServer | ReturnType<typeof createTcpServer>, t: TestContext) {
  server.listen(0, '127.0.0.1');
  t.after(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function transportTo(t: TestContext, port: number, patience?: Patience): NegotiatedTransport {
  const secureContext = createSecureContext({ ca: cert });
  const agent = new Agent({ keepAlive: true, secureContext });
  const direct = { host: '127.0.0.1', port, secureContext };
  const transport = new NegotiatedTransport(`https://127.0.0.1:${port}`, direct, agent, patience);
  t.after(() => transport.close());
  return transport;
}

function request(port: number, more: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'GET',
    url: `https://127.0.0.1:${port}/api/v1/pods?limit=5`,
    headers: { Accept: 'application/json', 'Impersonate-Group': ['a', 'b'] },
    maximum: 1_000_000,
    timeoutMs: 5000,
    ...more,
  };
}

/** A way to the server that passes nothing on at first. */
async function slowToConnect(t: TestContext, port: number, ms: number): Promise<number> {
  const relay = createTcpServer((near) => {
    const far = connect(port, '127.0.0.1');
    t.after(() => far.destroy());
    for (const socket of [near, far]) socket.on('error', () => {});
    setTimeout(() => near.pipe(far).pipe(near), ms);
  });
  return listening(relay, t);
}

const answerWith =
  (text: string): Answer =>
  (stream) => {
    stream.respond({ ':status': 200, 'content-encoding': 'gzip', warning: '299 - "old"' });
    stream.end(gzipSync(text));
  };

const isBroken = (error: NodeJS.ErrnoException): boolean => error.code === 'ECONNRESET';

test('requests side by side go over one connection of HTTP/2', async (t) => {
  const server = await http2Server(t, answerWith('{"kind":"PodList"}'));
  const transport = transportTo(t, server.port);
  const replies = await Promise.all(
    Array.from({ length: 20 }, () => transport.send(request(server.port, { wantsCertificate: true }))),
  );
  assert.equal(server.sessions.length, 1);
  for (const { status, text, headers, certificate } of replies) {
    assert.deepEqual([status, text, headers.warning], [200, '{"kind":"PodList"}', '299 - "old"']);
    assert.match(certificate?.valid_to ?? '', /GMT$/);
  }
  assert.deepEqual(new Set(server.requests), new Set(['GET /api/v1/pods?limit=5']));
});

test('a body arrives as it was sent', async (t) => {
  const sent: string[] = [];
  const server = await http2Server(t, async (stream) => {
    for await (const chunk of stream) sent.push(String(chunk));
    stream.respond({ ':status': 201 });
    stream.end('{}');
  });
  const transport = transportTo(t, server.port);
  const reply = await transport.send(request(server.port, { method: 'POST', body: '{"ä":1}' }));
  assert.deepEqual([reply.status, reply.text, sent.join('')], [201, '{}', '{"ä":1}']);
});

test('a server of HTTP/1.1 is spoken to in HTTP/1.1, over the connection that is open', async (t) => {
  const server = createServer({ cert, key }, (incoming, response) => response.end(incoming.httpVersion));
  let connections = 0;
  server.on('connection', () => connections++);
  const port = await listening(server as unknown as Http2SecureServer, t);
  t.after(() => server.closeAllConnections());
  const transport = transportTo(t, port);
  for (let i = 0; i < 3; i++) assert.equal((await transport.send(request(port))).text, '1.1');
  assert.equal(connections, 1);
});

test('connections that are opened ahead resume the TLS session, and the next ones who need any have them', async (t) => {
  const server = createSecureServer({ cert, key, allowHTTP1: true }, (_incoming, response) =>
    response.end('{}'),
  );
  const resumed: boolean[] = [];
  server.on('secureConnection', (socket) => resumed.push(socket.isSessionReused()));
  const port = await listening(server, t);
  const secureContext = createSecureContext({ ca: cert });
  const agent = new Agent({ keepAlive: true, secureContext });
  const transport = new NegotiatedTransport(
    `https://127.0.0.1:${port}`,
    { host: '127.0.0.1', port, secureContext },
    agent,
  );
  t.after(() => transport.close());
  // The ticket is waited for as long as a busy machine takes.
  const { setTimeout } = globalThis;
  t.mock.method(globalThis, 'setTimeout', (then: () => void, ms: number) =>
    setTimeout(then, ms === TICKET_MS ? 10_000 : ms),
  );
  const isAhead = transport.connectAhead(2);
  assert.deepEqual(resumed, [], 'nothing is sent before a request is');
  assert.equal((await transport.send(request(port))).text, '{}');
  await isAhead;
  const overHttp1 = http1Transport(agent);
  const three = [1, 2, 3].map(() => overHttp1.send(request(port)));
  for (const { text } of await Promise.all(three)) assert.equal(text, '{}');
  assert.equal(resumed.length, 4);
  assert.equal(resumed.filter(Boolean).length, 2, 'two of the three had one that was there');
});

test('the connection can be opened ahead of the first request, which then has it', async (t) => {
  const server = await http2Server(t, answerWith('{}'));
  const transport = transportTo(t, server.port);
  await transport.connect();
  while (server.sessions.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(server.requests, []);
  assert.equal((await transport.send(request(server.port))).text, '{}');
  assert.equal(server.sessions.length, 1);
});

test('a server that is far away is not waited for: connections are opened ahead without its ticket', async (t) => {
  const server = createSecureServer({ cert, key, allowHTTP1: true });
  const resumed: boolean[] = [];
  server.on('secureConnection', (socket) => resumed.push(socket.isSessionReused()));
  const near = await listening(server, t);
  const relay = createTcpServer((from) => {
    const to = connect(near, '127.0.0.1');
    t.after(() => to.destroy());
    for (const socket of [from, to]) socket.on('error', () => {});
    from.on('data', (bytes) => setTimeout(() => to.write(bytes), 100));
    to.on('data', (bytes) => setTimeout(() => from.write(bytes), 100));
  });
  const transport = transportTo(t, await listening(relay, t));
  await transport.connect();
  await transport.connectAhead(2);
  while (resumed.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(resumed, [false, false, false]);
});

test('what the server says it did not take is sent again, a write too', async (t) => {
  const server = await http2Server(t, (stream, nth, session) => {
    if (nth === 1) stream.close(constants.NGHTTP2_REFUSED_STREAM);
    else answerWith('{}')(stream, nth, session);
  });
  const transport = transportTo(t, server.port);
  assert.equal((await transport.send(request(server.port, { method: 'POST', body: '{}' }))).text, '{}');
  assert.equal(server.requests.length, 2);
});

test('a server that says goodbye is connected to anew', async (t) => {
  const server = await http2Server(t, answerWith('{}'));
  const transport = transportTo(t, server.port);
  await transport.send(request(server.port));
  const [first] = server.sessions;
  first?.goaway(constants.NGHTTP2_NO_ERROR);
  first?.close();
  await new Promise((resolve) => first?.on('close', resolve));
  assert.equal((await transport.send(request(server.port))).text, '{}');
  assert.equal(server.sessions.length, 2);
});

test('a server that says goodbye in between answers what it took, and the rest is sent again over another connection', async (t) => {
  const held: ServerHttp2Stream[] = [];
  const server = await http2Server(t, (stream, nth, session) => {
    if (session !== server.sessions[0]) answerWith('{"by":2}')(stream, nth, session);
    else held.push(stream);
  });
  const transport = transportTo(t, server.port);
  const taken = transport.send(request(server.port, { method: 'POST', body: '{}' }));
  while (held.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
  const late = transport.send(request(server.port, { method: 'PUT', body: '{}' }));
  while (held.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  // It has done nothing about what came after the first one (RFC 9113, section 6.8).
  server.sessions[0]!.goaway(constants.NGHTTP2_NO_ERROR, held[0]!.id);
  assert.equal((await late).text, '{"by":2}');
  answerWith('{"by":1}')(held[0]!, 1, server.sessions[0]!);
  assert.equal((await taken).text, '{"by":1}');
  const sent = (method: string) => server.requests.filter((line) => line.startsWith(method)).length;
  assert.deepEqual([sent('POST'), sent('PUT'), server.sessions.length], [1, 2, 2]);
});

test('what may be under way to this process is bounded, for one answer and for all', async (t) => {
  const MIB = 2 ** 20;
  let isEnding = false;
  const sent = { bytes: 0 };
  const server = await http2Server(t, (stream) => {
    stream.respond({ ':status': 200 });
    const piece = Buffer.alloc(MIB);
    const write = (): void => {
      while (!isEnding && sent.bytes < 64 * MIB && stream.write(piece)) sent.bytes += piece.length;
      stream.once('drain', write);
    };
    write();
  });
  const transport = transportTo(t, server.port);
  const asking = transport.send(request(server.port, { maximum: 2 * MIB }));
  // Whoever does not read on has no more of it sent than what it takes.
  await assert.rejects(asking, BeyondLimit);
  isEnding = true;
  const { remoteSettings, state } = server.sessions[0]!;
  assert.equal(remoteSettings.initialWindowSize, 16 * MIB);
  assert.ok(state.remoteWindowSize! <= 16 * MIB, `${state.remoteWindowSize} bytes more would be taken`);
  assert.ok(sent.bytes <= 20 * MIB, `${sent.bytes} bytes were sent`);
});

const BREAKS: [string, Answer][] = [
  ['before the answer', (_stream, _nth, session) => session.destroy()],
  [
    'in the middle of it',
    (stream, _nth, session) => {
      stream.respond({ ':status': 200, 'content-length': 100 });
      stream.write('{"items":[');
      setTimeout(() => session.destroy(), 50);
    },
  ],
  [
    'with an error of the server',
    (stream) => {
      stream.respond({ ':status': 200 });
      stream.write('{"items":[');
      setTimeout(() => stream.destroy(new Error('of the server')), 50);
    },
  ],
];
for (const [when, answer] of BREAKS) {
  test(`a connection that breaks ${when} is no answer, and the next request has another one`, async (t) => {
    const server = await http2Server(t, (stream, nth, session) =>
      (nth === 1 ? answer : answerWith('{}'))(stream, nth, session),
    );
    const transport = transportTo(t, server.port);
    await assert.rejects(transport.send(request(server.port)), isBroken);
    assert.equal((await transport.send(request(server.port))).text, '{}');
  });
}

test('an answer that does not come in time, or that nobody waits for any more, ends alone', async (t) => {
  const server = await http2Server(t, (stream, nth, session) => {
    if (nth > 2) answerWith('{}')(stream, nth, session);
  });
  const transport = transportTo(t, server.port);
  const controller = new AbortController();
  const late = transport.send(request(server.port, { timeoutMs: 100 }));
  const unwanted = transport.send(request(server.port, { signal: controller.signal }));
  const told = Promise.all([assert.rejects(late, DeadlineError), assert.rejects(unwanted, GivenUpError)]);
  setTimeout(() => controller.abort(), 100);
  await told;
  assert.equal((await transport.send(request(server.port))).text, '{}');
  assert.equal(server.sessions.length, 1);
});

test('an answer that is too large is not read on, and ends alone', async (t) => {
  const server = await http2Server(t, (stream, nth, session) => {
    if (nth > 1) return answerWith('{}')(stream, nth, session);
    stream.respond({ ':status': 200 });
    stream.end(Buffer.alloc(3_000_000));
  });
  const transport = transportTo(t, server.port);
  await assert.rejects(transport.send(request(server.port)), BeyondLimit);
  assert.equal((await transport.send(request(server.port))).text, '{}');
  assert.equal(server.sessions.length, 1);
});

test('a server that takes the connection and is silent is given up in time', async (t) => {
  const sockets: Socket[] = [];
  const port = await listening(
    createTcpServer((socket) => void sockets.push(socket)),
    t,
  );
  t.after(() => sockets.map((socket) => socket.destroy()));
  const transport = transportTo(t, port);
  await assert.rejects(transport.send(request(port, { timeoutMs: 100 })), DeadlineError);
});

test('nobody there, and a certificate that is not trusted, are named as by Node', async (t) => {
  const free = createTcpServer();
  const port = await listening(free, t);
  await new Promise((resolve) => free.close(resolve));
  await assert.rejects(transportTo(t, port).send(request(port)), { code: 'ECONNREFUSED' });
  const server = await http2Server(t, answerWith('{}'));
  const direct = { host: '127.0.0.1', port: server.port, secureContext: createSecureContext() };
  const untrusting = new NegotiatedTransport(`https://127.0.0.1:${server.port}`, direct, new Agent());
  await assert.rejects(untrusting.send(request(server.port)), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});

test('a connection that has died without a word is noticed, and one whose server takes long is kept', async (t) => {
  const server = await http2Server(t, (stream, nth, session) => {
    if (nth !== 2) setTimeout(() => answerWith('{}')(stream, nth, session), 600);
  });
  const relayed: Socket[] = [];
  const relay = createTcpServer((near) => {
    const far = connect(server.port, '127.0.0.1');
    for (const socket of [near, far]) relayed.push(socket.on('error', () => {}));
    near.pipe(far).pipe(near);
  });
  const port = await listening(relay, t);
  t.after(() => relayed.map((socket) => socket.destroy()));
  const transport = transportTo(t, port, { silence: 150, signOfLife: 150 });
  assert.equal((await transport.send(request(port))).text, '{}', 'it answers pings meanwhile');
  const second = transport.send(request(port));
  while (server.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  for (const socket of relayed) socket.unpipe().pause();
  await assert.rejects(second, { code: 'ETIMEDOUT' });
  assert.equal((await transport.send(request(port))).text, '{}', 'over another one');
});

test('the time that a request has is that of connecting and of its answer together', async (t) => {
  const server = await http2Server(t, () => {});
  const port = await slowToConnect(t, server.port, 400);
  const transport = transportTo(t, port);
  const began = performance.now();
  await assert.rejects(transport.send(request(port, { timeoutMs: 600 })), (error: Error) => {
    assert.ok(error instanceof DeadlineError);
    assert.equal(error.timeoutMs, 600);
    return true;
  });
  assert.ok(performance.now() - began < 900, 'not as long again for the answer');
  assert.equal(server.requests.length, 1);
});

test('what nobody waits for any more is not sent, once there is a connection', async (t) => {
  const server = await http2Server(t, answerWith('{}'));
  const port = await slowToConnect(t, server.port, 200);
  const transport = transportTo(t, port);
  const write = request(port, { method: 'POST', body: '{}', timeoutMs: 100 });
  await assert.rejects(transport.send(write), DeadlineError);
  assert.equal((await transport.send(request(port))).text, '{}');
  assert.deepEqual(server.requests, ['GET /api/v1/pods?limit=5']);
});

test('a request that gives up takes the connection from nobody who still waits for it', async (t) => {
  const server = await http2Server(t, answerWith('{}'));
  const port = await slowToConnect(t, server.port, 300);
  const transport = transportTo(t, port);
  const [impatient, patient] = await Promise.allSettled([
    transport.send(request(port, { timeoutMs: 100 })),
    transport.send(request(port)),
  ]);
  assert.ok(impatient.status === 'rejected' && impatient.reason instanceof DeadlineError);
  assert.equal(patient.status, 'fulfilled');
});
