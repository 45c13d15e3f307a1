import type { ExitCode } from '../errors/exit-code.ts';
import { interruptible } from '../errors/interruptible.ts';
import { InterruptedError, ToolError, UsageError } from '../errors/tool-error.ts';
import { readClusterIdentity } from '../kube/cluster-identity.ts';
import { assertReleaseName } from '../model/backup-id.ts';
import { clusterName } from '../model/cluster-name.ts';
import { isUndone, type Journal } from '../model/journal.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { planLines } from '../output/plan-text.ts';
import { assertLeaseFree } from '../restore/lease.ts';
import type { ReleaseAddress, Store } from '../store/store.ts';
import type { CommandContext } from './context.ts';
import { knownClusters } from './known-clusters.ts';
import { reportRestore } from './report-restore.ts';
import { underLease } from './under-lease.ts';
import { planTheUndo, undoJournal } from './undo-journal.ts';

export interface UndoOptions {
  release: string;
  yes: boolean;
  output: OutputFormat;
  /** For the rollout, milliseconds. */
  timeoutMs: number;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
}

const UNTOUCHED = 'the cluster was not changed';

/**
 * `undo RELEASE`: takes the last restore back, also one that was cut off, by its journal. It deletes only what
 * the restore created and stops where somebody changed something since.
 */
export async function undo(options: UndoOptions, context: CommandContext): Promise<ExitCode> {
  assertReleaseName(options.release);
  const { io } = context;
  const startedAt = context.now();
  const [kube, store] = await Promise.all([context.kube(), context.store()]);
  const preparing = (async () => {
    await assertLeaseFree(kube, kube.namespace, options.release);
    const identity = await readClusterIdentity(kube);
    const cluster =
      options.clusterName ??
      clusterName(identity, identity.uid === undefined ? await knownClusters(store) : []);
    const address = { cluster, namespace: kube.namespace, release: options.release };
    const journal = await lastRestore(store, address);
    return { address, journal, planned: await planTheUndo(kube, store, address, journal, context) };
  })();
  const { address, journal, planned } = await interruptible(preparing, context.signal, UNTOUCHED);
  io.say(`Undoing the restore of ${journal.start.at} to backup ${journal.start.plan.backup.id}.`);
  for (const line of planLines(planned.plan, io.style)) io.say(line);
  if (!options.yes && !planned.plan.nothingToDo) await ask(options.release, context);

  const result = await underLease(kube, kube.namespace, options.release, context, async (signal) => {
    const again = await planTheUndo(kube, store, address, journal, context);
    return undoJournal(
      kube,
      store,
      { address, journal, planned: again, timeoutMs: options.timeoutMs, signal },
      context,
    );
  });
  return reportRestore(
    { ...result, operation: 'undo', plan: planned.plan, safety: undefined, startedAt },
    options.output,
    context,
  );
}

async function lastRestore(store: Store, address: ReleaseAddress): Promise<Journal> {
  const journals = await store.journals(address);
  const journal = journals.findLast(({ start }) => start.operation === 'restore');
  const next = `kubectl memcached-backup list ${address.release} -n ${address.namespace}`;
  if (journal === undefined) {
    throw new ToolError(`no restore of ${address.release} is on record in the store ${store.location}`, {
      untouched: UNTOUCHED,
      next,
    });
  }
  if (isUndone(journal)) {
    throw new ToolError(`the last restore of ${address.release} (${journal.start.at}) was undone already`, {
      untouched: UNTOUCHED,
      next,
    });
  }
  return journal;
}

async function ask(release: string, { io }: CommandContext): Promise<void> {
  if (!io.interactive) {
    throw new UsageError('there is no terminal to ask on', {
      untouched: UNTOUCHED,
      next: 'the same command with --yes',
    });
  }
  if (!(await io.confirm(`Undo the restore of ${release}?`))) {
    throw new InterruptedError('not undone: the answer was no', { untouched: UNTOUCHED });
  }
}
