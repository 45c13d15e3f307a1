import type { Finding } from '../model/findings/finding.ts';
import { type Code, entryOf } from './catalogue.ts';

/**
 * Hides consequences behind their cause: a missing Secret is one failure, not five. A finding is a consequence
 * where the cause's entry in the catalogue names its code and both concern one object. A consequence of a
 * consequence goes to the first cause. Pure; the order of what stays is kept.
 */
export function hideConsequences(findings: Finding[]): Finding[] {
  const causeOf = new Map<Finding, Finding>();
  for (const consequence of findings) {
    const cause = findings.find((candidate) => explains(candidate, consequence));
    if (cause !== undefined) causeOf.set(consequence, cause);
  }
  const roots = new Map<Finding, Finding[]>();
  for (const consequence of causeOf.keys()) {
    const root = rootOf(consequence, causeOf);
    roots.set(root, [...(roots.get(root) ?? []), consequence]);
  }
  return findings
    .filter((each) => !causeOf.has(each))
    .map((root) => ({
      ...root,
      consequences: (roots.get(root) ?? []).map(({ code, object, summary }) => ({
        code,
        ...(object === undefined ? {} : { object }),
        summary,
      })),
    }));
}

function explains(cause: Finding, consequence: Finding): boolean {
  if (cause === consequence) return false;
  if (entryOf(cause.code as Code).hides?.includes(consequence.code) !== true) return false;
  return cause.about.some((key) => consequence.about.includes(key));
}

/** Ends: no code hides itself, by however many steps (test/unit/doctor/catalogue.test.ts). */
function rootOf(finding: Finding, causeOf: Map<Finding, Finding>): Finding {
  const cause = causeOf.get(finding);
  return cause === undefined ? finding : rootOf(cause, causeOf);
}
