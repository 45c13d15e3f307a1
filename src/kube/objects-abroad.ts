import { type KubeObject, keyOf, type ObjectRef } from '../model/kubernetes/object.ts';
import { identityOf, isMarkedAs } from '../model/release/object-abroad.ts';
import type { Denied, Inventory } from './inventory.ts';

/** What a release's manifest names outside its namespace. */
export interface ObjectsAbroad {
  /** The identity of one that bears the release's marks (model/release/object-abroad.ts). */
  find(ref: ObjectRef): KubeObject | undefined;
  /** Those that are there and bear no marks of the release: nothing is known of them but that. */
  unmarked: ObjectRef[];
  /** Permissions that were missing for looking at the others' metadata. */
  denied: Denied[];
}

/** Asks for the metadata of each, never for more. */
export async function lookAbroad(
  inventory: Inventory,
  refs: ObjectRef[],
  release: { namespace: string; release: string },
): Promise<ObjectsAbroad> {
  const found = new Map<string, KubeObject>();
  const unmarked: ObjectRef[] = [];
  const denied = new Map<string, Denied>();
  await Promise.all(
    refs.map(async (ref) => {
      const seen = await inventory.metadataOf(ref);
      if (seen === 'absent') return;
      if ('denied' in seen) {
        const { denied: lacking } = seen;
        denied.set(`${lacking.type.plural} ${ref.namespace ?? ''}`, lacking);
      } else if (isMarkedAs(seen.object, release)) found.set(keyOf(ref), identityOf(seen.object, ref));
      else unmarked.push(ref);
    }),
  );
  return { find: (ref) => found.get(keyOf(ref)), unmarked, denied: [...denied.values()] };
}
