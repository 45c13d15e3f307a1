import type { Agent as HttpAgent } from 'node:http';
import type { AgentOptions, RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import type { SecureContext, SecureContextOptions } from 'node:tls';
import { ToolError } from '../errors/tool-error.ts';
import type { Connection } from './connection.ts';
import { type Credentials, readCredentialFile } from './credentials.ts';

/** Enough for every list of a backup at once: over one socket each would wait for the one before it. */
const MAX_SOCKETS = 16;
/** Below the minute after which load balancers drop idle connections without a word. */
const IDLE_SOCKET_MS = 45_000;

/**
 * The agent that opens connections to the API server: TLS as the kubeconfig says, keep-alive, through the
 * kubeconfig's proxy-url or the environment's proxy.
 * @throws ToolError where the CA can't be read, or a certificate or key is none.
 */
export async function createAgent(
  connection: Connection,
  credentials: Credentials,
  env: NodeJS.ProcessEnv,
): Promise<HttpAgent> {
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
    return socksAgent(server, cluster.proxyUrl, { ...certificates, ...trust });
  }
  const proxyEnv = proxyEnvironment(server, cluster.proxyUrl, env);
  const pool: AgentOptions = {
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    scheduling: 'lifo',
    timeout: IDLE_SOCKET_MS,
    ...(proxyEnv === undefined ? {} : { proxyEnv }),
  };
  if (server.startsWith('http:')) {
    const { Agent } = await import('node:http');
    return new Agent(pool);
  }
  const { Agent } = await import('node:https');
  // Made once: given the certificates themselves, the agent would parse them again for every connection.
  return new Agent({ ...pool, ...trust, secureContext: await secureContextOf(certificates) });
}

async function secureContextOf(certificates: SecureContextOptions): Promise<SecureContext> {
  const { createSecureContext } = await import('node:tls');
  try {
    return createSecureContext(certificates);
  } catch (cause) {
    throw new ToolError(
      `a certificate or key that the kubeconfig names can't be used: ${(cause as Error).message}`,
      { cause, next: 'kubectl config view' },
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

/**
 * The proxy variables for Node's agent. proxy-url wins over the environment; as in Go
 * (golang.org/x/net/http/httpproxy) a server on this machine is never reached through a proxy.
 */
export function proxyEnvironment(
  server: string,
  proxyUrl: string | undefined,
  env: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv | undefined {
  if (proxyUrl !== undefined) return { HTTPS_PROXY: proxyUrl, HTTP_PROXY: proxyUrl };
  const host = new URL(server).hostname.replace(/^\[|\]$/g, '');
  if (host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.')))
    return undefined;
  const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'];
  const set = names.flatMap((name) => (env[name] ? [[name, env[name]] as const] : []));
  return set.some(([name]) => !/^no_proxy$/i.test(name)) ? Object.fromEntries(set) : undefined;
}
