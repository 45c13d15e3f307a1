import { assertNamespaceName } from '../model/kubernetes/namespace-name.ts';
import { underLease } from '../restore/lease/under-lease.ts';
import { askFirst } from '../session/ask-first.ts';
import type { CommandContext } from '../session/context.ts';
import type { DrillOptions } from './drill-session.ts';
import { emptyOfDrills } from './given-namespace.ts';
import { type CleanedUp, removeLeftOvers } from './stage.ts';

/**
 * Removes what drills left that were cut off: the namespaces that they made, and in the one of --into the objects. One that is under way is
 * left alone.
 */
export async function cleanUp(
  { into, yes }: Pick<DrillOptions, 'into' | 'yes'>,
  context: CommandContext,
): Promise<CleanedUp & { objects: string[]; stays: string[] }> {
  if (into !== undefined) assertNamespaceName(into);
  const kube = await context.kube();
  if (!yes) {
    const also = into === undefined ? '' : `, and what they left in namespace ${into}`;
    await askFirst(context.io, `Delete the namespaces of drills that are over${also}?`, {
      refusal: 'nothing was removed',
      untouched: 'nothing was removed',
    });
  }
  const namespaces = await removeLeftOvers(kube, context, { isAsked: true });
  if (into === undefined) return { ...namespaces, objects: [], stays: [] };
  const { deleted, stays } = await underLease(kube, { namespace: into, release: 'drill' }, context, () =>
    emptyOfDrills(kube, into, undefined),
  );
  return { ...namespaces, unseen: false, objects: deleted, stays };
}
