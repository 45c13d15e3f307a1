import type { ExitCode } from '../errors/exit-code.ts';
import { interruptible } from '../errors/interruptible.ts';
import { InterruptedError, ToolError, UsageError } from '../errors/tool-error.ts';
import { readClusterIdentity } from '../kube/cluster-identity.ts';
import { assertReleaseName } from '../model/backup-id.ts';
import { clusterName } from '../model/cluster-name.ts';
import { isUndone, type Journal } from '../model/journal.ts';
import { uidOf } from '../model/object.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { planLines } from '../output/plan-text.ts';
import { assertLeaseFree } from '../restore/lease.ts';
import { namespaceMadeBy } from '../restore/undo-plan.ts';
import type { SafeKeeping } from '../store/safe-keeping.ts';
import type { ReleaseAddress } from '../store/store.ts';
import type { CarriedOut } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { knownClusters } from './known-clusters.ts';
import { openSafeKeeping } from './open-safe-keeping.ts';
import { reportRestore } from './report-restore.ts';
import { underLease } from './under-lease.ts';
import { assertUndoable, planTheUndo, undoJournal } from './undo-journal.ts';

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
  const [kube, keep] = await Promise.all([context.kube(), openSafeKeeping(context)]);
  const preparing = (async () => {
    await assertLeaseFree(kube, kube.namespace, options.release);
    const identity = await readClusterIdentity(kube);
    const cluster =
      options.clusterName ??
      clusterName(identity, identity.uid === undefined ? await knownClusters(keep.store) : []);
    const address = { cluster, namespace: kube.namespace, release: options.release };
    const journal = await lastRestore(keep, address);
    return { address, journal, planned: await planTheUndo(kube, keep, address, journal, context) };
  })();
  const { address, journal, planned } = await interruptible(preparing, context.signal, UNTOUCHED);
  io.say(`Undoing the restore of ${journal.start.at} to backup ${journal.start.plan.backup.id}.`);
  for (const line of planLines(planned.plan, io.style)) io.say(line);
  assertUndoable(planned, journal, keep);
  const { namespace } = planned.live;
  const isMadeByIt = namespace !== undefined && namespaceMadeBy(journal, namespace) === uidOf(namespace);
  if (isMadeByIt) {
    io.say(`  delete   namespace/${address.namespace}: the restore created it; it stays if it holds more`);
  }
  if (!options.yes && (isMadeByIt || !planned.plan.nothingToDo)) await ask(options.release, context);

  const { timeoutMs } = options;
  const work = async (signal: AbortSignal): Promise<CarriedOut> => {
    const again = await planTheUndo(kube, keep, address, journal, context);
    return undoJournal(kube, keep, { address, journal, planned: again, timeoutMs, signal }, context);
  };
  // Where the namespace is gone there is nothing to keep a Lease in, and nothing to write.
  const result =
    namespace === undefined
      ? await work(context.signal)
      : await underLease(kube, kube.namespace, options.release, context, work);
  return reportRestore(
    { ...result, operation: 'undo', plan: planned.plan, safety: undefined, startedAt },
    options.output,
    context,
  );
}

async function lastRestore(keep: SafeKeeping, address: ReleaseAddress): Promise<Journal> {
  const journals = await keep.journals(address);
  const journal = journals.findLast(({ start }) => start.operation === 'restore');
  const next = `kubectl memcached-backup list ${address.release} -n ${address.namespace}`;
  if (journal === undefined) {
    throw new ToolError(`no restore of ${address.release} is on record in the store ${keep.store.location}`, {
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
