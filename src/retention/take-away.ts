import { ExitCode } from '../errors/exit-code.ts';
import { brokenOff } from '../errors/interruptible.ts';
import { ToolError } from '../errors/tool-error.ts';
import type { StoredHolding } from './holdings.ts';
import type { RetentionPlan } from './plan-retention.ts';

/** What became of what was to go. */
export interface TakenAway {
  removed: StoredHolding[];
  failed: { holding: StoredHolding; error: ToolError }[];
  /** Of the journals that went with their safety backups. */
  journals: number;
}

/**
 * Takes away what plans say is to go, the oldest of each release first, one after the other. One that can't be removed
 * does not keep the others; where the store can't be reached, the rest is not tried. What crashes left goes as well.
 * @param signal heard between two of them. @throws BrokenOffError saying how many are gone.
 */
export async function takeAway(plans: readonly RetentionPlan[], signal: AbortSignal): Promise<TakenAway> {
  const outcome: TakenAway = { removed: [], failed: [], journals: 0 };
  const goingOf = ({ verdicts }: RetentionPlan): StoredHolding[] =>
    verdicts.filter(({ keep }) => !keep).map(({ holding }) => holding);
  const total = plans.flatMap(goingOf).length;
  for (const plan of plans) {
    for (const holding of goingOf(plan).reverse()) {
      if (signal.aborted) {
        const untouched = `${outcome.removed.length} of ${total} backups were removed; each of the others is there, whole`;
        throw brokenOff(signal, 'the pruning', { untouched });
      }
      try {
        await holding.store.remove(holding.backup.address);
        outcome.removed.push(holding);
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        outcome.failed.push({ holding, error });
        if (error.exitCode === ExitCode.unreachable) return outcome;
      }
    }
    outcome.journals += await tidyUp(plan, outcome);
  }
  return outcome;
}

/** A journal whose safety backup could not be removed stays with it. @returns how many journals went. */
async function tidyUp(
  { address, verdicts, journals }: RetentionPlan,
  { failed }: TakenAway,
): Promise<number> {
  const left = new Set(failed.map(({ holding }) => holding.id));
  let removed = 0;
  for (const { store, listed } of journals) {
    const { id, journal } = listed;
    if (journal?.start.safety && left.has(journal.start.safety.id)) break;
    const isGone = await store.removeJournal(address, id).then(
      () => true,
      (error: unknown) => {
        if (!(error instanceof ToolError)) throw error;
        return false;
      },
    );
    if (!isGone) break;
    removed++;
  }
  for (const store of new Set(verdicts.map(({ holding }) => holding.store))) await store.sweep(address);
  return removed;
}
