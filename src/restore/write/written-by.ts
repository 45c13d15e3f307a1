import { arrayAt, isObject, objectAt, stringAt } from '../../model/json/json.ts';
import type { KubeObject } from '../../model/kubernetes/object.ts';
import type { IntentEntry } from '../../model/records/journal.ts';
import { isAsMeant } from './comparable-form.ts';

/**
 * The field manager that one restore or undo alone writes as, until it gives the fields back to their owners: an
 * object that names it was written by this very operation, also where the answer was lost (meta/v1
 * ManagedFieldsEntry; a manager's name has at most 128 characters).
 * @param id of the operation's journal.
 */
export function managerOf(id: string): string {
  return `memcached-backup-${id}`;
}

/**
 * Whether a write of which nobody heard made this object what it is: it is as was meant, and names the manager that
 * no other operation writes as. Anything less may be somebody else's.
 */
export function isWrittenBy(object: KubeObject, { by, meant }: Pick<IntentEntry, 'by' | 'meant'>): boolean {
  if (by === undefined) return false;
  if (meant !== undefined) return isAsMeant(object, meant, true) && namesManager(object, by);
  return ownsRelease(object, by);
}

export function namesManager(object: KubeObject, manager: string): boolean {
  return arrayAt(object, 'metadata', 'managedFields').some((entry) => stringAt(entry, 'manager') === manager);
}

/** Of Helm's record, whose content is one field: whoever writes that takes it from its owner. */
function ownsRelease(record: KubeObject, manager: string): boolean {
  return arrayAt(record, 'metadata', 'managedFields').some(
    (entry) =>
      isObject(entry) &&
      stringAt(entry, 'manager') === manager &&
      objectAt(entry, 'fieldsV1', 'f:data', 'f:release') !== undefined,
  );
}
