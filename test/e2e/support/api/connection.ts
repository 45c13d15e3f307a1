import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, type AgentOptions, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestCluster } from '../../../cluster/cluster.ts';
import { flatKubeconfig } from '../kubeconfig.ts';

/** Below the 90 seconds after which the API server closes an idle connection, milliseconds. */
const IDLE_MS = 30_000;
/** No test may hang. */
const ANSWER_MS = 60_000;
/** How often a request is sent again that the API server was too busy for. */
const RETRIES = 10;

export interface ApiRequest {
  method: 'GET' | 'POST' | 'DELETE';
  /** Path and query. */
  path: string;
  /** JSON. */
  body?: string;
  /** Where it is not plain JSON. */
  accept?: string;
}

/** What the API server says no with. */
export class ApiRefusal extends Error {
  readonly status: number;

  constructor({ method, path }: ApiRequest, status: number, body: string) {
    super(`${method} ${path}: ${status} ${body}`);
    this.status = status;
  }
}

/** The API server, over connections that stay open: one handshake serves hundreds of requests. */
export interface Connection {
  /** The answer's body. @throws ApiRefusal for any status but 2xx. */
  send(request: ApiRequest): Promise<string>;
  /** The lines of an answer that goes on until whoever reads it has enough. @throws ApiRefusal as above. */
  lines(path: string): AsyncGenerator<string>;
}

const connections = new Map<string, Promise<Connection>>();

/** One connection a process to the current cluster of a kubeconfig, as its user. */
export function connectionTo(cluster: TestCluster, kubeconfig: string): Promise<Connection> {
  const known = connections.get(kubeconfig);
  if (known !== undefined) return known;
  const opened = open(cluster, kubeconfig);
  connections.set(kubeconfig, opened);
  return opened;
}

/** @throws Error where the kubeconfig's user has neither a client certificate nor a token (an exec plugin, say). */
async function open({ kubectl }: TestCluster, kubeconfig: string): Promise<Connection> {
  const config = await flatKubeconfig(kubectl, kubeconfig);
  const cluster = config.clusters[0]?.cluster;
  const user = config.users[0]?.user;
  if (cluster === undefined || user === undefined)
    throw new Error(`${kubeconfig} names no cluster or no user`);
  if (user.token === undefined && user['client-key-data'] === undefined)
    throw new Error(`the user of ${kubeconfig} has neither a client certificate nor a token`);
  const { hostname, port, pathname } = new URL(cluster.server);
  const tls = {
    host: hostname,
    port: Number(port || 443),
    // An address is no name that a server could be asked for (RFC 6066, section 3).
    servername: cluster['tls-server-name'] ?? (/^[\d.:]+$/.test(hostname) ? '' : hostname),
    rejectUnauthorized: cluster['insecure-skip-tls-verify'] !== true,
    ...decoded('ca', cluster['certificate-authority-data']),
    ...decoded('cert', user['client-certificate-data']),
    ...decoded('key', user['client-key-data']),
  };
  const shared = new Agent({ ...tls, keepAlive: true, maxSockets: 4, timeout: IDLE_MS });
  // Whoever watches would keep the others waiting.
  const own = new Agent(tls);
  const headers = user.token === undefined ? {} : { authorization: `Bearer ${user.token}` };
  const start = (agent: Agent, { method, path, body, accept = 'application/json' }: ApiRequest) => {
    // Without its length the body of a DELETE would pass for the next request.
    const length = { 'content-length': Buffer.byteLength(body ?? '') };
    const content = body === undefined ? {} : { 'content-type': 'application/json', ...length };
    const options = { ...tls, agent, method, path: `${pathname.replace(/\/$/, '')}${path}` };
    return request({ ...options, headers: { ...headers, ...content, accept } }).end(body);
  };
  return {
    send: async (wanted) => {
      for (let tries = 0; ; tries++) {
        const asked = start(shared, wanted);
        asked.setTimeout(ANSWER_MS, () => asked.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
        const answer = await answerTo(asked);
        const body = await textOf(answer);
        const status = answer.statusCode ?? 0;
        if (status >= 200 && status < 300) return body;
        if (status !== 429 || tries === RETRIES) throw new ApiRefusal(wanted, status, body);
        await sleep(1000 * Number(answer.headers['retry-after'] ?? 1));
      }
    },
    lines: async function* (path) {
      const asked = start(own, { method: 'GET', path });
      try {
        const answer = await answerTo(asked);
        const status = answer.statusCode ?? 0;
        if (status !== 200) throw new ApiRefusal({ method: 'GET', path }, status, await textOf(answer));
        let rest = '';
        for await (const chunk of answer.setEncoding('utf8')) {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop() ?? '';
          yield* lines;
        }
      } finally {
        asked.destroy();
      }
    },
  };
}

async function answerTo(asked: ClientRequest): Promise<IncomingMessage> {
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return answer;
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function decoded(name: 'ca' | 'cert' | 'key', base64: string | undefined): AgentOptions {
  return base64 === undefined ? {} : { [name]: Buffer.from(base64, 'base64') };
}
