import { POD_DEADLINE_MS } from '../backup/pod-deadline.ts';
import { secretsOfLive } from '../backup/release-secrets.ts';
import { ToolError } from '../errors/tool-error.ts';
import { withDeadline } from '../kube/deadline.ts';
import { Inventory } from '../kube/inventory.ts';
import { readKinds } from '../kube/read-release.ts';
import type { Area } from '../model/findings/finding.ts';
import { nameOf } from '../model/kubernetes/object.ts';
import { backupMaker } from '../model/schedule/backup-cronjob.ts';
import { secretValuesOf, withoutNames } from '../model/secrets/secrecy.ts';
import type { CommandContext } from '../session/context.ts';
import { checksOf } from './checks.ts';
import { type AreaCheck, DoctorContext } from './doctor-context.ts';
import { readReleases } from './read-releases.ts';
import { ResourceReader } from './resource-reader.ts';

/** Longest that one request may take, retries included, milliseconds: half a cluster must not hold doctor up. */
export const REQUEST_DEADLINE_MS = 10_000;

/** What is to be examined. */
export interface DoctorScope {
  /** Every memcached release that is found where empty. */
  releases: readonly string[];
  allNamespaces: boolean;
  areas: readonly Area[];
  /** Kinds to list beside the usual ones in the place of what the areas need: for those who run no check. */
  kinds?: AreaCheck['kinds'];
  /** Between two looks at a pod's counters, milliseconds. */
  intervalMs: number;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
}

/**
 * Reads what doctor and status work with: every list at once, then the releases. Writes nothing.
 * @throws UnreachableError, ApiError where the API server gives no answer at all.
 */
export async function openDoctorContext(
  options: DoctorScope,
  context: CommandContext,
): Promise<{ doctor: DoctorContext; checks: AreaCheck[] }> {
  const kube = withDeadline(await context.kube(), REQUEST_DEADLINE_MS);
  const namespace = options.allNamespaces ? undefined : kube.namespace;
  const inventory = new Inventory(kube, namespace, isToolError);
  const reader = new ResourceReader(kube, inventory, namespace);
  const checks = options.kinds === undefined ? checksOf(options.areas) : [];
  const kinds = options.kinds ?? checks.flatMap((check) => check.kinds);
  const listed = readKinds(
    inventory,
    kinds.map(([apiVersion, kind]) => ({ apiVersion, kind })),
  );
  const selection = { namespace, names: options.releases, listed };
  const observe = { timeoutMs: POD_DEADLINE_MS, intervalMs: options.intervalMs };
  const [connection, releases] = await Promise.all([
    kube.connectionFacts(),
    readReleases({ kube, reader, inventory }, selection, observe),
  ]);
  maskSecrets(inventory, releases, context);
  const doctor = new DoctorContext({
    kube,
    reader,
    inventory,
    namespace,
    releases,
    names: options.releases,
    connection,
    clusterName: options.clusterName,
    session: context,
  });
  return { doctor, checks };
}

function isToolError(error: unknown): error is ToolError {
  return error instanceof ToolError;
}

function maskSecrets(
  inventory: Inventory,
  releases: DoctorContext['releases'],
  { io }: CommandContext,
): void {
  io.mask(inventory.secretValues());
  for (const { live } of releases) io.mask(secretsOfLive(live));
  // Their scripts and what they print are shown where a backup failed.
  const names = releases.map(({ name }) => name);
  const backups = inventory.all(undefined, 'CronJob').filter((cronJob) => backupMaker(cronJob, names));
  io.mask(withoutNames(backups.flatMap(secretValuesOf), [...names, ...backups.map(nameOf)]));
}
