import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { InCluster } from './connection.ts';

/** Where the kubelet mounts a pod's service account. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The service account of the pod this process runs in, found as client-go does (rest.InClusterConfig);
 * undefined outside a cluster.
 */
export async function findInCluster(
  env: NodeJS.ProcessEnv,
  folder: string = SERVICE_ACCOUNT,
): Promise<InCluster | undefined> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port) return undefined;
  const tokenFile = join(folder, 'token');
  const token = await readFile(tokenFile, 'utf8').catch(() => '');
  if (token === '') return undefined;
  const namespace = await readFile(join(folder, 'namespace'), 'utf8').catch(() => '');
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    tokenFile,
    certificateAuthority: join(folder, 'ca.crt'),
    namespace: env.POD_NAMESPACE || namespace.trim() || undefined,
  };
}
