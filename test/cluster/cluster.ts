import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ToolError } from '../../src/errors/tool-error.ts';
import { type Build, buildAll } from './build/build.ts';
import { members } from './cgroups.ts';
import { externalCluster } from './external.ts';
import { type Instance, instanceFrom } from './instance.ts';
import { removeEverything } from './leftovers.ts';
import { withLock } from './lock.ts';
import { isApiReady, isNodeReady } from './node/api.ts';
import { clusterObstacle } from './obstacle.ts';
import { type Report, reportStep } from './progress.ts';
import { hasItsFiles, readRecord, writeRecord } from './record.ts';
import { startCluster } from './start.ts';
import type { TestCluster } from './test-cluster.ts';

export { writeDockerArchive } from './build/docker-archive.ts';
export { loadImage, removeImage } from './load-image.ts';
export { dial, NotConnected } from './pod-network.ts';
export type { Helm, TestCluster } from './test-cluster.ts';
export { clusterObstacle };

export interface ClusterStatus {
  state: 'up' | 'broken' | 'down';
  folder: string;
  port: number;
  processes: number;
  cluster?: TestCluster;
}

const POINT_ELSEWHERE = 'set E2E_KUBECONFIG to the kubeconfig of a cluster (kind, minikube, any)';

/** Others may be at work on a cluster that is only slow to answer. */
const PATIENCE_MS = 60_000;

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
  const build = await buildAll(report, instance.kubernetes);
  return locked(
    instance,
    report,
    async () => (await reuse(instance, build, report)) ?? start(instance, build, report),
  );
}

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
  return { ...base, state: (await answers(record.cluster)) ? 'up' : 'broken', cluster: record.cluster };
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
  if (!record || members(instance.cgroup).length === 0 || !hasItsFiles(record)) return undefined;
  for (
    const deadline = performance.now() + PATIENCE_MS;
    !(await answers(record.cluster));
    await sleep(2000)
  ) {
    if (performance.now() > deadline) return undefined;
    report('the cluster runs but does not answer …');
  }
  if (record.key !== build.key) {
    report(
      'the running cluster was made from other inputs than this checkout has; to use these, stop it first',
    );
  }
  return record.cluster;
}

async function answers({ kubeconfig }: TestCluster): Promise<boolean> {
  return (await isApiReady(kubeconfig)) && (await isNodeReady(kubeconfig));
}

async function start(instance: Instance, build: Build, report: Report): Promise<TestCluster> {
  await removeEverything(instance);
  await reportStep(report, 'start the cluster', () => startCluster(instance, build));
  return writeRecord(instance, build).cluster;
}
