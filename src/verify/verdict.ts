import { CHECKS, type Check, type CheckResult } from '../backup/checks/check-result.ts';
import type { VerificationDocument } from '../model/records/backup-format.ts';

/**
 * "failed": the backup is not sound. "refused": it is, and the cluster in use would not take it. "incomplete":
 * nothing is wrong, but something that matters could not be checked.
 */
export type Verdict = 'ok' | 'failed' | 'refused' | 'incomplete';

/** What the cluster in use would do with the backup: "unknown" where it gave no answer. */
export type ClusterVerdict = 'ok' | 'refused' | 'unknown' | 'not-asked';

/** What is asked of a cluster, and says nothing of the backup itself. */
const OF_CLUSTER: ReadonlySet<Check> = new Set<Check>(['api-versions', 'dry-run']);

export function verdictOf(results: readonly CheckResult[]): Verdict {
  if (!isSound(results)) return 'failed';
  if (clusterVerdictOf(results) === 'refused') return 'refused';
  return results.some((result) => result.status === 'unchecked' && result.matters) ? 'incomplete' : 'ok';
}

/** Whether nothing is wrong with the backup itself, whatever a cluster says to it. */
export function isSound(results: readonly CheckResult[]): boolean {
  return !results.some(({ check, status }) => status === 'failed' && !OF_CLUSTER.has(check));
}

export function clusterVerdictOf(results: readonly CheckResult[]): ClusterVerdict {
  const asked = results.filter(({ check }) => OF_CLUSTER.has(check));
  if (asked.some(({ status }) => status === 'failed')) return 'refused';
  if (asked.some((result) => result.status === 'unchecked' && result.matters)) return 'unknown';
  return asked.some(({ status }) => status === 'ok') ? 'ok' : 'not-asked';
}

/** What a verification that found the backup sound leaves beside it: what only this cluster refuses was not passed. */
export function passedAndUnchecked(
  results: readonly CheckResult[],
): Pick<VerificationDocument, 'passed' | 'unchecked'> {
  const has = (check: Check, wanted: CheckResult['status']): boolean =>
    results.some((result) => result.check === check && result.status === wanted);
  const passed = CHECKS.filter((check) => has(check, 'ok') && !has(check, 'failed'));
  const unchecked = results.flatMap((result) =>
    result.status === 'ok' ? [] : [{ check: result.check, what: result.what, why: result.why }],
  );
  return { passed, unchecked };
}
