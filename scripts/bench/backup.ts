import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BINARY } from '../../test/e2e/support/cli.ts';
import { run } from '../../test/e2e/support/process.ts';
import type { TestRelease } from '../../test/e2e/support/release.ts';
import type { Figure } from './figures.ts';
import { compare } from './interleaved.ts';

/** Method 2 of the backup guide that memcached charts carry, up to the archive (what follows is an upload). */
export const GUIDE_METHOD_2 = `set -e
helm get values $RELEASE -n $NAMESPACE > memcached-values-backup.yaml
helm get all $RELEASE -n $NAMESPACE > memcached-helm-full-backup.yaml
kubectl get all,cm,secret,pdb,networkpolicy -n $NAMESPACE -l app.kubernetes.io/name=memcached -o yaml > memcached-k8s-backup.yaml
BACKUP_DIR="memcached-backup-$(date +%Y%m%d-%H%M%S)"
mkdir -p $BACKUP_DIR
mv memcached-values-backup.yaml memcached-helm-full-backup.yaml memcached-k8s-backup.yaml $BACKUP_DIR/
tar czf $BACKUP_DIR.tar.gz $BACKUP_DIR`;

/**
 * A whole backup, start to exit, against the guide's.
 * @param env has helm and kubectl on PATH, and the KUBECONFIG to go by.
 * @param roundTripMs is what the connection adds to each round trip, for the figure's name.
 */
export async function benchBackup(
  release: TestRelease,
  env: NodeJS.ProcessEnv,
  roundTripMs: number,
): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-bench-'));
  const guideEnv = { ...env, RELEASE: release.name, NAMESPACE: release.namespace };
  const args = ['backup', release.name, '-n', release.namespace, '--store', join(folder, 'store')];
  try {
    return await compare({
      what: `\`backup\`, ${roundTripMs} ms added`,
      ours: () => run(BINARY, args, { cwd: folder, env }),
      yardstick: "the guide's method 2",
      theirs: () => run('/bin/sh', ['-c', GUIDE_METHOD_2], { cwd: folder, env: guideEnv }),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
