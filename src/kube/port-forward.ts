import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { kubectl } from '../advice/command.ts';
import { interruptible } from '../errors/interruptible.ts';
import { ToolError, UnreachableError } from '../errors/tool-error.ts';
import { ApiError } from './api-error.ts';
import type { Cutoff } from './cutoff.ts';
import { PortForwardStream } from './port-forward-stream.ts';
import type { AuthenticatedSession, Sessions } from './session.ts';
import { DeadlineError } from './transport.ts';
import { unreachable } from './unreachable.ts';

/** The kubelet's framing for port-forward over WebSocket (k8s.io/kubelet/pkg/cri/streaming/portforward). */
const SUBPROTOCOL = 'v4.channel.k8s.io';
/** A refusal's body is a short Status. */
const REFUSAL_LIMIT = 64 * 1024;

interface PodPort {
  namespace: string;
  pod: string;
  port: number;
}

/** Opens connections to ports of pods: one WebSocket a connection. RBAC: get and create on pods/portforward. */
export class PortForwarder {
  readonly #sessions: Sessions;
  readonly #server: string;
  readonly #contextName: string;
  readonly #userAgent: string;

  readonly #cutoff: Cutoff;

  constructor(
    sessions: Sessions,
    target: { server: string; contextName: string; userAgent: string; cutoff: Cutoff },
  ) {
    this.#cutoff = target.cutoff;
    this.#sessions = sessions;
    this.#server = target.server;
    this.#contextName = target.contextName;
    this.#userAgent = target.userAgent;
  }

  /** What can be done before it is known which pods: connections, and the code. Whoever opens one meets what goes wrong. */
  expect(count: number): void {
    const prepare = async (): Promise<void> => {
      const session = await this.#sessions.current();
      await session.connectAhead(count);
      await import('ws');
    };
    prepare().catch(() => {});
  }

  /**
   * A byte stream to `port` of the pod. That nobody listens there shows only later: the stream is then
   * destroyed with an UnreachableError that carries the kubelet's words.
   * @throws ApiError where the server refuses, UnreachableError when it is not open within `timeoutMs`.
   */
  async open(namespace: string, pod: string, port: number, timeoutMs: number): Promise<Duplex> {
    const target = { namespace, pod, port };
    const started = performance.now();
    const session = await this.#sessions.current();
    try {
      return await this.#attempt(session, target, timeoutMs);
    } catch (error) {
      if (!isWorthAnotherTry(error)) throw this.#explain(error, target);
      const next = isUnauthorized(error) ? await this.#sessions.after(session) : session;
      const left = Math.max(1, timeoutMs - (performance.now() - started));
      try {
        return await this.#attempt(next, target, left);
      } catch (second) {
        throw this.#explain(second, target);
      }
    }
  }

  async #attempt(
    session: AuthenticatedSession,
    { namespace, pod, port }: PodPort,
    timeoutMs: number,
  ): Promise<Duplex> {
    const { WebSocket } = await import('ws');
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/portforward`;
    const url = `${this.#server.replace(/^http/i, 'ws')}${path}?ports=${port}`;
    const socket = new WebSocket(url, SUBPROTOCOL, {
      agent: session.agent,
      // ws types its headers as strings; Node sends an array as repeated lines, which impersonation needs.
      headers: { 'User-Agent': this.#userAgent, ...session.headers } as Record<string, string>,
      perMessageDeflate: false,
    });
    const name = `port ${port} of pod/${pod} in namespace ${namespace}`;
    // Made before the socket is open: the first frames may arrive with the handshake's answer.
    const stream = new PortForwardStream(socket, name);
    const call = { verb: 'create', group: '', resource: 'pods/portforward', namespace, name: pod };
    try {
      const refusal = (status: number, body: string) => ApiError.fromReply(status, body, call);
      await interruptible(opened(socket, timeoutMs, refusal), this.#cutoff.signal, '');
      return stream;
    } catch (error) {
      stream.destroy();
      throw this.#cutoff.instead(error, `port-forward to pod/${pod}`, false);
    }
  }

  #explain(error: unknown, { namespace, pod, port }: PodPort): Error {
    if (error instanceof ToolError) return error;
    if (error instanceof DeadlineError) {
      return new UnreachableError(
        `the port-forward to port ${port} of pod/${pod} in namespace ${namespace} was not open within ${error.timeoutMs / 1000} s`,
        { cause: error, next: kubectl('port-forward', '-n', namespace, `pod/${pod}`, port) },
      );
    }
    return unreachable({ server: this.#server, contextName: this.#contextName, isRead: true }, error);
  }
}

/** Waits for the handshake's outcome. */
async function opened(
  socket: WebSocket,
  timeoutMs: number,
  refusal: (status: number, body: string) => ApiError,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new DeadlineError(Math.round(timeoutMs))), timeoutMs);
  socket.once('open', resolve);
  socket.once('error', reject);
  socket.once('unexpected-response', (_request: ClientRequest, response: IncomingMessage) => {
    readStart(response).then((body) => reject(refusal(response.statusCode ?? 0, body)), reject);
  });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
  }
}

async function readStart(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > REFUSAL_LIMIT) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Expired credentials, or an idle connection that the server closed as it was taken up again. */
function isWorthAnotherTry(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return isUnauthorized(error) || code === 'ECONNRESET' || code === 'EPIPE';
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
