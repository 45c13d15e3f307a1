import { join } from 'node:path';
import { type KubernetesVersion, kubernetesVersion } from './build/versions.ts';

/** One cluster on this machine: where its state is and which port of 127.0.0.1 its API server answers on. */
export interface Instance {
  name: string;
  port: number;
  /** Everything the cluster leaves outside its own mounts: kubeconfig, logs, cluster.json. Gone after `down`. */
  state: string;
  /** The control group, relative to each hierarchy's root, that holds every process of the cluster. */
  cgroup: string;
  lock: string;
  kubernetes: KubernetesVersion;
}

/**
 * The cluster that the environment names. All checkouts share the default one; CLUSTER_NAME and CLUSTER_PORT
 * together select a private one (the cluster's own tests do, so that they never disturb the shared one).
 * CLUSTER_VERSION selects another Kubernetes, in a cluster of its own beside the standard one.
 * The places are fixed, not relative to the user's home: two checkouts with different homes must meet.
 */
export function instanceFrom(env: NodeJS.ProcessEnv = process.env): Instance {
  const kubernetes = kubernetesVersion(env.CLUSTER_VERSION);
  const { isStandard, major, minor } = kubernetes;
  const name = env.CLUSTER_NAME ?? (isStandard ? 'shared' : `kubernetes-${major}-${minor}`);
  const port = Number(env.CLUSTER_PORT ?? (isStandard ? 16443 : 16500 + minor));
  if (!/^[a-z0-9-]{1,20}$/.test(name))
    throw new Error(`CLUSTER_NAME "${name}": use a-z, 0-9 and "-", 20 at most`);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new Error(`CLUSTER_PORT "${env.CLUSTER_PORT}" is no port`);
  return {
    name,
    port,
    state: join('/var/tmp/memcached-backup-cluster', name),
    cgroup: `memcached-backup-${name}`,
    lock: `/run/memcached-backup-cluster-${name}.lock`,
    kubernetes,
  };
}
