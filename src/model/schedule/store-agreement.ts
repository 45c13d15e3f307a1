import type { ScheduledRun } from './run-history.ts';
import { savesRelease } from './schedule-facts.ts';

/** A backup that a store holds, as far as it matters here. */
export interface StoredMoment {
  namespace: string;
  release: string;
  /** When it was begun. */
  at: Date;
  /** Complete, undamaged and no safety backup. */
  isGood: boolean;
}

/** Whether a store tells the same as the Jobs that should have filled it. */
export type StoreAgreement =
  /** The newest run that succeeded left a good backup of each release. */
  | { verdict: 'agrees'; job: string }
  /** It succeeded, and there is none of that time, nor a later one. */
  | { verdict: 'missing'; job: string; releases: string[] }
  /** There is a good backup that is newer than every run which is known: somebody else saves there as well. */
  | { verdict: 'newer'; at: Date }
  /** No run that succeeded and saved there is kept: there is nothing to hold the store to. */
  | { verdict: 'no run' };

/** How far the clock of a node, which dates a backup, may be from the API server's, which dates its Job; milliseconds. */
const CLOCKS_MS = 60_000;

/**
 * Holds the store to the newest run that succeeded. Older backups may have gone by the rules of retention; the newest good
 * one of a release never does (docs/retention.md).
 * Where a run named no releases, one good backup of any has to be there.
 * @param location of the store; runs that saved elsewhere, by what the schedule said before, say nothing of it.
 * @param backups of this cluster, in any order.
 */
export function storeAgreement(
  runs: readonly ScheduledRun[],
  location: string | undefined,
  backups: readonly StoredMoment[],
): StoreAgreement {
  const run = runs.find((each) => each.outcome === 'succeeded' && each.location === location);
  if (run?.startedAt === undefined) return { verdict: 'no run' };
  const from = run.startedAt.getTime() - CLOCKS_MS;
  const since = backups.filter(
    ({ at, isGood, namespace, release }) =>
      isGood &&
      at.getTime() >= from &&
      savesRelease({ backup: run.told }, { namespace, name: release }) !== 'no',
  );
  const missing = (run.told?.releases ?? []).filter(
    (release) => !since.some((backup) => backup.release === release),
  );
  if (missing.length > 0 || since.length === 0)
    return { verdict: 'missing', job: run.job, releases: missing };
  const newest = Math.max(...since.map(({ at }) => at.getTime()));
  const ends = runs.map(({ endedAt }) => endedAt?.getTime() ?? Infinity);
  if (newest > Math.max(...ends) + CLOCKS_MS) return { verdict: 'newer', at: new Date(newest) };
  return { verdict: 'agrees', job: run.job };
}
