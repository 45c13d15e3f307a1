import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What becomes of a request on its way to the server. */
export type Verdict =
  | 'pass'
  /** Half of the request arrives, and then the connections are cut. */
  | 'cut the request'
  /** It arrives whole, and the connection is cut before the answer. */
  | 'cut the answer'
  /** The answer arrives to its half. */
  | 'cut in the answer'
  /** It arrives with another body of the same length. */
  | 'change the body'
  /** The server is not asked, and this is the answer; without a body where the code is "". */
  | { status: number; code: string }
  | { delayMs: number };

export interface SeenRequest {
  method: string;
  /** With the query. */
  path: string;
  /** It says what its body's checksum is, beside what is signed. */
  hasChecksum: boolean;
}

/** Stands before an S3 server, counts what passes, and breaks what it is told to. */
export class FaultyProxy {
  readonly requests: SeenRequest[] = [];
  /** @param number of the request since the last {@link reset}, from 1. */
  judge: (number: number, seen: SeenRequest) => Verdict = () => 'pass';
  readonly #upstream: number;
  readonly #server = createServer((incoming, outgoing) => {
    this.#handle(incoming, outgoing).catch(() => incoming.socket.destroy());
  });

  private constructor(upstream: number) {
    this.#upstream = upstream;
  }

  /** @param upstream the server's port on 127.0.0.1. */
  static async start(upstream: number): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(upstream);
    await proxy.listen(0);
    return proxy;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  reset(judge: FaultyProxy['judge'] = () => 'pass'): void {
    this.requests.length = 0;
    this.judge = judge;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const names = Object.keys(incoming.headers);
    const hasChecksum = names.some((name) => name === 'content-md5' || name.startsWith('x-amz-checksum-'));
    const seen = { method: incoming.method ?? '', path: incoming.url ?? '', hasChecksum };
    this.requests.push(seen);
    const verdict = this.judge(this.requests.length, seen);
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (typeof verdict === 'object' && 'status' in verdict) {
      const { status, code } = verdict;
      outgoing.writeHead(status, { 'content-type': 'application/xml' });
      if (code === '') return void outgoing.end();
      outgoing.end(
        `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}, says the proxy</Message></Error>`,
      );
      return;
    }
    if (typeof verdict === 'object') await sleep(verdict.delayMs);
    if (verdict === 'cut the request') {
      await this.#sendHalf(incoming, body);
      incoming.socket.destroy();
      return;
    }
    const answer = await this.#forward(
      incoming,
      verdict === 'change the body' ? Buffer.alloc(body.length, 'x') : body,
    );
    if (verdict === 'cut the answer') {
      incoming.socket.destroy();
      return;
    }
    outgoing.writeHead(answer.status, answer.headers);
    if (verdict === 'cut in the answer') {
      outgoing.flushHeaders();
      outgoing.write(answer.body.subarray(0, answer.body.length / 2));
      await sleep(5);
      incoming.socket.destroy();
      return;
    }
    outgoing.end(answer.body);
  }

  #forward(
    incoming: IncomingMessage,
    body: Buffer,
  ): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const upstream = this.#request(incoming, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
        );
      });
      upstream.on('error', reject);
      upstream.end(body);
    });
  }

  async #sendHalf(incoming: IncomingMessage, body: Buffer): Promise<void> {
    const upstream = this.#request(incoming, () => {});
    upstream.on('error', () => {});
    upstream.flushHeaders();
    upstream.write(body.subarray(0, body.length / 2));
    await sleep(20);
    upstream.destroy();
    await sleep(20);
  }

  #request(incoming: IncomingMessage, onAnswer: (answer: IncomingMessage) => void) {
    const { method, url, headers } = incoming;
    const { expect: _, ...kept } = headers;
    return request(
      { host: '127.0.0.1', port: this.#upstream, method, path: url, headers: kept, agent: false },
      onAnswer,
    );
  }
}
