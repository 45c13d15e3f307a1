import type { Json } from '../../model/json/json.ts';
import { type FieldChange, shortValue } from '../../model/kubernetes/field-changes.ts';
import { holdsSecret, isSecretName } from '../../model/secrets/secrecy.ts';

/** Fields of the API that say where a secret is kept (core/v1 Volume, VolumeProjection). */
const PLACES = new Set(['secret', 'secrets', 'serviceAccountToken']);

/** One changed field in one line: `spec.replicas: 5 → 2`. What is secret is named, never shown. */
export function describeChange({ path, from, to }: FieldChange, secretObject: boolean): string {
  const secret =
    (secretObject && /^(?:data|stringData)\b/.test(path)) ||
    path.includes('last-applied-configuration') ||
    path.split(/[.[\]]+/).some((part) => isSecretName(part) && !PLACES.has(part)) ||
    holdsSecret(from) ||
    holdsSecret(to);
  if (!secret) return linesOf(path, from, to) ?? `${path}: ${shortValue(from)} → ${shortValue(to)}`;
  if (from === undefined) return `${path}: added`;
  return to === undefined ? `${path}: removed` : `${path}: changed`;
}

/** A text of several lines: its first line that differs. */
function linesOf(path: string, from: Json | undefined, to: Json | undefined): string | undefined {
  if (typeof from !== 'string' || typeof to !== 'string' || !`${from}${to}`.trimEnd().includes('\n'))
    return undefined;
  const before = from.split('\n');
  const after = to.split('\n');
  const first = before.findIndex((line, index) => line !== after[index]);
  const index = first < 0 ? before.length : first;
  const others = Array.from({ length: Math.max(before.length, after.length) }).filter(
    (_, other) => other > index && before[other] !== after[other],
  ).length;
  const more = others === 0 ? '' : `, and ${others} more`;
  return `${path} line ${index + 1}: ${shortValue(before[index])} → ${shortValue(after[index])}${more}`;
}
