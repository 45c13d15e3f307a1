import type { KubeClient } from '../../kube/client.ts';
import type { LiveRelease } from '../../kube/read-release.ts';
import type { Plan } from '../../model/plan/plan.ts';
import type { BackupDocument } from '../../model/records/backup-format.ts';
import { namespaceRef } from '../../model/records/journal.ts';
import type { CommandContext } from '../../session/context.ts';
import type { UndoStore } from '../../store/journal/undo-store.ts';
import type { JournalWriter, ReleaseAddress } from '../../store/store.ts';
import type { Course } from '../course.ts';
import { createNamespace, removeNamespace } from '../write/namespace.ts';
import { managerOf } from '../write/written-by.ts';
import { JournaledWrites } from './journaled-writes.ts';
import { noteEnd } from './note-end.ts';
import { findUnfinished, startJournal } from './start-journal.ts';

/** A namespace that a restore made before its Lease, which has to lie in it, and the journal that says so. */
export interface CreatedNamespace {
  uid: string;
  journal: JournalWriter;
  id: string;
}

/**
 * Makes the missing namespace, between two lines of a journal that holds the plan: whatever ends the restore
 * from here on, `undo` and the next `restore` know of the namespace.
 * @throws ToolError; where the server refused, the journal says so and has ended.
 */
export async function createJournaledNamespace(
  kube: KubeClient,
  undoStore: UndoStore,
  work: {
    address: ReleaseAddress;
    plan: Plan;
    live: LiveRelease;
    namespace: BackupDocument['namespace'];
    /** Told of what is written. */
    course: Course;
  },
  context: CommandContext,
): Promise<CreatedNamespace> {
  const { address, plan, live, namespace, course } = work;
  const unfinished = await findUnfinished(undoStore, address, live, context);
  const { journal, id } = await startJournal(
    undoStore,
    { operation: 'restore', address, plan, live, safety: undefined, createdNamespace: undefined },
    unfinished,
    context,
  );
  const journaled = new JournaledWrites(journal, managerOf(id), context.now);
  course.writes.logs.push(journaled);
  const intent = { action: 'create' as const, ref: namespaceRef(namespace.name) };
  const create = () => createNamespace(kube, namespace, journaled.manager);
  let uid: string;
  try {
    course.journal = journal.location;
    uid = await journaled.write(intent, create, (made) => ({ uid: made }));
  } catch (error) {
    // Without the server's answer it may be there all the same.
    if (journaled.open.length === 0) await noteEnd(journal, 'the namespace was not created', context);
    throw error;
  }
  return { uid, journal, id };
}

/** Removes the namespace of a restore that wrote nothing else, and ends its journal. @returns whether it is gone. */
export async function takeNamespaceBack(
  kube: KubeClient,
  { namespace, release }: ReleaseAddress,
  { uid, journal }: CreatedNamespace,
  context: CommandContext,
): Promise<boolean> {
  const end = await removeNamespace(kube, namespace, uid, release);
  const isLeft = typeof end === 'object';
  if (isLeft) context.io.say(`namespace/${namespace}, which the restore made, stays: ${end.stays}`);
  await noteEnd(journal, 'nothing was restored', context);
  return !isLeft;
}
