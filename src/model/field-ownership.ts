import { arrayAt, isObject, type Json, type JsonObject, jsonEqual, objectAt, stringAt } from './json.ts';
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
 * where everybody owns what they owned. Times don't count, nor what the HPA controller scaled.
 */
export function changedOwners(raw: KubeObject, live: KubeObject): string[] {
  const sharesOf = (object: KubeObject): Map<string, JsonObject | undefined> =>
    new Map(
      ownershipToGiveBack(object)
        .filter((entry) => stringAt(entry, 'manager') !== 'kube-controller-manager')
        .map((entry) => [
          `${stringAt(entry, 'manager')} (${stringAt(entry, 'operation')})`,
          objectAt(entry, 'fieldsV1'),
        ]),
    );
  const before = sharesOf(raw);
  const now = sharesOf(live);
  return [...new Set([...before.keys(), ...now.keys()])].filter(
    (manager) => !jsonEqual(before.get(manager), now.get(manager)),
  );
}

/**
 * The name under which a restore writes an object: the manager that owned it first, so that nobody new
 * appears as an owner even if the restore is cut off before ownership is given back.
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
