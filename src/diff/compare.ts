import { settingsOfLivePods } from '../backup/ask-pods-through.ts';
import { liveReleaseOf } from '../backup/live-release-of.ts';
import { readSoundSource } from '../backup/read-sound-source.ts';
import { secretsOfLive, secretsOfSource } from '../backup/release-secrets.ts';
import type { RestoreSource } from '../backup/source.ts';
import { orUndefined } from '../errors/or-undefined.ts';
import { UsageError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { type ClusterIdentity, readClusterIdentity } from '../kube/cluster-identity.ts';
import { beginRelease, type LiveRelease, type ReleaseReading } from '../kube/read-release.ts';
import { objectAt, valueAt } from '../model/json/json.ts';
import { type KubeObject, keyOf } from '../model/kubernetes/object.ts';
import { parseSelector } from '../model/records/backup-selector.ts';
import { type Difference, differenceBetween } from '../model/release/difference.ts';
import { tryWrites } from '../restore/plan/dry-run.ts';
import { withLiveRecords } from '../restore/plan/left-out-secrets.ts';
import type { CommandContext } from '../session/context.ts';
import { currentScope } from '../session/current-scope.ts';
import { isOtherCluster } from '../store/cluster-name.ts';
import { locateBackup, type WantedBackup } from '../store/find/locate-backup.ts';
import { sideOfBackup, sideOfLive } from './difference-sides.ts';

/** What is compared. */
export interface Compared {
  /** RELEASE[@ID] or a path; the store's only release where undefined. */
  backup?: string;
  /** -n: only backups of this namespace. */
  namespace?: string;
  /** @ID, RELEASE@ID or a path: compare with that backup, not with the cluster. */
  against?: string;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
  /** --before */
  before?: string;
}

/**
 * What differs between a backup and the cluster, or another backup. Reads only; the server is asked for dry runs so that
 * its own defaults are no difference.
 * @throws ToolError where there is no such backup or it is damaged, UsageError where the two are not of one release.
 */
export async function compare(
  options: Compared,
  context: CommandContext,
): Promise<{ source: RestoreSource; difference: Difference }> {
  const early = options.against === undefined ? await beginEarly(options, context) : undefined;
  const source = await openBackup(
    {
      name: options.backup,
      namespace: options.namespace,
      clusterName: options.clusterName,
      before: options.before,
    },
    context,
  );
  const difference =
    options.against === undefined
      ? await compareLive(await context.kube(), source, { context, early })
      : await compareBackups(source, options.against, context);
  return { source, difference };
}

/** What is asked of the cluster that the words seem to mean, while the store is asked for the backup. */
interface EarlyReading {
  release: ReleaseReading;
  identity: Promise<ClusterIdentity>;
}

/** Undefined where the words name no release, or may name a path, which alone tells it, and where there is no cluster. */
async function beginEarly(
  { backup, namespace }: Compared,
  context: CommandContext,
): Promise<EarlyReading | undefined> {
  return orUndefined(async () => {
    if (backup === undefined) return undefined;
    const named = parseSelector(backup);
    const kube = await context.kube();
    const identity = readClusterIdentity(kube);
    identity.catch(() => {});
    const place = named.namespace ?? namespace ?? kube.namespace;
    return { release: beginRelease(kube, { namespace: place, release: named.release }), identity };
  });
}

/** @throws ToolError where there is no such backup or it is damaged. */
async function openBackup(
  wanted: Pick<WantedBackup, 'name' | 'namespace' | 'clusterName' | 'cluster' | 'before'>,
  context: CommandContext,
): Promise<RestoreSource> {
  const located = await locateBackup(context.store, {
    ...wanted,
    here: currentScope(context),
    command: 'diff',
  });
  const source = await readSoundSource(await located.open(), context);
  context.io.mask(secretsOfSource(source));
  return source;
}

/** The cluster is not asked: what was saved can be compared when it is away. */
async function compareBackups(
  source: RestoreSource,
  against: string,
  context: CommandContext,
): Promise<Difference> {
  const { release, namespace, cluster: from } = source.document;
  const { name: folder, uid, caDigest } = from;
  const cluster = { name: folder, identity: { uid, caDigest } };
  const name = against.startsWith('@') ? `${release}${against}` : against;
  const other = await openBackup({ name, namespace: namespace.name, cluster }, context);
  if (other.document.release !== release) {
    throw new UsageError(
      `${against} is a backup of ${other.document.release}, not of ${release}: there is nothing to compare`,
    );
  }
  return differenceBetween(sideOfBackup(source), sideOfBackup(other));
}

async function compareLive(
  kube: KubeClient,
  source: RestoreSource,
  { context, early }: { context: CommandContext; early: EarlyReading | undefined },
): Promise<Difference> {
  const { document } = source;
  const [identity, live] = await Promise.all([
    early?.identity ?? readClusterIdentity(kube),
    liveReleaseOf(kube, source, { begun: early?.release }),
  ]);
  context.io.mask(secretsOfLive(live));
  if (isOtherCluster(document.cluster, identity)) {
    context.io.warn(`the backup is of another cluster, ${document.cluster.name}`);
  }
  const from = sideOfBackup(withLiveRecords(source, live));
  const [pods, expected] = await Promise.all([
    settingsOfLivePods(kube, live),
    expectedObjects(kube, source, live, differenceBetween(from, sideOfLive(live, []))),
  ]);
  return differenceBetween(from, sideOfLive(live, pods), expected);
}

/**
 * What this server would make of the backup's objects that seem to differ: a field that only a newer API
 * server fills in is then no difference. Where it may not be asked, the clean forms have to do.
 */
async function expectedObjects(
  kube: KubeClient,
  source: RestoreSource,
  live: LiveRelease,
  seeming: Difference,
): Promise<Map<string, KubeObject>> {
  const keys = new Set(
    seeming.objects.filter(({ change }) => change === 'changed').map(({ ref }) => keyOf(ref)),
  );
  const objects = source.objects.filter(({ ref }) => keys.has(keyOf(ref)));
  const answers = await tryWrites(kube, source, live, { objects });
  return new Map(
    objects.flatMap(({ ref, raw }) => {
      const answer = answers.get(keyOf(ref));
      return answer?.kind === 'accepted' ? [[keyOf(ref), withOwnersOf(answer.object, raw)] as const] : [];
    }),
  );
}

/**
 * What a write takes from the live object or leaves to the server, as the backup has it: finalizers, and the
 * field owners, off which it is read who chose a node port.
 */
function withOwnersOf(answer: KubeObject, raw: KubeObject): KubeObject {
  const { finalizers: _live, ...metadata } = objectAt(answer, 'metadata') ?? {};
  for (const field of ['finalizers', 'managedFields']) {
    const value = valueAt(raw, 'metadata', field);
    if (value !== undefined) metadata[field] = value;
  }
  return { ...answer, metadata };
}
