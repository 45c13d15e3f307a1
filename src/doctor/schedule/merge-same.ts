import type { Finding } from '../../model/findings/finding.ts';

/**
 * Findings that say the same become one, with the evidence of all: that a Secret is missing is seen both at
 * the CronJob that names it and at the pod that waits for it. The first one's object stays.
 */
export function mergeSame(findings: readonly Finding[]): Finding[] {
  const merged = new Map<string, Finding>();
  for (const each of findings) {
    const key = `${each.code} ${each.summary}`;
    const first = merged.get(key);
    if (first === undefined) merged.set(key, each);
    else
      merged.set(key, {
        ...first,
        evidence: [...first.evidence, ...each.evidence],
        about: [...new Set([...first.about, ...each.about])],
      });
  }
  return [...merged.values()];
}
