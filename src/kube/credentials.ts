import { readFile } from 'node:fs/promises';
import { kubectl } from '../advice/command.ts';
import { ToolError } from '../errors/tool-error.ts';
import type { Connection } from './connection.ts';
import type { ExecConfig } from './kubeconfig.ts';

/** What proves who we are: headers of every request and, for some users, a client certificate. */
export interface Credentials {
  headers: Record<string, string | string[]>;
  cert?: string | Buffer;
  key?: string | Buffer;
}

/**
 * Credentials of the connection's user, read afresh each time: a service account's token file is rotated,
 * an exec plugin prints a new token. Exec plugins and auth providers (OIDC) are client-node's; loading it
 * costs more than the rest of a start-up, so that plain certificates and tokens do without.
 * @throws ToolError where a file can't be read or the exec plugin fails.
 */
export async function readCredentials(connection: Connection): Promise<Credentials> {
  const { user } = connection;
  const credentials: Credentials = { headers: impersonationHeaders(user) };
  const cert = await dataOrFile(user.clientCertificateData, user.clientCertificate);
  const key = await dataOrFile(user.clientKeyData, user.clientKey);
  if (cert !== undefined) credentials.cert = cert;
  if (key !== undefined) credentials.key = key;

  if (user.exec !== undefined) {
    await applyExec(connection, user.exec, credentials);
  } else if (user.authProvider !== undefined) {
    await applyAuthProvider(connection, credentials);
  }
  const token = user.token ?? (user.tokenFile && String(await readCredentialFile(user.tokenFile)).trim());
  if (token) {
    credentials.headers.Authorization = `Bearer ${token}`;
  } else if (user.username !== undefined && credentials.headers.Authorization === undefined) {
    const pair = Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64');
    credentials.headers.Authorization = `Basic ${pair}`;
  }
  return credentials;
}

/**
 * Impersonation headers (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation).
 * Bytes of extra keys that header names lack are percent-encoded.
 */
export function impersonationHeaders(user: {
  as?: string;
  asUid?: string;
  asGroups?: string[];
  asUserExtra?: Record<string, string[]>;
}): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  if (user.as !== undefined) headers['Impersonate-User'] = headerValue(user.as);
  if (user.asUid !== undefined) headers['Impersonate-Uid'] = headerValue(user.asUid);
  if (user.asGroups !== undefined && user.asGroups.length > 0)
    headers['Impersonate-Group'] = user.asGroups.map(headerValue);
  for (const [key, values] of Object.entries(user.asUserExtra ?? {})) {
    headers[`Impersonate-Extra-${escapeHeaderKey(key)}`] = values.map(headerValue);
  }
  return headers;
}

/** Go sends a string's own bytes, UTF-8; Node takes each character for one byte. */
function headerValue(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** client-go's headerKeyEscape (transport/round_trippers.go): bytes that header names lack become %XX. */
function escapeHeaderKey(key: string): string {
  return [...Buffer.from(key, 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9!#$&'*+\-.^_`|~]/.test(char)
        ? char
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

async function dataOrFile(base64: string | undefined, path: string | undefined): Promise<Buffer | undefined> {
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  return path === undefined ? undefined : readCredentialFile(path);
}

export async function readCredentialFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new ToolError(`can't read ${path}, which the kubeconfig or a flag names (${code})`, { cause });
  }
}

async function applyExec(connection: Connection, exec: ExecConfig, credentials: Credentials): Promise<void> {
  const { ExecAuth } = await import('@kubernetes/client-node/dist/exec_auth.js');
  const env = [{ name: 'KUBERNETES_EXEC_INFO', value: execInfo(connection, exec) }, ...exec.env];
  const given: { headers: Record<string, string>; cert?: string; key?: string } = { headers: {} };
  const user = { name: 'exec', exec: { command: exec.command, args: exec.args, env } };
  try {
    await new ExecAuth().applyAuthentication(user, given);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const said = (cause as Error).message.trim().split('\n').slice(-3).join(' ');
    throw new ToolError(
      missing
        ? `the kubeconfig's credential plugin "${exec.command}" is not installed`
        : `the kubeconfig's credential plugin "${exec.command}" failed: ${said}`,
      { cause, next: (missing ? exec.installHint : undefined) ?? kubectl('auth', 'whoami') },
    );
  }
  Object.assign(credentials.headers, given.headers);
  if (given.cert !== undefined) credentials.cert = given.cert;
  if (given.key !== undefined) credentials.key = given.key;
}

/**
 * The ExecCredential that a plugin is told in KUBERNETES_EXEC_INFO (client-go credential plugins, "input
 * and output formats"); plugins of v1 read it, and client-node does not set it.
 */
function execInfo(connection: Connection, exec: ExecConfig): string {
  const { cluster } = connection;
  const told = {
    server: connection.server,
    'tls-server-name': cluster.tlsServerName,
    'insecure-skip-tls-verify': cluster.insecureSkipTlsVerify,
    'certificate-authority-data': cluster.certificateAuthorityData,
    'proxy-url': cluster.proxyUrl,
  };
  return JSON.stringify({
    apiVersion: exec.apiVersion || 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false, ...(exec.provideClusterInfo ? { cluster: told } : {}) },
  });
}

async function applyAuthProvider(connection: Connection, credentials: Credentials): Promise<void> {
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'cluster', server: connection.server, skipTLSVerify: true },
    { name: 'user', authProvider: connection.user.authProvider },
  );
  const given: { headers?: Record<string, string> } = {};
  try {
    await config.applyToHTTPSOptions(given);
  } catch (cause) {
    const name = connection.user.authProvider?.name ?? '';
    throw new ToolError(
      `the kubeconfig's auth provider "${name}" gave no credentials: ${(cause as Error).message}`,
      { cause, next: kubectl('auth', 'whoami') },
    );
  }
  Object.assign(credentials.headers, given.headers);
}
