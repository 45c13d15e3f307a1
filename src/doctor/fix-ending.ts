import type { Finding } from '../model/findings/finding.ts';
import { displayName, type ObjectRef } from '../model/kubernetes/object.ts';
import type { Fix } from './look-again.ts';

/**
 * What `--fix` ends with: what it mended, and what is left to the person, by code.
 * @param findings of the last look.
 */
export function fixEnding(fixes: readonly Fix[], findings: readonly Finding[]): string[] {
  const mended = fixes.filter(({ outcome }) => outcome === 'fixed');
  const left = findings.filter(({ severity }) => severity === 'fail' || severity === 'warn');
  // That there was nothing to mend has been said.
  if (fixes.length === 0 && left.length === 0) return [];
  return [
    mended.length === 0 ? 'Mended nothing.' : `Mended: ${named(mended)}.`,
    left.length === 0 ? 'Nothing is left to you.' : `Left to you: ${named(left)}.`,
  ];
}

/** "MB120 role.rbac.authorization.k8s.io/by-hand, MB535 deployment.apps/cart" */
function named(each: readonly { code: string; object?: ObjectRef }[]): string {
  const texts = each.map(({ code, object }) =>
    object === undefined ? code : `${code} ${displayName(object)}`,
  );
  return [...new Set(texts)].join(', ');
}
