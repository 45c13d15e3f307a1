import type { Agent, IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createGunzip } from 'node:zlib';
import { BeyondLimit } from '../model/json/limits.ts';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute, with its query. */
  url: string;
  headers: Record<string, string | string[]>;
  body?: string;
  /** Bytes that an answer may have, decompressed. */
  maximum: number;
  /** Milliseconds until the whole answer must be here; undefined: no limit. */
  timeoutMs: number | undefined;
  /** Gives the request up. */
  signal?: AbortSignal;
  /** Also tell which certificate the server showed. */
  wantsCertificate?: boolean;
  /** Asked once a success (2xx) arrives: what takes its body piece by piece, in place of the reply's text. */
  onBody?: () => (bytes: Buffer) => void;
}

export interface HttpReply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The certificate that the server showed, where it was asked for; valid_to as OpenSSL writes it. */
  certificate?: { valid_to: string };
}

/** Sends one request and reads the whole answer. Rejects with Node's own errors, DeadlineError or BeyondLimit. */
export interface Transport {
  send(request: HttpRequest): Promise<HttpReply>;
  close(): void;
}

/** The answer was not complete in time. */
export class DeadlineError extends Error {
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
    this.timeoutMs = timeoutMs;
  }
}

/** The request's signal was aborted before the answer was complete. */
export class GivenUpError extends Error {}

/** HTTP/1.1 over an agent's keep-alive connections. */
export function httpTransport(agent: Agent): Transport {
  return {
    send: (request) => send(request, agent),
    close: () => agent.destroy(),
  };
}

async function send(request: HttpRequest, agent: Agent): Promise<HttpReply> {
  const url = new URL(request.url);
  const http = url.protocol === 'http:' ? await import('node:http') : await import('node:https');
  const body = request.body === undefined ? undefined : Buffer.from(request.body);
  const options: RequestOptions = {
    method: request.method,
    agent,
    headers: {
      ...request.headers,
      'Accept-Encoding': 'gzip',
      ...(body === undefined ? {} : { 'Content-Length': body.length }),
    },
  };
  const { promise, resolve, reject } = Promise.withResolvers<HttpReply>();
  const outgoing = http.request(url, options, (response) => {
    const certificate = request.wantsCertificate === true ? certificateOf(response.socket) : {};
    const status = response.statusCode ?? 0;
    const isSuccess = status >= 200 && status <= 299;
    const chunks: Buffer[] = [];
    const take =
      isSuccess && request.onBody !== undefined
        ? request.onBody()
        : (bytes: Buffer) => void chunks.push(bytes);
    handOver(response, atMost(request.maximum, take)).then(
      () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status, headers: response.headers, text, ...certificate });
      },
      (error: unknown) => {
        response.destroy();
        reject(error);
      },
    );
  });
  outgoing.on('error', reject);
  const timer = deadline(request.timeoutMs, (error) => outgoing.destroy(error));
  const { signal } = request;
  const giveUp = (): void => void outgoing.destroy(new GivenUpError());
  signal?.addEventListener('abort', giveUp, { once: true });
  outgoing.end(body);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

function certificateOf(socket: Socket): Pick<HttpReply, 'certificate'> {
  if (!('getPeerCertificate' in socket)) return {};
  const certificate = (socket as TLSSocket).getPeerCertificate();
  // An empty object where the session was resumed without one.
  return certificate?.valid_to === undefined ? {} : { certificate };
}

function deadline(timeoutMs: number | undefined, expire: (error: Error) => void): NodeJS.Timeout | undefined {
  if (timeoutMs === undefined) return undefined;
  return setTimeout(() => expire(new DeadlineError(timeoutMs)), timeoutMs);
}

function atMost(maximum: number, take: (bytes: Buffer) => void): (bytes: Buffer) => void {
  let taken = 0;
  return (bytes) => {
    taken += bytes.length;
    if (taken > maximum) throw new BeyondLimit(`the answer has more than ${maximum} bytes`);
    take(bytes);
  };
}

async function handOver(response: IncomingMessage, take: (bytes: Buffer) => void): Promise<void> {
  if (response.headers['content-encoding'] !== 'gzip') {
    for await (const bytes of response) take(bytes as Buffer);
    return;
  }
  const { pipeline } = await import('node:stream/promises');
  await pipeline(response, createGunzip(), async (body: AsyncIterable<Buffer>) => {
    for await (const bytes of body) take(bytes);
  });
}
