import { ToolError } from '../../errors/tool-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isBeingDeleted } from '../../model/kubernetes/deletion.ts';
import { displayName, keyOf, uidOf } from '../../model/kubernetes/object.ts';
import { isRecordRef, type Journal, lastDone, namespaceRef } from '../../model/records/journal.ts';
import type { Remainder } from './undo-plan.ts';

/**
 * What a restore created, by its journal, and what is there after its undo all the same: asked of the cluster, one by
 * one, for an undo only says that all is as before where it is.
 * @param known what was told already, by {@link displayName}.
 */
export async function createdStillThere(
  kube: KubeClient,
  journal: Journal,
  known: ReadonlySet<string>,
): Promise<Remainder[]> {
  const before = new Set(
    journal.start.preImages.filter(({ object }) => object !== null).map(({ ref }) => keyOf(ref)),
  );
  const namespace = keyOf(namespaceRef(journal.start.namespace));
  const created = [...lastDone(journal).values()].filter(
    ({ ref, uid }) =>
      uid !== undefined &&
      !before.has(keyOf(ref)) &&
      keyOf(ref) !== namespace &&
      !isRecordRef(ref) &&
      !known.has(displayName(ref)),
  );
  const found = await Promise.all(
    created.map(async ({ ref, uid }): Promise<Remainder[]> => {
      const what = displayName(ref);
      try {
        const object = await kube.get(ref);
        if (object === undefined || uidOf(object) !== uid) return [];
        return [
          { what, why: isBeingDeleted(object) ? 'it is still being deleted' : 'the restore created it' },
        ];
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        return [{ what, why: `nobody can tell whether it is gone: ${error.message}` }];
      }
    }),
  );
  return found.flat();
}
