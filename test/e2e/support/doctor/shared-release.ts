import { cpSync } from 'node:fs';
import type { TestCluster } from '../../../cluster/cluster.ts';
import { cliFor } from '../cli.ts';
import { aDaemonSet, applied } from '../fixtures/plain-yaml.ts';
import type { Fixture } from '../release.ts';
import { backedUp } from './faulty-release.ts';

/**
 * The release of all faults that lie in the store alone: a DaemonSet `node-cache` with a Service, in one namespace for
 * the whole file. Nobody may change anything in it. Each borrower has a store of his own.
 */
let shared: Promise<Fixture> | undefined;

/** @param store with a backup of the release, or not there yet. */
export async function borrowedRelease(
  cluster: TestCluster,
  store: 'with a backup' | 'none',
): Promise<Fixture> {
  shared ??= backedUp(applied(cluster, aDaemonSet(cluster)));
  const release = await shared;
  const cli = cliFor(cluster, release);
  if (store === 'with a backup')
    cpSync(release.cli.store, cli.store, { recursive: true, preserveTimestamps: true });
  return { ...release, cli, [Symbol.asyncDispose]: async () => cli[Symbol.dispose]() };
}

/** Takes it away, if anybody borrowed it. */
export async function removeSharedRelease(): Promise<void> {
  const release = await shared?.catch(() => undefined);
  await release?.[Symbol.asyncDispose]();
}
