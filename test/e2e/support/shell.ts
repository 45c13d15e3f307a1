import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { TestCluster } from '../../cluster/cluster.ts';
import type { HelmBinary } from './helm.ts';
import { type Outcome, run, SHORT_LIVED_GO } from './process.ts';

/** A person's shell in a folder of its own, with `kubectl` and one `helm` on the PATH. */
export interface Shell extends Disposable {
  folder: string;
  /** Command lines as one would type them; any exit code, which is the last one's. */
  run(commands: string): Promise<Outcome>;
}

export function aShell(cluster: TestCluster, helm: HelmBinary): Shell {
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-shell-'));
  const bin = join(folder, '.bin');
  mkdirSync(bin);
  symlinkSync(cluster.kubectl, join(bin, 'kubectl'));
  symlinkSync(helm.path, join(bin, 'helm'));
  const env = {
    ...process.env,
    ...SHORT_LIVED_GO,
    HOME: folder,
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    KUBECONFIG: cluster.kubeconfig,
  };
  return {
    folder,
    run: (commands) => run('/bin/sh', ['-c', commands], { cwd: folder, env }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
