import type { LiveRelease } from '../kube/read-release.ts';
import { stringAt } from '../model/json/json.ts';
import { displayName, type KubeObject, nameOf } from '../model/kubernetes/object.ts';
import type { Skipped } from '../model/records/backup-format.ts';

/**
 * What was on its way out when a release was read, in the words of `skipped`: its namespace, and objects that a restore
 * would write. Whatever had gone before it was read is in no backup, so that the backup is not complete.
 */
export function beingDeleted({ namespace, classified }: LiveRelease): Skipped[] {
  const objects = classified.filter(({ object, role }) => role !== 'recorded' && isBeingDeleted(object));
  return [
    ...(namespace !== undefined && isBeingDeleted(namespace)
      ? [
          {
            what: `what is gone of namespace/${nameOf(namespace)} already`,
            why: 'the namespace is being deleted (it is terminating)',
          },
        ]
      : []),
    ...objects.map(({ object, ref }) => ({
      what: `all of ${displayName(ref)}`,
      why: `it has been under deletion since ${deletedAt(object)}; it was saved as it was then`,
    })),
  ];
}

function isBeingDeleted(object: KubeObject): boolean {
  return deletedAt(object) !== undefined;
}

function deletedAt(object: KubeObject): string | undefined {
  return stringAt(object, 'metadata', 'deletionTimestamp');
}
