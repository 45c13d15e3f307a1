import { CHECKS, type CheckResult } from '../backup/checks/check-result.ts';
import type { Column } from '../output/table.ts';

/** A line of the table: one result, or several that say the same. */
export interface VerifyRow {
  check: string;
  result: CheckResult['status'];
  what: string;
  why: string;
}

export const VERIFY_COLUMNS: Column<VerifyRow>[] = [
  { header: 'CHECK', cell: ({ check }) => check },
  { header: 'RESULT', cell: ({ result }) => result },
  { header: 'WHAT', cell: ({ what }) => what },
  { header: 'WHY', cell: ({ why }) => why, mayBeCut: true },
];

/** Things that one line names; -o wide has them all. */
const NAMED = 3;

/**
 * Check by check: what is fine in one line, what is wrong in a line each, what could not be checked in a line
 * for each reason.
 * @param each a line for each result.
 */
export function verifyRows(results: readonly CheckResult[], { each }: { each: boolean }): VerifyRow[] {
  return CHECKS.flatMap((check) => {
    const own = results.filter((result) => result.check === check);
    const groups = Map.groupBy(own, (result) => {
      const alone = each || result.status === 'failed';
      return JSON.stringify([result.status, whyOf(result), alone ? result.what : '']);
    });
    return [...groups.values()].map((group) => rowOf(group, own.length));
  });
}

function rowOf(group: CheckResult[], all: number): VerifyRow {
  const [first] = group as [CheckResult];
  const what =
    first.status === 'ok' && group.length > 1
      ? `${group.length} of ${all}`
      : named(group.map((result) => result.what));
  return { check: first.check, result: first.status, what, why: whyOf(first) };
}

function whyOf(result: CheckResult): string {
  return result.status === 'ok' ? '' : result.why;
}

function named(names: string[]): string {
  const more = names.length - NAMED;
  return more > 0 ? `${names.slice(0, NAMED).join(', ')} and ${more} more` : names.join(', ');
}
