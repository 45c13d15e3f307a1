import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KubeClient } from '../../../src/kube/client.ts';
import { type ConnectOptions, connectKube } from '../../../src/kube/connect.ts';
import type { ConnectionFlags } from '../../../src/kube/connection-flags.ts';

export interface SeenRequest {
  method: string;
  /** Path and query as sent. */
  url: string;
  headers: IncomingHttpHeaders;
  rawHeaders: string[];
  body: string;
}

export type Answer = (response: ServerResponse, request: SeenRequest) => void;

/** A stand-in for the API server that answers with the given answers in turn, the last one for ever. */
export interface TestServer extends AsyncDisposable {
  url: string;
  requests: SeenRequest[];
  /** Milliseconds that the client meant to wait between attempts; it does not really wait. */
  waits: number[];
  client(flags?: Partial<ConnectionFlags>, options?: ConnectOptions): Promise<KubeClient>;
  /** From now on nobody listens. */
  stop(): Promise<void>;
}

export async function testServer(...answers: Answer[]): Promise<TestServer> {
  const requests: SeenRequest[] = [];
  const waits: number[] = [];
  const clients: KubeClient[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers, rawHeaders } = request;
    const seen = { method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString() };
    requests.push(seen);
    answers[Math.min(requests.length, answers.length) - 1]?.(response, seen);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    waits,
    stop,
    client: async (flags = {}, options = {}) => {
      const client = await connectKube(
        { asGroups: [], asUserExtra: {}, server: url, ...flags },
        { env: { HOME: '/nonexistent' }, wait: async (ms) => waits.push(ms), ...options },
      );
      clients.push(client);
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.close();
      await stop();
    },
  };
}

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

/** A metav1.Status. */
export const refusal = (
  code: number,
  reason: string,
  message: string,
  headers: Record<string, string> = {},
): Answer =>
  json({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code }, code, headers);

/** The connection breaks before an answer. */
export const hangUp: Answer = (response) => response.socket?.destroy();
/** No answer, ever. */
export const silence: Answer = () => {};
