import { setImmediate as others } from 'node:timers/promises';
import { interruptible } from '../errors/interruptible.ts';
import { InterruptedError, ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { ClusterIdentity } from '../kube/cluster-identity.ts';
import { LIKELY_PODS, loginsOfLive } from '../kube/live-pods.ts';
import { type LiveRelease, noSuchRelease } from '../kube/read-release.ts';
import type { BackupDocument, BackupKind } from '../model/records/backup-format.ts';
import { backupId } from '../model/records/backup-id.ts';
import { clusterOf } from '../session/cluster-in-use.ts';
import type { CommandContext } from '../session/context.ts';
import type { BackupAddress, BegunSave, SavedBackup, Store } from '../store/store.ts';
import { askPodsThrough } from './ask-pods-through.ts';
import { assemble, type LaidOut, layOut } from './assemble.ts';
import { type Collected, collect } from './collect.ts';
import { EarlyAnswers } from './early-answers.ts';
import { SecretsOfMany } from './release-secrets.ts';

export interface SaveOptions {
  kind: BackupKind;
  /** Before the first request; the backup's id and name. */
  startedAt: Date;
  /** Overrides the cluster's folder in the store. */
  clusterName?: string;
  /** The cluster's folder, asked once of all that one command saves: the whole store may have to be listed for it. */
  folderOf?: (identity: ClusterIdentity) => Promise<string>;
  /** Nothing that a Secret holds is saved. */
  withoutSecrets?: boolean;
  /** What is to be read beside it: one line. */
  note?: string;
}

export interface TakeOptions extends SaveOptions {
  namespace: string;
  release: string;
}

const NOTHING_SAVED = 'nothing was saved, and nothing in the cluster was changed';

/**
 * Takes one backup and writes it to the store: collect, ask the pods, assemble, write. The cluster is only
 * read. @throws ToolError where the release does not exist or the store can't be written; then nothing of
 * the backup remains.
 */
export async function takeBackup(
  kube: KubeClient,
  store: Store,
  options: TakeOptions,
  context: CommandContext,
): Promise<SavedBackup> {
  const { namespace, release } = options;
  kube.expectPortForwards?.(LIKELY_PODS);
  const early = new EarlyAnswers(kube);
  const collecting = collect(kube, namespace, release, early);
  const collected = await interruptible(collecting, context.signal, NOTHING_SAVED);
  return saveBackup({ kube, store, early }, collected, options, context);
}

interface Saver {
  kube: KubeClient;
  store: Store;
  early?: EarlyAnswers;
  /** Where it is one of many. */
  secrets?: SecretsOfMany;
}

/** Asks the pods of what was collected, assembles the backup and writes it. @throws as takeBackup does. */
export async function saveBackup(
  { kube, store, early, secrets = new SecretsOfMany() }: Saver,
  collected: Collected,
  options: SaveOptions,
  context: CommandContext,
): Promise<SavedBackup> {
  const { startedAt } = options;
  // What the pods answered meanwhile is to be heard between the steps.
  if (early !== undefined) await others();
  const { history, classified, namespaceName: namespace, release } = collected.live;
  // What is only recorded can't be restored: whoever relies on such a backup has none.
  const kept = options.kind === 'safety' ? classified : classified.filter(({ role }) => role === 'owned');
  if (history.length === 0 && kept.length === 0) {
    throw await noSuchRelease(kube, namespace, release);
  }
  context.io.mask(secrets.of(collected.live));
  const asking = askPodsThrough(kube, collected.targets, {
    loginsOf: loginsOfLive(collected.live),
    ...(early === undefined ? {} : { early }),
  });
  const naming =
    options.folderOf?.(collected.identity) ?? nameCluster(store, collected.identity, options.clusterName);
  const id = backupId(startedAt);
  asking.catch(() => {});
  const address = naming.then((cluster) => ({ cluster, namespace, release, id }));
  let begun: BegunSave | undefined;
  try {
    const saving = await interruptible(
      beginSave({ store, live: collected.live, signal: context.signal }, options, address),
      context.signal,
      NOTHING_SAVED,
    );
    begun = saving.begun;
    const { answers, denied } = await interruptible(asking, context.signal, NOTHING_SAVED);
    const all = { ...collected, skipped: [...collected.skipped, ...denied] };
    const content = assemble(all, {
      kind: options.kind,
      id,
      clusterName: saving.address.cluster,
      toolVersion: context.version,
      pods: answers.map(({ settings }) => settings),
      startedAt,
      finishedAt: context.now(),
      ...(saving.laidOut === undefined ? {} : { laidOut: saving.laidOut }),
      ...(options.withoutSecrets === true ? { withoutSecrets: true } : {}),
      ...(options.note === undefined ? {} : { note: options.note }),
    });
    if (options.withoutSecrets === true && !content.document.objects.some(({ role }) => role === 'owned'))
      throw nothingWithoutSecrets(content.document);
    return await (begun?.save(content, context.signal) ??
      store.save(saving.address, content, context.signal));
  } catch (error) {
    await begun?.drop();
    if (error !== context.signal.reason) throw error;
    throw new InterruptedError('interrupted', { untouched: NOTHING_SAVED });
  }
}

interface Saving {
  address: BackupAddress;
  /** Absent where the pods' answers may change it. */
  laidOut?: LaidOut;
  /** Absent where the store needs all of it first. */
  begun?: BegunSave;
}

/** Lays out what the pods have no say in, and has it written while they are asked. */
async function beginSave(
  { store, live, signal }: { store: Store; live: LiveRelease; signal: AbortSignal },
  { kind, withoutSecrets }: SaveOptions,
  addressed: Promise<BackupAddress>,
): Promise<Saving> {
  const address = await addressed;
  // After an interruption nobody waits for this any more, and nobody would drop it.
  if (withoutSecrets === true || signal.aborted) return { address };
  const begun = await store.begin?.(address, kind);
  if (signal.aborted) {
    await begun?.drop();
    return { address };
  }
  const laidOut = layOut(live);
  begun?.write(laidOut.files);
  return { address, laidOut, ...(begun === undefined ? {} : { begun }) };
}

/** Every object of the release holds a Secret's value. */
function nothingWithoutSecrets({ release, skipped }: BackupDocument): ToolError {
  const reasons = skipped.filter(({ asked }) => asked !== true).map(({ what, why }) => `${what}: ${why}`);
  return new ToolError(
    `nothing of release "${release}" can be saved without its Secrets${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}`,
    { untouched: NOTHING_SAVED, next: 'seal the backup instead: --encrypt-to RECIPIENT' },
  );
}

/** The folder of a cluster in the store. @throws ToolError where nothing tells the cluster from another. */
export async function nameCluster(
  store: Store,
  identity: ClusterIdentity,
  override: string | undefined,
): Promise<string> {
  if (override !== undefined) return override;
  return (await clusterOf(identity, async () => store)).name;
}
