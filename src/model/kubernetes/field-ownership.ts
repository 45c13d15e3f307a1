import {
  arrayAt,
  isObject,
  type Json,
  type JsonObject,
  jsonEqual,
  objectAt,
  stringAt,
} from '../json/json.ts';
import type { KubeObject } from './object.ts';

/**
 * metadata.managedFields: who owns which field (Kubernetes, "Server-Side Apply", section "Field
 * management"). Helm 4 upgrades by server-side apply and fails where another manager owns a field that it
 * wants to change, so a restore gives every field back to whoever owned it when the backup was taken.
 */

/**
 * The entries that a restored object gets: the backup's own, without those of the status subresource,
 * which belongs to the cluster's controllers and was not restored.
 */
export function ownershipToGiveBack(raw: KubeObject): Json[] {
  return arrayAt(raw, 'metadata', 'managedFields').filter(
    (entry) => isObject(entry) && stringAt(entry, 'subresource') !== 'status',
  );
}

/**
 * Managers whose share of an object is not what it was at the backup, as "kubectl-patch (Update)". Empty
 * where everybody owns what they owned, and where the backup's copy does not say. Times don't count, nor what
 * the HPA controller scaled.
 */
export function changedOwners(raw: KubeObject, live: KubeObject): string[] {
  const before = sharesOf(raw);
  const now = sharesOf(live);
  if (before.size === 0) return [];
  const changed = [...new Set([...before.keys(), ...now.keys()])].filter(
    (share) => !jsonEqual(before.get(share)?.fields, now.get(share)?.fields),
  );
  return [...new Set(changed.map((share) => (before.get(share) ?? now.get(share))!.name))];
}

/**
 * What each manager owns. One manager has several entries where it writes by several operations, API versions
 * or subresources (meta/v1 ManagedFieldsEntry).
 */
function sharesOf(object: KubeObject): Map<string, { name: string; fields: JsonObject | undefined }> {
  const entries = ownershipToGiveBack(object).filter(
    (entry) => stringAt(entry, 'manager') !== 'kube-controller-manager',
  );
  return new Map(
    entries.map((entry) => [
      JSON.stringify(
        ['manager', 'operation', 'apiVersion', 'subresource'].map((key) => stringAt(entry, key)),
      ),
      {
        name: `${stringAt(entry, 'manager')} (${stringAt(entry, 'operation')})`,
        fields: objectAt(entry, 'fieldsV1'),
      },
    ]),
  );
}

/**
 * The name under which a restore gives an object's fields back, and asks for a dry run: the manager that owned it
 * first, so that nobody new appears as an owner.
 */
export function writingManager(raw: KubeObject, fallback: string): string {
  const names = ownershipToGiveBack(raw).map((entry) => stringAt(entry, 'manager'));
  return names.includes(fallback) ? fallback : (names.find((name) => name !== undefined) ?? fallback);
}

/** Whether any manager's field set (fieldsV1) satisfies `test`. */
export function isFieldOwned(object: KubeObject, test: (fields: JsonObject) => boolean): boolean {
  return ownershipToGiveBack(object).some((entry) => {
    const fields = objectAt(entry, 'fieldsV1');
    return fields !== undefined && test(fields);
  });
}
