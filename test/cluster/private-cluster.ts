import { clusterObstacle, stopCluster } from './cluster.ts';
import { instanceFrom } from './instance.ts';
import { withLock } from './lock.ts';

/** A cluster beside the shared one, for the tests that stop and kill clusters. */
export const PRIVATE = instanceFrom({ CLUSTER_NAME: 'selftest', CLUSTER_PORT: '17444' });

/** Why the tests of the cluster itself can't run here; false if they can. */
export function skipPrivate(): string | false {
  if (process.env.E2E_KUBECONFIG) return 'E2E_KUBECONFIG names a cluster that is not ours to stop';
  return clusterObstacle() ?? false;
}

/** Alone on this machine: another checkout may run the same tests. Nothing of the cluster is left afterwards. */
export async function alone(work: () => Promise<void>): Promise<void> {
  const lock = '/run/memcached-backup-selftest.lock';
  const wait = () => console.error('waiting for the same test of another checkout');
  await withLock(
    lock,
    wait,
    async () => {
      await stopCluster(undefined, PRIVATE);
      try {
        await work();
      } finally {
        await stopCluster(undefined, PRIVATE);
      }
    },
    true,
  );
}
