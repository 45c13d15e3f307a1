import { advice } from '../../advice/advice.ts';
import { tool } from '../../advice/command.ts';
import { EarlyAnswers } from '../../backup/early-answers.ts';
import { interruptible } from '../../errors/interruptible.ts';
import { ToolError, UsageError } from '../../errors/tool-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { livePodTargets, loginsOfLive } from '../../kube/live-pods.ts';
import { beginRelease } from '../../kube/read-release.ts';
import { uidOf } from '../../model/kubernetes/object.ts';
import { isBackupId, isIdPrefix } from '../../model/records/backup-id.ts';
import { parseSelector } from '../../model/records/backup-selector.ts';
import { isUndone, type Journal, lastRestoreAmong, wroteNothing } from '../../model/records/journal.ts';
import type { OutputFormat } from '../../output/output-format.ts';
import { planLines } from '../../output/plan-text.ts';
import { targetInWords } from '../../output/target-in-words.ts';
import { askFirst } from '../../session/ask-first.ts';
import { clusterInUse } from '../../session/cluster-in-use.ts';
import type { CommandContext } from '../../session/context.ts';
import { openUndoStore } from '../../session/open-undo-store.ts';
import { listCommand, type StoreName } from '../../store/advice.ts';
import type { ClusterInUse } from '../../store/cluster-name.ts';
import { backupAtPath } from '../../store/find/locate-backup.ts';
import { ownFolders, ownJournals } from '../../store/find/own-backups.ts';
import type { UndoStore } from '../../store/journal/undo-store.ts';
import type { ReleaseAddress } from '../../store/store.ts';
import type { Course } from '../course.ts';
import { unreadableJournal } from '../journal/believe-journal.ts';
import { assertLeaseFree } from '../lease/release-lease.ts';
import { underLease } from '../lease/under-lease.ts';
import { withEmptyingCost } from '../plan/emptying-cost.ts';
import type { Pace } from '../pods/paced/pace.ts';
import { type AdviceScope, undoCommand } from '../restore-command.ts';
import { assertUndoable, type PlannedUndo, planTheUndo, type Undone, undoJournal } from './undo-journal.ts';
import { namespaceMadeBy } from './undo-plan.ts';

export interface UndoOptions {
  /** RELEASE; with @ID, or as the path of a backup's folder, only if that was restored last. */
  release: string;
  /** -n, or the namespace that Helm names; the context's where undefined. */
  namespace?: string;
  yes: boolean;
  output: OutputFormat;
  /** --paced: how gently pods are replaced; as their workloads say where absent. */
  pace?: Pace;
  /** For the rollout, milliseconds. */
  timeoutMs: number;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
}

const UNTOUCHED = 'the cluster was not changed';

/** An undo of which nothing was done yet. */
export interface PreparedUndo {
  kube: KubeClient;
  undoStore: UndoStore;
  /** For advice. */
  scope: AdviceScope;
  /** Of the restore that is taken back. */
  journal: Journal;
  planned: PlannedUndo;
}

/**
 * Finds the last restore of a release, also one that was cut off, by its journal, and plans the way back. Reads only.
 * @throws ToolError where there is none, it was undone already or wrote nothing, or somebody else restores the release.
 */
export async function prepareUndo(options: UndoOptions, context: CommandContext): Promise<PreparedUndo> {
  const [kube, undoStore] = await Promise.all([context.kube(), openUndoStore(context)]);
  const preparing = async (): Promise<PreparedUndo> => {
    const wanted = await namedRestore(options, kube.namespace, undoStore.store);
    const { namespace, release } = wanted;
    const begun = beginRelease(kube, { namespace, release });
    const [cluster] = await Promise.all([
      clusterInUse(kube, async () => undoStore.store, options.clusterName),
      assertLeaseFree(kube, namespace, release),
    ]);
    const address = await whereLastRestored(undoStore, cluster, namespace, release);
    const scope = { store: undoStore.store, address, clusterName: options.clusterName };
    const journal = await lastRestore(undoStore, { scope, cluster, backup: wanted.backup });
    const { pace } = options;
    const planned = await planTheUndo(kube, undoStore, { address, journal, pace, known: { begun } }, context);
    const plan = await withEmptyingCost(kube, planned);
    return { kube, undoStore, scope, journal, planned: { ...planned, plan } };
  };
  return interruptible(preparing(), context.signal, UNTOUCHED);
}

