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

export async function readClusterIdentity(kube: KubeClient): Promise<ClusterIdentity> {
  const [version, kubeSystem] = await Promise.all([
    kube.raw('/version'),
    kube.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' }).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 403) return undefined;
      throw error;
    }),
  ]);
  return {
    uid: kubeSystem === undefined ? undefined : uidOf(kubeSystem),
    caDigest: kube.caDigest,
    serverVersion: stringAt(version, 'gitVersion') ?? 'unknown',
    context: kube.contextName,
  };
}
