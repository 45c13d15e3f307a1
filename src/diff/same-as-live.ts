import { secretsOfSource } from '../backup/release-secrets.ts';
import { readSource } from '../backup/source.ts';
import { mapLimited } from '../errors/map-limited.ts';
import { ToolError } from '../errors/tool-error.ts';
import { differenceBetween } from '../model/release/difference.ts';
import type { CommandContext } from '../session/context.ts';
import { currentScope } from '../session/current-scope.ts';
import { ownBackups } from '../store/find/own-backups.ts';
import type { ListedBackup } from '../store/store.ts';
import { sideOfBackup } from './difference-sides.ts';
import { LiveSides } from './live-sides.ts';

/** Whether a backup is as the release is now; "unknown" where something could not be read or compared. */
export type SameAsLive = 'same' | 'differs' | 'unknown';

/** Backups that are in memory at a time. */
const AT_ONCE = 4;

/**
 * Which of some backups are as their releases are now: `diff`'s comparison without its dry runs, as `status` has it. Reads only.
 * Those of other clusters, damaged ones, and safety backups are left out.
 * @throws UnreachableError where the cluster can't be reached.
 */
export async function sameAsLive(
  backups: readonly ListedBackup[],
  context: CommandContext,
): Promise<ReadonlyMap<ListedBackup, SameAsLive>> {
  const [kube, store] = await Promise.all([context.kube(), context.store()]);
  await kube.connectionFacts();
  const cluster = await currentScope(context).cluster();
  if (cluster === undefined) return new Map();
  const own = ownBackups(backups, cluster).filter(
    ({ summary, damage }) => summary?.kind === 'backup' && damage === undefined,
  );
  const live = new LiveSides(kube, context.io, AT_ONCE);
  const compared = await mapLimited(own, AT_ONCE, async (backup): Promise<[ListedBackup, SameAsLive]> => {
    try {
      const source = await readSource(await (await store.open(backup.address)).unsealed());
      context.io.mask(secretsOfSource(source));
      const { verdict } = differenceBetween(sideOfBackup(source), await live.of(source));
      return [backup, verdict === 'unproven' ? 'unknown' : verdict];
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      return [backup, 'unknown'];
    }
  });
  return new Map(compared);
}
