import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestCluster } from '../../cluster/cluster.ts';
import { expectCode, type Outcome, run, SHORT_LIVED_GO } from './process.ts';

export type HelmBinary = TestCluster['helms'][number];

/** One version of Helm with folders of its own, so that no plugin or repository of the machine matters. */
export interface Helm extends Disposable {
  name: HelmBinary['name'];
  /** A folder that goes away with this object. */
  home: string;
  /** HELM_*_HOME and KUBECONFIG, for running Helm in other ways. */
  env: NodeJS.ProcessEnv;
  /** Any exit code. */
  run(...args: string[]): Promise<Outcome>;
  /** Standard output. @throws Error describing the run where Helm fails. */
  ok(...args: string[]): Promise<string>;
  /** `helm history RELEASE`, oldest first. */
  history(release: string): Promise<HelmRevision[]>;
}

export interface HelmRevision {
  revision: number;
  status: string;
  chart: string;
  description: string;
}

/** @param driver HELM_DRIVER: where Helm keeps its records. */
export function helmIn(
  cluster: TestCluster,
  helm: HelmBinary,
  namespace: string,
  driver: 'secret' | 'configmap' = 'secret',
): Helm {
  const home = mkdtempSync(join(tmpdir(), `${helm.name}-`));
  // Helm calls its field manager by the name of its program (pkg/kube, getManagedFieldsManager): "helm".
  const program = join(home, 'bin', 'helm');
  mkdirSync(join(home, 'bin'));
  symlinkSync(helm.path, program);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...SHORT_LIVED_GO,
    KUBECONFIG: cluster.kubeconfig,
    HELM_DRIVER: driver,
    HELM_CONFIG_HOME: join(home, 'config'),
    HELM_CACHE_HOME: join(home, 'cache'),
    HELM_DATA_HOME: join(home, 'data'),
  };
  const invoke = (args: string[]) => run(program, [...args, '--namespace', namespace], { env });
  const ok = async (...args: string[]) => expectCode(await invoke(args)).stdout;
  return {
    name: helm.name,
    home,
    env,
    run: (...args) => invoke(args),
    ok,
    history: async (release) => JSON.parse(await ok('history', release, '-o', 'json')) as HelmRevision[],
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}