/**
 * Shows the plan, asks, and carries the undo out. It deletes only what the restore created and stops where somebody
 * changed something since.
 * @param course told how far it has come.
 * @throws ToolError: refused, not agreed to, failed, or broken off.
 */
export async function carryOutUndo(
  { kube, undoStore, journal, planned }: PreparedUndo,
  course: Course,
  options: UndoOptions,
  context: CommandContext,
): Promise<Undone> {
  const { scope, writes } = course;
  const { io } = context;
  io.say(`Undoing the restore of ${journal.start.at} to backup ${journal.start.plan.backup.id}.`);
  const { safety } = journal.start;
  const back = safety === null ? { undo: undefined } : { undo: safety.id };
  for (const line of planLines(planned.plan, io.style, back)) io.say(line);
  assertUndoable(planned, journal, scope);
  const { address } = scope;
  const { namespace } = planned.live;
  const isMadeByIt = namespace !== undefined && namespaceMadeBy(journal, namespace) === uidOf(namespace);
  if (isMadeByIt) {
    io.say(`  delete   namespace/${address.namespace}: the restore created it; it stays if it holds more`);
  }
  if (!options.yes && (isMadeByIt || !planned.plan.nothingToDo)) {
    const target = ` in ${targetInWords({ context: kube.contextName, server: kube.server })}`;
    const question = `Undo the restore of ${address.release} in namespace ${address.namespace}${target}?`;
    await askFirst(io, question, { refusal: 'not undone', untouched: UNTOUCHED });
  }

  const { timeoutMs } = options;
  const onBegin = (location: string): void => {
    course.journal = location;
  };
  const undoNow = async (signal: AbortSignal): Promise<Undone> => {
    // As for a restore under its Lease: the release and its pods are asked again, whatever was asked before.
    const early = new EarlyAnswers(kube);
    early.ask(livePodTargets(planned.live), loginsOfLive(planned.live));
    const wanted = { address, journal, pace: options.pace, known: { before: planned, early } };
    const again = await planTheUndo(kube, undoStore, wanted, context);
    const { emptyingCost } = planned.plan;
    course.plan = { ...again.plan, ...(emptyingCost === undefined ? {} : { emptyingCost }) };
    const told = { scope, journal, planned: again, timeoutMs, signal, writes, onBegin };
    return undoJournal(kube, undoStore, told, context);
  };
  // Where the namespace is gone there is nothing to keep a Lease in, and nothing to write.
  return namespace === undefined ? undoNow(context.signal) : underLease(kube, address, context, undoNow);
}

/** The release whose restore is meant, and the backup that it must have been restored to, where one was named. */
async function namedRestore(
  { release: word, namespace }: UndoOptions,
  inUse: string,
  store: StoreName,
): Promise<{ namespace: string; release: string; backup?: string }> {
  const located = await backupAtPath(word, async () => store);
  if (located !== undefined) {
    const { document } = await located.open();
    return {
      namespace: namespace ?? document.namespace.name,
      release: document.release,
      backup: document.id,
    };
  }
  const { namespace: ofRelease, release, id } = parseSelector(word, store.flags);
  if (!isBackupId(id) && !isIdPrefix(id) && id !== 'latest') {
    throw new UsageError(`undo takes the last restore back: ${release}@${id} names none by its backup's id`, {
      untouched: UNTOUCHED,
      next: tool('undo', release, '-n', ofRelease ?? inUse, ...store.flags),
    });
  }
  return { namespace: ofRelease ?? inUse, release, ...(id === 'latest' ? {} : { backup: id }) };
}

