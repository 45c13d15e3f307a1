import { type Command, kubectl } from '../../advice/command.ts';
import type { Finding } from '../../model/findings/finding.ts';
import type { ObjectRef } from '../../model/kubernetes/object.ts';
import { type Code, type FindingText, finding } from '../catalogue.ts';
import type { ClaimUse } from './claims.ts';

/** A finding about a claim, which concerns everything that names it. */
export function ofClaim(
  code: Code,
  { ref, users }: ClaimUse,
  { about = [], ...text }: Omit<FindingText, 'object' | 'about'> & { about?: ObjectRef[] },
): Finding {
  return finding(code, { ...text, object: ref, about: [...users, ...about] });
}

/** `-n NAMESPACE`, for commands to paste. */
export function inNamespaceOf({ ref }: ClaimUse): string[] {
  return ref.namespace === undefined ? [] : ['-n', ref.namespace];
}

export function describeClaim(use: ClaimUse): Command {
  return kubectl('describe', 'pvc', use.ref.name, ...inNamespaceOf(use));
}
