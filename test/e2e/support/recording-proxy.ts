import { rmSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { flatKubeconfig, writeKubeconfig } from './kubeconfig.ts';
import type { RoundTrips } from './round-trips.ts';
import { selfSigned } from './self-signed.ts';

export interface RecordedRequest {
  method: string;
  /** Path and query. */
  path: string;
}

/** What a fault answers in the API server's place. */
export interface Fault {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

type Answer = Fault | 'cut' | undefined;

/** A refusal as the API server words it. */
export function refusal(status: number, reason: string, headers: Fault['headers'] = {}): Fault {
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code: status };
  return { status, body: JSON.stringify({ ...body, message: `made up by a test: ${reason}` }), headers };
}

/** The API server behind something that writes down every request, WebSocket upgrades included. */
export interface RecordingProxy extends AsyncDisposable {
  /** The kubeconfig that leads through the proxy, with the same user. */
  kubeconfig: string;
  requests: RecordedRequest[];
  /**
   * Asked when a request comes in: answers it in the API server's place, or breaks the connection before the
   * API server hears of it; undefined lets it pass.
   */
  fault: ((request: RecordedRequest) => Answer | Promise<Answer>) | undefined;
  /**
   * What a request's body becomes on its way, as a mutating webhook would have it: undefined leaves it. Only bodies
   * of POST and PUT are shown, whole.
   */
  mutates: ((request: RecordedRequest, body: string) => string | undefined) | undefined;
  /** Asked when the API server has answered: whether the connection breaks before the answer is passed on. */
  losesAnswer: ((request: RecordedRequest) => boolean | Promise<boolean>) | undefined;
  /** Holds back what comes from the API server, to count what stands one after the other (round-trips.ts). */
  roundTrips: RoundTrips | undefined;
}

/** Requests that may change the cluster: no reads, no dry runs, no port-forwards or reviews of one's rights. */
export function writesAmong(requests: RecordedRequest[]): RecordedRequest[] {
  return requests.filter(
    ({ method, path }) =>
      method !== 'GET' &&
      method !== 'HEAD' &&
      !/[?&]dryRun=All\b/.test(path) &&
      !/\/pods\/[^/]+\/portforward\b/.test(path) &&
      !path.startsWith('/apis/authorization.k8s.io/'),
  );
}

/**
 * Ends TLS itself and speaks to the API server with the kubeconfig's own client certificate or token.
 * @throws Error where the kubeconfig's user has neither (an exec plugin, say).
 */
export async function recordingProxy(
  kubectl: string,
  kubeconfig: string,
  { certificateEnds }: { certificateEnds?: Date } = {},
): Promise<RecordingProxy> {
  const config = await flatKubeconfig(kubectl, kubeconfig);
  const cluster = config.clusters[0]?.cluster;
  const user = config.users[0]?.user;
  if (cluster === undefined || user === undefined)
    throw new Error(`${kubeconfig} names no cluster or no user`);
  if (user.token === undefined && user['client-key-data'] === undefined) {
    throw new Error(`the user of ${kubeconfig} has neither a client certificate nor a token`);
  }
  const target = new URL(cluster.server);
  const isTls = target.protocol === 'https:';
  // A handshake for each request would cost more than all else that a test does.
  const agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const upstream: RequestOptions = {
    host: target.hostname,
    port: target.port || 443,
    agent,
    servername: cluster['tls-server-name'] ?? (/^[\d.:]+$/.test(target.hostname) ? '' : target.hostname),
    rejectUnauthorized: cluster['insecure-skip-tls-verify'] !== true,
    ...decoded('ca', cluster['certificate-authority-data']),
    ...decoded('cert', user['client-certificate-data']),
    ...decoded('key', user['client-key-data']),
  };
  const send = isTls ? httpsRequest : httpRequest;
  const forward = (incoming: Http2ServerRequest | IncomingMessage, body?: string) => {
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).filter(([name]) => !name.startsWith(':') && name !== 'host'),
    );
    if (body !== undefined) headers['content-length'] = String(Buffer.byteLength(body));
    if (user.token !== undefined) headers.authorization = `Bearer ${user.token}`;
    return send({ ...upstream, method: incoming.method, path: incoming.url, headers });
  };

  const { cert, key } = selfSigned(certificateEnds);
  const server = createSecureServer({ cert, key, allowHTTP1: true });
  const streams = new Set<Duplex>();
  const path: string = await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      const entry = {
        server: `https://127.0.0.1:${port}`,
        'certificate-authority-data': Buffer.from(cert).toString('base64'),
      };
      resolve(writeKubeconfig(config, entry));
    });
  });
  const proxy: RecordingProxy = {
    kubeconfig: path,
    requests: [],
    fault: undefined,
    mutates: undefined,
    losesAnswer: undefined,
    roundTrips: undefined,
    [Symbol.asyncDispose]: async () => {
      for (const stream of streams) stream.destroy();
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(path, { force: true });
    },
  };
  server.on('secureConnection', (socket: Duplex) => {
    streams.add(socket);
    socket.on('close', () => streams.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  server.on('request', async (incoming: Http2ServerRequest, outgoing: Http2ServerResponse) => {
    const recorded = { method: incoming.method, path: incoming.url };
    proxy.requests.push(recorded);
    const { roundTrips } = proxy;
    roundTrips?.sent(recorded, recorded);
    const fault = await proxy.fault?.(recorded);
    if (fault === 'cut') {
      incoming.socket.destroy();
      return;
    }
    if (fault !== undefined) {
      await roundTrips?.arrived(recorded);
      outgoing.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      outgoing.end(fault.body);
      return;
    }
    const isMutable = proxy.mutates !== undefined && /^(POST|PUT)$/.test(incoming.method);
    const sent = isMutable ? await bodyOf(incoming) : undefined;
    const body = sent === undefined ? undefined : (proxy.mutates?.(recorded, sent) ?? sent);
    const further = forward(incoming, body);
    further.on('response', async (answer) => {
      if ((await proxy.losesAnswer?.(recorded)) === true) {
        incoming.socket.destroy();
        return;
      }
      await roundTrips?.arrived(recorded);
      outgoing.writeHead(answer.statusCode ?? 502, withoutConnectionHeaders(answer.headers));
      answer.on('error', () => outgoing.stream?.destroy());
      answer.pipe(outgoing as unknown as NodeJS.WritableStream);
    });
    further.on('error', () => {
      if (!outgoing.headersSent) outgoing.writeHead(502);
      outgoing.end();
    });
    // Whoever is killed leaves requests behind.
    outgoing.on('close', () => {
      roundTrips?.gone(recorded);
      further.destroy();
    });
    incoming.on('error', () => further.destroy());
    if (body === undefined) incoming.pipe(further);
    else further.end(body);
  });
  server.on('upgrade', async (incoming: IncomingMessage, near: Duplex, head: Buffer) => {
    const recorded = { method: incoming.method ?? 'GET', path: incoming.url ?? '/' };
    proxy.requests.push(recorded);
    const { roundTrips } = proxy;
    roundTrips?.sent(recorded, recorded);
    near.on('error', () => near.destroy());
    near.on('close', () => roundTrips?.gone(recorded));
    if ((await proxy.fault?.(recorded)) === 'cut') {
      near.destroy();
      return;
    }
    const further = forward(incoming);
    further.on('upgrade', async (answer, far, farHead) => {
      far.on('error', () => near.destroy());
      await roundTrips?.arrived(recorded);
      const headers = answer.rawHeaders.reduce(
        (text, part, i) => text + (i % 2 === 0 ? `${part}: ` : `${part}\r\n`),
        '',
      );
      near.write(`HTTP/1.1 101 Switching Protocols\r\n${headers}\r\n`);
      near.write(farHead);
      far.write(head);
      far.on('close', () => near.destroy());
      near.on('close', () => far.destroy());
      if (roundTrips !== undefined) near.on('data', (chunk: Buffer) => roundTrips.toPod(chunk));
      near.pipe(far);
      if (roundTrips === undefined) far.pipe(near);
      else passHeld(far, near, roundTrips);
    });
    further.on('response', async (answer) => {
      answer.resume();
      await roundTrips?.arrived(recorded);
      near.end(`HTTP/1.1 ${answer.statusCode} refused\r\nconnection: close\r\n\r\n`);
    });
    further.on('error', () => near.destroy());
    further.end();
  });
  return proxy;
}

/** In order: what is let through at once was asked for in order. */
function passHeld(far: Duplex, near: Duplex, roundTrips: RoundTrips): void {
  let last: Promise<unknown> = Promise.resolve();
  far.on('data', (chunk: Buffer) => {
    const passed = roundTrips.arrived();
    last = last.then(() => passed).then(() => near.writable && near.write(chunk));
  });
}

function decoded(name: 'ca' | 'cert' | 'key', base64: string | undefined): RequestOptions {
  return base64 === undefined ? {} : { [name]: Buffer.from(base64, 'base64') };
}

/** HTTP/2 has no connection headers and refuses them (RFC 9113, section 8.2.2). */
function withoutConnectionHeaders(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const { connection, 'transfer-encoding': _encoding, 'keep-alive': _keepAlive, ...rest } = headers;
  return rest;
}

async function bodyOf(incoming: Http2ServerRequest): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
