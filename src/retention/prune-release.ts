import type { RetentionRules } from '../model/retention/retention.ts';
import type { CommandContext } from '../session/context.ts';
import type { BackupAddress } from '../store/store.ts';
import { readHoldings } from './holdings.ts';
import { planRetention } from './plan-retention.ts';
import { type TakenAway, takeAway } from './take-away.ts';

/**
 * Takes away what rules don't keep of one release, of which a good backup has just been taken: the release is there. Asks nobody.
 * @param saved that backup. It stays, whatever its id: where a second's ids were freed again it may bear an older one.
 * @throws ToolError where the store can't be read; BrokenOffError.
 */
export async function pruneRelease(
  saved: BackupAddress,
  rules: RetentionRules,
  { store, stateFolder, now, signal, io }: CommandContext,
): Promise<TakenAway> {
  const places = { store: await store(), stateFolder: await stateFolder() };
  const { cluster, namespace, release } = saved;
  const found = await readHoldings(places, { cluster, namespace, release }, (line) => io.warn(line));
  const plans = found
    .map((each) => planRetention(each, rules, { now: now().getTime() }))
    .map((plan) => ({ ...plan, verdicts: plan.verdicts.filter(({ holding }) => holding.id !== saved.id) }));
  return takeAway(plans, signal);
}
