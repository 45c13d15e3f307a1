import { orUndefined } from '../errors/or-undefined.ts';
import type { KubeClient } from '../kube/client.ts';
import { withDeadline } from '../kube/deadline.ts';
import type { ObjectRef } from '../model/kubernetes/object.ts';
import { isPrintedRole } from '../model/permissions/rbac-manifests.ts';
import type { AlreadyThere } from '../output/role-text.ts';

/** Roles are printed also where no cluster answers: nobody waits long to learn what they would replace. */
const LOOK_MS = 5_000;

/** What is in the cluster under the names of roles and bindings that are to be printed. */
export async function findPrintedRoles(
  refs: readonly ObjectRef[],
  kube: () => Promise<KubeClient>,
): Promise<[ObjectRef, AlreadyThere][]> {
  const client = await orUndefined(async () => withDeadline(await kube(), LOOK_MS));
  return Promise.all(
    refs.map(async (ref): Promise<[ObjectRef, AlreadyThere]> => {
      const found = await orUndefined(async () => client && { object: await client.get(ref) });
      if (found === undefined) return [ref, 'unknown'];
      if (found.object === undefined) return [ref, 'new'];
      return [ref, isPrintedRole(found.object) ? 'own' : 'foreign'];
    }),
  );
}
