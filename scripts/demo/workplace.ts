import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { clusterStatus, ensureCluster, stopCluster, type TestCluster } from '../../test/cluster/cluster.ts';
import { DIST } from '../../test/e2e/support/cli.ts';
import { kubectlIn } from '../../test/e2e/support/kubectl.ts';
import { expectCode, run } from '../../test/e2e/support/process.ts';
import { CHART, imageValues } from '../../test/e2e/support/release.ts';
import { buildQuietly } from '../build-quietly.ts';

/** Where the demo's commands run. All of it goes away at the end of its block. */
export interface Workplace extends AsyncDisposable {
  folder: string;
  env: NodeJS.ProcessEnv;
  cluster: TestCluster;
  /** Did not exist before: ours to delete. */
  namespace: string;
}

/** What the demo installs first, and what it grows to before the backup, as values of the chart. */
export const FIRST_VALUES = {
  replicaCount: 2,
  memcached: { maxMemory: 32, maxConnections: 512 },
  podDisruptionBudget: { enabled: true },
};
export const GROWN_MEMORY = 48;

/** Brings the cluster up (or takes the one of `context`) and makes a folder and a namespace. */
export async function prepare(context: string | undefined, signal: AbortSignal): Promise<Workplace> {
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-demo-'));
  const forget: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const dispose = async () => {
    while (forget.length > 0) await forget.pop()?.();
  };
  try {
    if (context !== undefined) process.env.E2E_KUBECONFIG = await kubeconfigOf(context, folder);
    await buildQuietly();
    const wasDown = (await clusterStatus()).state === 'down';
    const cluster = await ensureCluster(say);
    if (wasDown && !cluster.external) forget.push(() => stopCluster(say));
    signal.throwIfAborted();
    const env = layOut(folder, cluster);
    const namespace = await freshNamespace(cluster);
    forget.push(async () => {
      say(`removing namespace ${namespace}`);
      const args = ['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=90s'];
      expectCode(await kubectlIn(cluster, namespace).run(...args));
    });
    return { folder, env, cluster, namespace, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The context's part of the user's kubeconfig as a file, for whatever reads E2E_KUBECONFIG. */
async function kubeconfigOf(context: string, folder: string): Promise<string> {
  const view = ['config', 'view', '--context', context, '--minify', '--flatten', '--raw'];
  const path = join(folder, 'kubeconfig');
  writeFileSync(path, expectCode(await run('kubectl', view)).stdout, { mode: 0o600 });
  return path;
}

/** kubectl, helm and the plugin by their names on PATH, the chart and its values beside. */
function layOut(folder: string, cluster: TestCluster): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  const work = join(folder, 'work');
  mkdirSync(bin);
  mkdirSync(work);
  symlinkSync(cluster.kubectl, join(bin, 'kubectl'));
  symlinkSync(cluster.helms.at(-1)!.path, join(bin, 'helm'));
  cpSync(CHART, join(work, 'chart'), { recursive: true });
  const values = { ...imageValues(cluster), ...FIRST_VALUES };
  writeFileSync(join(work, 'values.json'), JSON.stringify(values));
  return {
    ...process.env,
    KUBECONFIG: cluster.kubeconfig,
    PATH: [bin, DIST, process.env.PATH].join(delimiter),
    HOME: folder,
    HELM_CONFIG_HOME: join(folder, 'helm/config'),
    HELM_CACHE_HOME: join(folder, 'helm/cache'),
    HELM_DATA_HOME: join(folder, 'helm/data'),
    NO_COLOR: '1',
  };
}

/** "memcached-demo", or with a number where that one exists already. */
async function freshNamespace(cluster: TestCluster): Promise<string> {
  for (let i = 1; ; i++) {
    const name = i === 1 ? 'memcached-demo' : `memcached-demo-${i}`;
    const created = await kubectlIn(cluster, name).run('create', 'namespace', name);
    if (created.code === 0) return name;
    if (!created.stderr.includes('AlreadyExists')) expectCode(created);
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
