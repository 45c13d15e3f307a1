import type { VerificationDocument } from '../model/backup.ts';
import { CHECKS, type CheckResult } from './check-result.ts';

/** "incomplete": nothing is wrong, but something that matters could not be checked. */
export type Verdict = 'ok' | 'failed' | 'incomplete';

export function verdictOf(results: readonly CheckResult[]): Verdict {
  if (results.some(({ status }) => status === 'failed')) return 'failed';
  return results.some((result) => result.status === 'unchecked' && result.matters) ? 'incomplete' : 'ok';
}

/** What a verification that found nothing wrong leaves beside the backup. */
export function passedAndUnchecked(
  results: readonly CheckResult[],
): Pick<VerificationDocument, 'passed' | 'unchecked'> {
  const passed = CHECKS.filter((check) =>
    results.some((result) => result.check === check && result.status === 'ok'),
  );
  const unchecked = results.flatMap((result) =>
    result.status === 'unchecked' ? [{ check: result.check, what: result.what, why: result.why }] : [],
  );
  return { passed, unchecked };
}
