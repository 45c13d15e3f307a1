import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { TestCluster } from '../../cluster/cluster.ts';
import { DIST, REPOSITORY } from './cli.ts';
import { expectCode, type Outcome, run, SHORT_LIVED_GO } from './process.ts';

/** A program that users call us through, with our plugin in it: kubectl, Helm 3 or Helm 4. */
export interface EntryPoint extends Disposable {
  name: 'kubectl' | 'helm3' | 'helm4';
  program: string;
  env: NodeJS.ProcessEnv;
  /** The flag that names a context: Helm's is its own. */
  contextFlag: '--context' | '--kube-context';
  /** `PROGRAM ARGS…` with more environment; any exit code. */
  run(args: string[], env?: NodeJS.ProcessEnv): Promise<Outcome>;
}

/** Every entry point on `kubeconfig`, with a store of its own in `home` and no settings of the machine's user. */
export async function entryPoints(cluster: TestCluster, kubeconfig: string): Promise<EntryPoint[]> {
  const helms = cluster.helms.map(async ({ name, path }) => {
    const home = mkdtempSync(join(tmpdir(), `memcached-backup-${name}-`));
    mkdirSync(join(home, 'bin'));
    const program = join(home, 'bin', 'helm');
    symlinkSync(path, program);
    const folders = {
      HELM_DATA_HOME: join(home, 'data'),
      HELM_CONFIG_HOME: join(home, 'config'),
      HELM_CACHE_HOME: join(home, 'cache'),
    };
    const entry = entryPoint(name, program, home, { KUBECONFIG: kubeconfig, ...folders }, '--kube-context');
    expectCode(await entry.run(['plugin', 'install', REPOSITORY]));
    return entry;
  });
  const home = mkdtempSync(join(tmpdir(), 'memcached-backup-kubectl-'));
  const env = { KUBECONFIG: kubeconfig, PATH: `${DIST}${delimiter}${process.env.PATH}` };
  return [entryPoint('kubectl', cluster.kubectl, home, env, '--context'), ...(await Promise.all(helms))];
}

function entryPoint(
  name: EntryPoint['name'],
  program: string,
  home: string,
  own: NodeJS.ProcessEnv,
  contextFlag: EntryPoint['contextFlag'],
): EntryPoint {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    MEMCACHED_BACKUP_STORE: join(home, 'store'),
    ...SHORT_LIVED_GO,
    ...own,
  };
  return {
    name,
    program,
    env,
    contextFlag,
    run: (args, more = {}) => run(program, args, { env: { ...env, ...more } }),
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}
