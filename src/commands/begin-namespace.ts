import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { LiveRelease } from '../kube/read-release.ts';
import type { BackupDocument } from '../model/backup.ts';
import { namespaceRef } from '../model/journal.ts';
import type { Plan } from '../model/plan.ts';
import { createNamespace, removeNamespace } from '../restore/namespace.ts';
import type { SafeKeeping } from '../store/safe-keeping.ts';
import type { JournalWriter, ReleaseAddress } from '../store/store.ts';
import type { CommandContext } from './context.ts';
import { findUnfinished, startJournal } from './start-journal.ts';

/** A namespace that a restore made before its Lease, which has to lie in it, and the journal that says so. */
export interface BegunNamespace {
  uid: string;
  journal: JournalWriter;
  id: string;
}

/**
 * Makes the missing namespace, between two lines of a journal that holds the plan: whatever ends the restore
 * from here on, `undo` and the next `restore` know of the namespace.
 * @throws ToolError; where the server refused, the journal says so and has ended.
 */
export async function beginNamespace(
  kube: KubeClient,
  keep: SafeKeeping,
  work: { address: ReleaseAddress; plan: Plan; live: LiveRelease; namespace: BackupDocument['namespace'] },
  context: CommandContext,
): Promise<BegunNamespace> {
  const { address, plan, live, namespace } = work;
  const unfinished = await findUnfinished(keep, address, live);
  const { journal, id } = await startJournal(
    keep,
    { operation: 'restore', address, plan, live, safety: undefined, createdNamespace: undefined },
    unfinished,
    context,
  );
  const at = (): string => context.now().toISOString();
  const deed = { action: 'create', ref: namespaceRef(namespace.name) };
  await journal.append({ type: 'will', at: at(), ...deed });
  let uid: string;
  try {
    uid = await createNamespace(kube, namespace);
  } catch (error) {
    // Without the server's answer it may be there all the same.
    if (error instanceof ApiError && error.status < 500) {
      await journal.append({ type: 'refused', at: at(), ...deed });
      await journal.append({ type: 'end', at: at(), outcome: 'the namespace was not created' });
    }
    throw error;
  }
  await journal.append({ type: 'did', at: at(), ...deed, uid });
  return { uid, journal, id };
}

/** Removes the namespace of a restore that wrote nothing else, and ends its journal. */
export async function takeNamespaceBack(
  kube: KubeClient,
  { namespace, release }: ReleaseAddress,
  { uid, journal }: BegunNamespace,
  context: CommandContext,
): Promise<void> {
  const why = await removeNamespace(kube, namespace, uid, release);
  if (why !== undefined) context.io.say(`namespace/${namespace}, which the restore made, stays: ${why}`);
  await journal.append({ type: 'end', at: context.now().toISOString(), outcome: 'nothing was restored' });
}
