import { type BackedUp, backUpReleases, type WantedReleases } from '../backup/back-up-releases.ts';
import { type CheckResult, failed } from '../backup/checks/check-result.ts';
import { interruptible } from '../errors/interruptible.ts';
import { BrokenOffError, ToolError } from '../errors/tool-error.ts';
import type { CommandContext } from '../session/context.ts';
import type { SavedBackup } from '../store/store.ts';
import type { Verdict } from './verdict.ts';
import { verifyReader } from './verify-backup.ts';

/** What came of reading a backup again that was just saved. */
export interface VerifiedBackup {
  verdict: Verdict;
  results: CheckResult[];
  /** Whether verified.json says so now. */
  noted: boolean;
}

/**
 * Saves releases as `backUpReleases` does, and reads each backup again from the store, every byte of it, as `verify --offline`
 * does: no cluster is asked, and nothing is rendered, so that it takes no permission beyond those of a backup. Older ones are
 * pruned only after a backup that passed.
 * @throws as backUpReleases; what is wrong with a backup is in its results.
 */
export async function backUpAndVerify<T>(
  wanted: WantedReleases,
  keep: (taken: SavedBackup, verified: VerifiedBackup) => T,
  context: CommandContext,
): Promise<BackedUp<T>> {
  const verified = new Map<SavedBackup, VerifiedBackup>();
  const confirm = async (taken: SavedBackup): Promise<boolean> => {
    const outcome = await verifySaved(taken, context);
    verified.set(taken, outcome);
    return outcome.verdict !== 'failed';
  };
  const keepBoth = (taken: SavedBackup): T => {
    const outcome = verified.get(taken)!;
    verified.delete(taken);
    return keep(taken, outcome);
  };
  return backUpReleases(wanted, { confirm, keep: keepBoth }, context);
}

/** A backup that can't be read again has failed: whoever asked for this wants to know that it would restore. */
async function verifySaved({ address }: SavedBackup, context: CommandContext): Promise<VerifiedBackup> {
  const checking = async (): Promise<VerifiedBackup> => {
    const reader = await (await context.store()).open(address);
    return verifyReader(reader, { offline: true, helm: undefined }, context);
  };
  try {
    return await interruptible(checking(), context.signal, 'the backup is saved, and was not verified');
  } catch (error) {
    if (!(error instanceof ToolError) || error instanceof BrokenOffError) throw error;
    return {
      verdict: 'failed',
      results: [failed('backup.json', 'backup.json', error.message)],
      noted: false,
    };
  }
}