/** Who may not read kube-system has another folder for the same cluster: the journal of the last restore counts. */
async function whereLastRestored(
  undoStore: UndoStore,
  cluster: ClusterInUse,
  namespace: string,
  release: string,
): Promise<ReleaseAddress> {
  const listed = await undoStore.store.list({ namespace, release }).catch(() => []);
  const folders = ownFolders(listed, cluster);
  const journals = await ownJournals(folders, { namespace, release }, (address) =>
    undoStore.journals(address),
  );
  const last = journals.findLast(
    ({ listed: { journal, damage } }) => damage !== undefined || journal?.start.operation === 'restore',
  );
  return last?.address ?? { cluster: cluster.name, namespace, release };
}

/** Namespaces in which a release of this name was restored, by name: whoever is in the wrong one must not hear that there was none. */
async function restoredElsewhere(
  undoStore: UndoStore,
  cluster: ClusterInUse,
  { namespace, release }: ReleaseAddress,
): Promise<string[]> {
  const listed = await undoStore.store.list({ release }).catch(() => []);
  const others = new Set(listed.map(({ address }) => address.namespace));
  others.delete(namespace);
  others.delete('');
  const folders = ownFolders(listed, cluster);
  const restored = [...others].sort().map(async (other) => {
    const journals = await ownJournals(folders, { namespace: other, release }, (address) =>
      undoStore.journals(address),
    ).catch(() => []);
    return journals.some(({ listed: { journal } }) => journal?.start.operation === 'restore') ? [other] : [];
  });
  return (await Promise.all(restored)).flat();
}

async function lastRestore(
  undoStore: UndoStore,
  { scope, cluster, backup }: { scope: AdviceScope; cluster: ClusterInUse; backup: string | undefined },
): Promise<Journal> {
  const { address, store } = scope;
  const { last: journal, unreadable } = lastRestoreAmong(await undoStore.journals(address));
  const next = listCommand(store, address.release, address.namespace);
  // An older restore is not taken back in its place: what came after it would be lost, or in between.
  const damaged = unreadable.at(-1);
  if (damaged !== undefined) throw unreadableJournal(damaged, next);
  if (journal === undefined) {
    const places = await restoredElsewhere(undoStore, cluster, address);
    const [first] = places;
    if (first !== undefined) {
      throw new ToolError(
        `no restore of ${address.release} in namespace ${address.namespace} is on record; there is one in namespace ${places.join(' and one in namespace ')}`,
        { untouched: UNTOUCHED, next: tool('undo', address.release, '-n', first, ...store.flags) },
      );
    }
    throw new ToolError(
      `no restore of ${address.release} in namespace ${address.namespace} is on record in the store ${store.location}`,
      {
        untouched: UNTOUCHED,
        next,
      },
    );
  }
  if (isUndone(journal)) {
    throw new ToolError(`the last restore of ${address.release} (${journal.start.at}) was undone already`, {
      untouched: UNTOUCHED,
      next,
    });
  }
  if (wroteNothing(journal)) {
    throw new ToolError(
      `the last restore of ${address.release} (${journal.start.at}) wrote nothing: there is nothing to undo`,
      { untouched: UNTOUCHED, next },
    );
  }
  const { id } = journal.start.plan.backup;
  if (backup !== undefined && !isNamedBy(id, backup)) {
    throw new ToolError(
      `the last restore of ${address.release} (${journal.start.at}) was to backup ${id}, not to ${backup}`,
      {
        untouched: UNTOUCHED,
        next: advice`to take that one back: ${undoCommand(scope)}`,
      },
    );
  }
  return journal;
}

/** By the whole id, or by its beginning. */
function isNamedBy(id: string, text: string): boolean {
  return isBackupId(text) ? id === text : id.startsWith(text);
}
