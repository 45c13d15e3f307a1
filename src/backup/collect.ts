import type { KubeClient } from '../kube/client.ts';
import { type ClusterIdentity, readClusterIdentity } from '../kube/cluster-identity.ts';
import { type LiveRelease, readRelease } from '../kube/read-release.ts';
import type { Skipped } from '../model/backup.ts';
import { groupOf } from '../model/object.ts';
import { type PodTarget, podTargets } from '../model/pod-settings.ts';

/** All that a backup reads from the API server; the pods' own answers come on top. */
export interface Collected {
  live: LiveRelease;
  identity: ClusterIdentity;
  /** The release's memcached pods. */
  targets: PodTarget[];
  skipped: Skipped[];
}

/**
 * Reads everything that a backup of one release holds. Reads only; nothing in the cluster changes.
 * Kinds that may not be listed are named in `skipped` with the permission that is missing.
 */
export async function collect(kube: KubeClient, namespace: string, release: string): Promise<Collected> {
  const [live, identity] = await Promise.all([
    readRelease(kube, { namespace, release }),
    readClusterIdentity(kube),
  ]);
  const deployments = live.placed.filter(({ role }) => role === 'owned').map(({ object }) => object);
  return {
    live,
    identity,
    targets: podTargets(
      deployments.filter((object) => object.kind === 'Deployment'),
      live.all('ReplicaSet'),
      live.all('Pod'),
    ),
    skipped: skippedOf(live),
  };
}

function skippedOf(live: LiveRelease): Skipped[] {
  return [
    ...live.denied.map(({ type, verb, message }) => ({
      what: type.plural,
      why: message,
      permission: {
        verb,
        group: groupOf(type.apiVersion),
        resource: type.plural,
        ...(type.namespaced ? { namespace: live.namespaceName } : {}),
      },
    })),
    ...live.unknownKinds.map(({ apiVersion, kind }) => ({
      what: `${apiVersion} ${kind}`,
      why: 'the manifest names this kind, and this cluster does not serve it',
    })),
  ];
}
