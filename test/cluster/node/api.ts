import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
  users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
}

/** Where a kubeconfig of ours leads, and who asks there. */
export interface ApiAccess {
  server: string;
  tls: { ca: Buffer; cert: Buffer; key: Buffer };
}

export function apiAccess(kubeconfig: string): ApiAccess {
  const { clusters, users } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
  const decode = (data: string) => Buffer.from(data, 'base64');
  const { cluster } = clusters[0];
  const { user } = users[0];
  const ca = decode(cluster['certificate-authority-data']);
  const cert = decode(user['client-certificate-data']);
  return { server: cluster.server, tls: { ca, cert, key: decode(user['client-key-data']) } };
}

/** One request with a kubeconfig of ours. Returns the status code and the text; throws when nobody answers. */
export function callApi(
  kubeconfig: string,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<{ status: number; text: string }> {
  const { server, tls } = apiAccess(kubeconfig);
  const options = {
    method,
    agent: new Agent(tls),
    timeout: 5000,
    headers: { 'content-type': 'application/json' },
  };
  return new Promise((resolve, reject) => {
    const call = request(new URL(path, server), options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    call.on('timeout', () => call.destroy(new Error(`no answer to ${method} ${path} within 5 s`)));
    call.on('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Is the API server ready for requests? Never throws. */
export async function isApiReady(kubeconfig: string): Promise<boolean> {
  return (await quietGet(kubeconfig, '/readyz')) === 'ok';
}

/** Is the one node Ready? Never throws. */
export async function isNodeReady(kubeconfig: string): Promise<boolean> {
  const text = await quietGet(kubeconfig, '/api/v1/nodes');
  if (text === undefined) return false;
  const { items } = JSON.parse(text) as {
    items: { status: { conditions?: { type: string; status: string }[] } }[];
  };
  return items.some((node) =>
    node.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
  );
}

/** Can pods be created in the default namespace? They need its ServiceAccount, which a controller makes. Never throws. */
export async function isNamespaceReady(kubeconfig: string): Promise<boolean> {
  return (await quietGet(kubeconfig, '/api/v1/namespaces/default/serviceaccounts/default')) !== undefined;
}

async function quietGet(kubeconfig: string, path: string): Promise<string | undefined> {
  try {
    const { status, text } = await callApi(kubeconfig, 'GET', path);
    return status === 200 ? text : undefined;
  } catch {
    return undefined;
  }
}
