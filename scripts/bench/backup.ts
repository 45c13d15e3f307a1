import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BINARY } from '../../test/e2e/support/cli.ts';
import { run } from '../../test/e2e/support/process.ts';
import type { TestRelease } from '../../test/e2e/support/release.ts';
import type { Figure } from './figures.ts';
import { compare } from './interleaved.ts';

/** Method 2 of the backup guide that memcached charts carry, of its own objects alone, up to the archive (what follows is an upload). */
export const GUIDE_METHOD_2 = `set -e
helm get values $RELEASE -n $NAMESPACE > memcached-values-backup.yaml
helm get all $RELEASE -n $NAMESPACE > memcached-helm-full-backup.yaml
kubectl get deployment,service,configmap,hpa,pdb,networkpolicy -n $NAMESPACE -l app.kubernetes.io/instance=$RELEASE -o yaml > memcached-k8s-backup.yaml
BACKUP_DIR="memcached-backup-$(date +%Y%m%d-%H%M%S)"
mkdir -p $BACKUP_DIR
mv memcached-values-backup.yaml memcached-helm-full-backup.yaml memcached-k8s-backup.yaml $BACKUP_DIR/
tar czf $BACKUP_DIR.tar.gz $BACKUP_DIR`;

/** What of the content of a backup the guide leaves out, by the same programs: the other kinds, Helm's records, what each pod runs with, sums. */
const EQUAL_CONTENT = `${GUIDE_METHOD_2}
cd $BACKUP_DIR
kubectl get secret,serviceaccount,persistentvolumeclaim,statefulset,daemonset,replicaset,pod,role,rolebinding -n $NAMESPACE -l app.kubernetes.io/instance=$RELEASE -o yaml > others.yaml
kubectl get namespace $NAMESPACE -o yaml > namespace.yaml
kubectl get secret -n $NAMESPACE -l owner=helm,name=$RELEASE -o yaml > helm-records.yaml
for pod in $(kubectl get pods -n $NAMESPACE -l app.kubernetes.io/instance=$RELEASE -o name); do
  kubectl exec -n $NAMESPACE $pod -- sh -c 'printf "stats settings\\r\\nquit\\r\\n" | nc 127.0.0.1 11211' > settings-$(basename $pod).txt
done
sha256sum * > sums.txt`;

/**
 * Whole backups, start to exit, against the guide's and against the same content by Helm and kubectl.
 * @param env has helm and kubectl on PATH, and the KUBECONFIG to go by.
 * @param distant is the same for a cluster 30 ms away.
 */
export async function benchBackup(
  release: TestRelease,
  env: NodeJS.ProcessEnv,
  distant: NodeJS.ProcessEnv,
): Promise<Figure[]> {
  const theGuides = { yardstick: "the guide's method 2", commands: GUIDE_METHOD_2 };
  const equal = { yardstick: 'the same content by Helm and kubectl', commands: EQUAL_CONTENT };
  return [
    await against(theGuides, release, env, { ms: 0, atMost: 0.75 }),
    await against(theGuides, release, distant, { ms: 30, atMost: 0.45 }),
    await against(equal, release, distant, { ms: 30, atMost: 0.2 }),
  ];
}

async function against(
  { yardstick, commands }: { yardstick: string; commands: string },
  release: TestRelease,
  env: NodeJS.ProcessEnv,
  { ms, atMost }: { ms: number; atMost: number },
): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-bench-'));
  const guideEnv = { ...env, RELEASE: release.name, NAMESPACE: release.namespace };
  const args = ['backup', release.name, '-n', release.namespace, '--store', join(folder, 'store')];
  try {
    const figure = await compare({
      what: `\`backup\`, ${ms} ms added`,
      ours: () => run(BINARY, args, { cwd: folder, env }),
      yardstick,
      theirs: () => run('/bin/sh', ['-c', commands], { cwd: folder, env: guideEnv }),
    });
    return { ...figure, atMost };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
