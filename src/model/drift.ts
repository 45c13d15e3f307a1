import { isObject, isRawNumber, type Json } from './json.ts';
import type { KubeObject } from './object.ts';
import { parseQuantity } from './quantity.ts';

/**
 * Fields of a live object that differ from what the release's manifest asks for. Only what the manifest
 * names is compared: the server fills in the rest. A list counts as drifted when it is longer, because an
 * entry added by hand is drift. Quantities are equal when their amounts are ("0.1" and "100m").
 * @param ignored paths that something else rightly owns, such as "spec.replicas" under an HPA.
 * @returns paths in the manifest's order, for people: "spec.template.spec.containers[0].args[1]".
 */
export function driftOf(manifest: KubeObject, live: KubeObject, ignored: string[] = []): string[] {
  const { status: _status, ...asked } = manifest;
  return differences(asked, live, '').filter(
    (path) => !ignored.includes(path) && path !== 'metadata.namespace',
  );
}

function differences(asked: Json, live: Json | undefined, path: string): string[] {
  if (isObject(asked)) {
    if (Object.keys(asked).length === 0 && live === undefined) return [];
    if (!isObject(live)) return [path];
    return Object.entries(asked).flatMap(([key, value]) => {
      // Helm drops nulls, and stringData arrives as data.
      if (value === null || (key === 'stringData' && path === '')) return [];
      return differences(value, live[key], path === '' ? key : `${path}.${key}`);
    });
  }
  if (Array.isArray(asked)) {
    if (asked.length === 0 && live === undefined) return [];
    if (!Array.isArray(live) || live.length !== asked.length) return [path];
    return asked.flatMap((item, index) => differences(item, live[index], `${path}[${index}]`));
  }
  return sameScalar(asked, live) ? [] : [path];
}

function sameScalar(asked: Json, live: Json | undefined): boolean {
  if (asked === live) return true;
  if (asked === '' || asked === false || asked === 0) {
    // The server leaves out fields at their zero value.
    if (live === undefined) return true;
  }
  const a = scalarText(asked);
  const b = scalarText(live);
  if (a === undefined || b === undefined) return false;
  if (a === b) return true;
  const quantity = parseQuantity(a);
  return quantity !== undefined && quantity === parseQuantity(b);
}

function scalarText(value: Json | undefined): string | undefined {
  if (isRawNumber(value)) return value.rawJSON;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
