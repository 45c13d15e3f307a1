import { timeOfId } from '../model/records/backup-id.ts';
import { isUnfinished } from '../model/records/journal.ts';
import { before } from '../model/retention/calendar-span.ts';
import { judgeRetention, type RetentionRules, type Verdict } from '../model/retention/retention.ts';
import type { ReleaseAddress } from '../store/store.ts';
import type { ReleaseHoldings, StoredHolding, StoredJournal } from './holdings.ts';

/** What is to stay of a release, and what is to go. */
export interface RetentionPlan {
  address: ReleaseAddress;
  /** Newest first. */
  verdicts: Verdict<StoredHolding>[];
  /** Those of restores that ended, whose safety backup goes or is gone. */
  journals: StoredJournal[];
}

/** @param options as of judgeRetention. */
export function planRetention(
  { address, holdings, journals }: ReleaseHoldings,
  rules: RetentionRules,
  options: { now: number; keepAll?: string | undefined },
): RetentionPlan {
  const verdicts = judgeRetention(holdings, rules, options);
  const kept = new Set(verdicts.filter(({ keep }) => keep).map(({ holding }) => holding.id));
  const limit = before(options.now, rules.keepSafety);
  const isOver = ({ listed: { id, journal } }: StoredJournal): boolean =>
    options.keepAll === undefined &&
    journal !== undefined &&
    !isUnfinished(journal) &&
    timeOfId(id) <= limit &&
    !(journal.start.safety !== null && kept.has(journal.start.safety.id));
  return { address, verdicts, journals: oldestUntil(journals, isOver) };
}

/** From the oldest on, in each place: with a newer one gone and an older one there, `undo` would take that for the last. */
function oldestUntil(
  journals: readonly StoredJournal[],
  isOver: (journal: StoredJournal) => boolean,
): StoredJournal[] {
  const places = Map.groupBy(journals, ({ store }) => store);
  return [...places.values()].flatMap((each) => {
    const end = each.findIndex((journal) => !isOver(journal));
    return end < 0 ? each : each.slice(0, end);
  });
}
