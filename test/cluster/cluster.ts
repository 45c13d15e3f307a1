import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../../src/errors/tool-error.ts';
import { type Build, buildAll, builtImages } from './build/build.ts';
import { members } from './cgroups.ts';
import { externalCluster } from './external.ts';
import { type Instance, instanceFrom } from './instance.ts';
import { removeEverything } from './leftovers.ts';
import { withLock } from './lock.ts';
import { isApiReady, isNodeReady } from './node/api.ts';
import { clusterObstacle } from './obstacle.ts';
import { type Report, reportStep } from './progress.ts';
import { startCluster } from './start.ts';

export { loadImage } from './load-image.ts';
export { clusterObstacle };

export interface Helm {
  name: 'helm3' | 'helm4';
  path: string;
}

/** A cluster to test on, and the programs to reach it with. All paths are absolute. */
export interface TestCluster {
  kubeconfig: string;
  kubectl: string;
  helms: Helm[];
  images: { memcached: string; toolbox?: string };
  /** Not ours: it may hold other things, and no image can be loaded into it. */
  external: boolean;
  /** The S3 server, where it was built. */
  versitygw?: string;
}

export interface ClusterStatus {
  state: 'up' | 'broken' | 'down';
  folder: string;
  port: number;
  processes: number;
  cluster?: TestCluster;
}

/** The file that a finished start leaves: `key` says from which inputs the cluster was built. */
interface Record {
  key: string;
  cluster: TestCluster;
}

/**
 * A cluster that answers: the one of E2E_KUBECONFIG; else this machine's, which is built and started if need be.
 * Throws a ToolError that says why when there can be none.
 */
export async function ensureCluster(
  report: Report = () => {},
  instance = instanceFrom(),
): Promise<TestCluster> {
  const external = process.env.E2E_KUBECONFIG;
  if (external) return externalCluster(external);
  const obstacle = clusterObstacle();
  if (obstacle)
    throw new ToolError(`no test cluster on this machine: ${obstacle}`, { next: POINT_ELSEWHERE });
  const build = await buildAll(report);
  return locked(
    instance,
    report,
    async () => (await reuse(instance, build, report)) ?? start(instance, build, report),
  );
}

const POINT_ELSEWHERE = 'set E2E_KUBECONFIG to the kubeconfig of a cluster (kind, minikube, any)';

/** Stops the cluster and removes everything it has on this machine but the build cache. */
export async function stopCluster(report: Report = () => {}, instance = instanceFrom()): Promise<void> {
  await locked(instance, report, () => removeEverything(instance), true);
}

/** What runs; changes nothing. */
export async function clusterStatus(instance = instanceFrom()): Promise<ClusterStatus> {
  const processes = members(instance.cgroup).length;
  const base = { folder: instance.state, port: instance.port, processes };
  const record = readRecord(instance);
  if (!record) return { ...base, state: processes > 0 || existsSync(instance.state) ? 'broken' : 'down' };
  return { ...base, state: (await isHealthy(record)) ? 'up' : 'broken', cluster: record.cluster };
}

function locked<T>(
  instance: Instance,
  report: Report,
  work: () => Promise<T>,
  removeLock = false,
): Promise<T> {
  const wait = () => report('waiting for another checkout that starts or stops the cluster');
  return withLock(instance.lock, wait, work, removeLock);
}

async function reuse(instance: Instance, build: Build, report: Report): Promise<TestCluster | undefined> {
  const record = readRecord(instance);
  if (!record || members(instance.cgroup).length === 0 || !(await isHealthy(record, report)))
    return undefined;
  if (record.key !== build.key) {
    report(
      'the running cluster was built from other inputs than this checkout has; "cluster down" first to use these',
    );
  }
  return record.cluster;
}

/** A busy machine gets a minute: others may be at work on this cluster. */
async function isHealthy({ cluster }: Record, report?: Report): Promise<boolean> {
  const deadline = performance.now() + (report ? 60_000 : 0);
  do {
    if ((await isApiReady(cluster.kubeconfig)) && (await isNodeReady(cluster.kubeconfig))) return true;
    report?.('the cluster runs but does not answer …');
    await new Promise((resolve) => setTimeout(resolve, report ? 2000 : 0));
  } while (performance.now() < deadline);
  return false;
}

async function start(instance: Instance, build: Build, report: Report): Promise<TestCluster> {
  await removeEverything(instance);
  await reportStep(report, 'start the cluster', () => startCluster(instance, build));
  const cluster: TestCluster = {
    kubeconfig: join(instance.state, 'kubeconfig'),
    kubectl: build.kubectl,
    helms: [
      { name: 'helm3', path: build.helm3 },
      { name: 'helm4', path: build.helm4 },
    ],
    images: builtImages(build),
    external: false,
    versitygw: build.versitygw,
  };
  writeFileSync(recordFile(instance), JSON.stringify({ key: build.key, cluster } satisfies Record, null, 2));
  return cluster;
}

function readRecord(instance: Instance): Record | undefined {
  if (!existsSync(recordFile(instance))) return undefined;
  return JSON.parse(readFileSync(recordFile(instance), 'utf8')) as Record;
}

function recordFile(instance: Instance): string {
  return join(instance.state, 'cluster.json');
}
