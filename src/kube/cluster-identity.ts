import { stringAt } from '../model/json/json.ts';
import { uidOf } from '../model/kubernetes/object.ts';
import { ApiError } from './api-error.ts';
import type { KubeClient } from './client.ts';

/** What tells one cluster from another. */
export interface ClusterIdentity {
  /** uid of the kube-system namespace, which lives as long as the cluster; undefined where it may not be read. */
  uid: string | undefined;
  caDigest: string | undefined;
  /** gitVersion: "v1.34.4". */
  serverVersion: string;
  context: string;
}

/** @param serverVersion where it is known, or under way. */
export async function readClusterIdentity(
  kube: KubeClient,
  serverVersion: () => Promise<string> = () => readServerVersion(kube),
): Promise<ClusterIdentity> {
  const [version, kubeSystem] = await Promise.all([
    serverVersion(),
    kube.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' }).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 403) return undefined;
      throw error;
    }),
  ]);
  return {
    uid: kubeSystem === undefined ? undefined : uidOf(kubeSystem),
    caDigest: kube.caDigest,
    serverVersion: version,
    context: kube.contextName,
  };
}

/** @returns gitVersion: "v1.34.4"; "unknown" where the server says none. */
export async function readServerVersion(kube: KubeClient): Promise<string> {
  return stringAt(await kube.raw('/version'), 'gitVersion') ?? 'unknown';
}
