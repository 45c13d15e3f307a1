import { orUndefined } from '../errors/or-undefined.ts';
import { claimStoreRules } from '../model/permissions/claim-store-rules.ts';
import type { PermissionRule } from '../model/permissions/command-permissions.ts';
import type { CommandContext } from '../session/context.ts';
import { parsePvcLocation } from '../store/pvc/pvc-location.ts';

/** What the store that is named takes of the cluster: only one on a claim does. */
export async function storeRules(context: Pick<CommandContext, 'store'>): Promise<PermissionRule[]> {
  const store = await orUndefined(() => context.store());
  if (store === undefined || !/^pvc:/.test(store.location)) return [];
  const { namespace = '', claim } = parsePvcLocation(store.location);
  return claimStoreRules({ namespace, claim });
}
