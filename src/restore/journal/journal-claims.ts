import { displayName, groupOf, keyOf, type ObjectRef, refOf } from '../../model/kubernetes/object.ts';
import { type Journal, namespaceRef, type WriteEntry, writeEntriesOf } from '../../model/records/journal.ts';
import { whyNeverThere, whyNeverWritten } from '../../model/release/writable-object.ts';

/**
 * What a journal claims that no restore of its release does: others may be able to write where it lies, and its
 * chain has no key. Undo writes pre-images and deletes what was created, so each must be an object that a restore may
 * write at all, in its namespace, that its plan names, and that the backup of the state before or the restored one
 * holds. Pure.
 * @param held keys ({@link keyOf}) of the objects of those backups.
 * @returns a clause an object: "configmap/x in namespace other: …"; empty where all of it is believable.
 */
export function falseClaims(journal: Journal, held: ReadonlySet<string>): string[] {
  const { start } = journal;
  const { namespace, plan } = start;
  const planned = new Set(plan.objects.map(({ ref }) => keyOf(ref)));
  // What a restore that was taken up had planned stands in its own journal; its backup is asked all the same.
  const isPlanned = (ref: ObjectRef): boolean => start.earlier !== undefined || planned.has(keyOf(ref));
  const whyNot = (ref: ObjectRef): string | undefined =>
    whyNeverThere(ref, namespace) ??
    (isPlanned(ref) ? undefined : 'its plan does not name it') ??
    (held.has(keyOf(ref)) ? undefined : 'neither the backup of before nor the restored one holds it');

  const ofImages = start.preImages.map(({ ref, object }): [ObjectRef, string | undefined] => {
    const isAnother = object !== null && keyOf(refOf(object)) !== keyOf(ref);
    const why = object === null ? undefined : whyNeverWritten(object, namespace);
    return [
      ref,
      (isAnother ? `what it says was there before is ${displayName(refOf(object))}` : why) ?? whyNot(ref),
    ];
  });
  const ofEntries = writeEntriesOf(journal)
    .filter((entry) => !isBesidePlan(entry, journal))
    .map(({ ref }): [ObjectRef, string | undefined] => [ref, whyNot(ref)]);
  const claims = [...ofImages, ...ofEntries].flatMap(([ref, why]) =>
    why === undefined ? [] : [`${displayName(ref)}: ${why}`],
  );
  return [...new Set(claims)];
}

/** What stands in no plan's objects: its namespace, Helm's records of the release, pods that it made way for. */
function isBesidePlan({ action, ref }: WriteEntry, { start }: Journal): boolean {
  if (keyOf(ref) === keyOf(namespaceRef(start.namespace))) return true;
  if (ref.namespace !== start.namespace || groupOf(ref.apiVersion) !== '') return false;
  if (ref.kind === 'Pod') return action === 'delete';
  const prefix = `sh.helm.release.v1.${start.release}.v`;
  const isRecord = ref.kind === 'Secret' || ref.kind === 'ConfigMap';
  return isRecord && ref.name.startsWith(prefix) && /^\d+$/.test(ref.name.slice(prefix.length));
}
