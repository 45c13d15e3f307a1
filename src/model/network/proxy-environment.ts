import { isIP } from 'node:net';

/**
 * The proxy variables for Node's agent (its option `proxyEnv`); undefined: no proxy. A proxy that is named wins over
 * the environment; as in Go (golang.org/x/net/http/httpproxy) a server on this machine is never reached through one.
 * @param server its URL.
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
