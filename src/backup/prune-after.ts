import { ToolError } from '../errors/tool-error.ts';
import type { RetentionRules } from '../model/retention/retention.ts';
import { pruneRelease } from '../retention/prune-release.ts';
import type { CommandContext } from '../session/context.ts';
import type { ReleaseAddress, SavedBackup } from '../store/store.ts';

/** What became of the older backups of a release that was just saved. */
export interface PrunedAfter {
  address: ReleaseAddress;
  removed: number;
  bytes: number;
  /** What could not be removed, or why nothing was. */
  failed: ToolError[];
}

/**
 * Takes away what the rules don't keep of a release whose backup was just saved. Never throws for what fails: the backup is
 * saved. Nothing is done after an incomplete one.
 */
export async function pruneAfter(
  { address, document }: SavedBackup,
  rules: RetentionRules,
  context: CommandContext,
): Promise<PrunedAfter[]> {
  if (!document.complete) return [];
  const { cluster, namespace, release } = address;
  const ofRelease = { cluster, namespace, release };
  try {
    const { removed, failed } = await pruneRelease(address, rules, context);
    const bytes = removed.reduce((sum, { backup }) => sum + (backup.summary?.bytes ?? 0), 0);
    return [{ address: ofRelease, removed: removed.length, bytes, failed: failed.map(({ error }) => error) }];
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return [{ address: ofRelease, removed: 0, bytes: 0, failed: [error] }];
  }
}
