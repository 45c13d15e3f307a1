import { type FieldChange, shortValue } from '../model/field-changes.ts';
import { isSecretName } from '../model/secrecy.ts';

/** One changed field in one line: `spec.replicas: 5 → 2`. What is secret is named, never shown. */
export function describeChange({ path, from, to }: FieldChange, secretObject: boolean): string {
  const secret =
    (secretObject && /^(?:data|stringData)\b/.test(path)) ||
    path.includes('last-applied-configuration') ||
    path.split(/[.[\]]+/).some(isSecretName);
  if (!secret) return `${path}: ${shortValue(from)} → ${shortValue(to)}`;
  if (from === undefined) return `${path}: added`;
  return to === undefined ? `${path}: removed` : `${path}: changed`;
}
