import { type Placeholder, placeholder } from './command.ts';

/**
 * Words of `kubectl create secret generic` and `create configmap` for keys whose values only the person knows. The key
 * is within the placeholder: as it stands, `<key` is no key of a Secret or a ConfigMap, and kubectl refuses it.
 */
export function keyValues(keys: readonly string[]): Placeholder[] {
  return keys.map((key) => placeholder(`${key}=value`, '--from-literal='));
}

/**
 * A patch that gives a Secret or a ConfigMap one key, for `kubectl patch -p`. As it stands it is neither JSON nor YAML, and
 * kubectl refuses it.
 */
export function valuePatch(kind: 'Secret' | 'ConfigMap', key: string): string {
  const field = kind === 'Secret' ? 'stringData' : 'data';
  return `{"${field}":{<${JSON.stringify(key)}:"value">}}`;
}
