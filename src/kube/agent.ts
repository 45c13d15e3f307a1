import type { Agent as HttpAgent } from 'node:http';
import type { AgentOptions, RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import type { ConnectionOptions, SecureContext, SecureContextOptions } from 'node:tls';
import { kubectl } from '../advice/command.ts';
import { ToolError } from '../errors/tool-error.ts';
import { proxyEnvironment } from '../model/network/proxy-environment.ts';
import type { Connection } from './connection.ts';
import { type Credentials, readCredentialFile } from './credentials.ts';
import { LONGEST_IDLE_MS } from './transport.ts';

/** Enough for every list of a backup at once: over one socket each would wait for the one before it. */
const MAX_SOCKETS = 16;

/** The ways to the API server. */
export interface Ways {
  /** HTTP/1.1 over connections that are kept alive. */
  agent: HttpAgent;
  /** One connection more, where it is by TLS and straight to the server. */
  direct?: DirectTls;
}

/** What TLS to the server takes. */
export type DirectTls = Pick<
  ConnectionOptions,
  'host' | 'port' | 'servername' | 'rejectUnauthorized' | 'secureContext'
>;

/**
 * The ways to the API server: TLS as the kubeconfig says, through the kubeconfig's proxy-url or the environment's proxy.
 * @throws ToolError where the CA can't be read, or a certificate or key is none.
 */
export async function waysTo(
  connection: Connection,
  credentials: Credentials,
  env: NodeJS.ProcessEnv,
): Promise<Ways> {
  const { cluster, server } = connection;
  const ca = await readCa(connection);
  const certificates = {
    ...(ca === undefined ? {} : { ca }),
    ...(credentials.cert === undefined ? {} : { cert: credentials.cert }),
    ...(credentials.key === undefined ? {} : { key: credentials.key }),
  };
  const trust = {
    ...(cluster.tlsServerName === undefined ? {} : { servername: cluster.tlsServerName }),
    ...(cluster.insecureSkipTlsVerify === true ? { rejectUnauthorized: false } : {}),
  };
  if (cluster.proxyUrl?.startsWith('socks')) {
    return { agent: await socksAgent(server, cluster.proxyUrl, { ...certificates, ...trust }) };
  }
  const proxyEnv = proxyEnvironment(server, cluster.proxyUrl, env);
  const pool: AgentOptions = {
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    scheduling: 'lifo',
    timeout: LONGEST_IDLE_MS,
    ...(proxyEnv === undefined ? {} : { proxyEnv }),
  };
  if (server.startsWith('http:')) {
    const { Agent } = await import('node:http');
    return { agent: new Agent(pool) };
  }
  // HTTP/2, which is tried first, is loaded here: until the root certificates are parsed, there is time (connect.ts).
  const [{ Agent }] = await Promise.all([import('node:https'), import('node:http2')]);
  // Made once: given the certificates themselves, the agent would parse them again for every connection.
  const secureContext = await secureContextOf(certificates);
  const agent = new Agent({ ...pool, ...trust, secureContext });
  if (proxyEnv !== undefined) return { agent };
  const { hostname, port } = new URL(server);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const direct: DirectTls = { host, port: port === '' ? 443 : Number(port), secureContext, ...trust };
  // An address is no name that a server could choose its certificate by (RFC 6066, section 3).
  if (isIP(host) === 0) direct.servername ??= host;
  return { agent, direct };
}

async function secureContextOf(certificates: SecureContextOptions): Promise<SecureContext> {
  const { createSecureContext } = await import('node:tls');
  try {
    return createSecureContext(certificates);
  } catch (cause) {
    throw new ToolError(
      `a certificate or key that the kubeconfig names can't be used: ${(cause as Error).message}`,
      { cause, next: kubectl('config', 'view') },
    );
  }
}

/** client-node brings the SOCKS client; its agent takes the TLS options along. */
async function socksAgent(server: string, proxyUrl: string, options: AgentOptions): Promise<HttpAgent> {
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'cluster', server, proxyUrl, skipTLSVerify: false },
    { name: 'user' },
  );
  const withAgent: RequestOptions = { ...options };
  await config.applyToHTTPSOptions(withAgent);
  return withAgent.agent as HttpAgent;
}

/** The CA as PEM: the kubeconfig's data, or its file; undefined: the system's. */
export async function readCa(connection: Connection): Promise<Buffer | undefined> {
  const { certificateAuthorityData: data, certificateAuthority: path } = connection.cluster;
  if (data !== undefined) return Buffer.from(data, 'base64');
  return path === undefined ? undefined : readCredentialFile(path);
}
