import { POD_DEADLINE_MS } from '../backup/pod-deadline.ts';
import { SecretsOfMany } from '../backup/release-secrets.ts';
import { ToolError } from '../errors/tool-error.ts';
import { Inventory } from '../kube/inventory.ts';
import { LIKELY_PODS } from '../kube/live-pods.ts';
import { readKinds } from '../kube/read-release.ts';
import { nameOf } from '../model/kubernetes/object.ts';
import { backupMaker } from '../model/schedule/backup-cronjob.ts';
import { secretValuesOf, withoutNames } from '../model/secrets/secrecy.ts';
import type { CommandContext } from '../session/context.ts';
import { checksOf } from './checks.ts';
import { type AreaCheck, DoctorContext } from './doctor-context.ts';
import type { DoctorScope } from './doctor-scope.ts';
import type { EarlyReads } from './early-reads.ts';
import { meanwhile } from './meanwhile.ts';
import { readReleases } from './read-releases.ts';
import { ResourceReader } from './resource-reader.ts';

/** Lists every kind at once and reads the releases; begins what else the areas are known to want. */
export async function readDoctorContext(
  reads: EarlyReads,
  options: DoctorScope,
  context: CommandContext,
): Promise<{ doctor: DoctorContext; checks: AreaCheck[] }> {
  const { kube, namespace } = reads.place;
  const inventory = new Inventory(kube, namespace, isToolError);
  const reader = new ResourceReader(kube, inventory, namespace);
  const checks = options.kinds === undefined ? checksOf(options.areas) : [];
  const kinds = options.kinds ?? checks.flatMap((check) => check.kinds);
  const early = new Set(options.early ?? checks.flatMap((check) => check.early));
  if (early.has('pods')) kube.expectPortForwards?.(LIKELY_PODS);
  const listed = readKinds(
    inventory,
    kinds.map(([apiVersion, kind]) => ({ apiVersion, kind })),
  );
  if (early.has('rights') && namespace !== undefined) void reads.rules(namespace);
  if (early.has('cluster')) void reads.cluster();
  const selection = { namespace, names: options.releases, listed };
  const observe = {
    timeoutMs: POD_DEADLINE_MS,
    intervalMs: options.intervalMs,
    early: early.has('pods'),
  };
  const [connection, releases] = await Promise.all([
    reads.connection(),
    readReleases({ kube, reader, inventory }, selection, observe),
    meanwhile(async () => {
      if (early.has('backups')) void reads.backups();
      await Promise.all(checks.map((check) => check.load()));
    }),
  ]);
  maskSecrets(inventory, releases, context);
  const doctor = new DoctorContext({
    kube,
    reader,
    reads,
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
  const secrets = new SecretsOfMany();
  for (const { live } of releases) io.mask(secrets.of(live));
  // Their scripts and what they print are shown where a backup failed.
  const names = releases.map(({ name }) => name);
  const backups = inventory.all(undefined, 'CronJob').filter((cronJob) => backupMaker(cronJob, names));
  io.mask(withoutNames(backups.flatMap(secretValuesOf), [...names, ...backups.map(nameOf)]));
}
