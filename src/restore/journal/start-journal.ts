import type { LiveRelease } from '../../kube/read-release.ts';
import { newestRevision } from '../../model/helm/helm-release.ts';
import { jsonEqual } from '../../model/json/json.ts';
import { keyOf } from '../../model/kubernetes/object.ts';
import type { Plan } from '../../model/plan/plan.ts';
import { backupId, nextId } from '../../model/records/backup-id.ts';
import {
  isUnfinished,
  JOURNAL_VERSION,
  type Journal,
  type JournalStart,
  type ListedJournal,
  lastRestoreAmong,
  tunesEntriesOf,
  writeEntriesOf,
} from '../../model/records/journal.ts';
import type { CommandContext } from '../../session/context.ts';
import type { UndoStore } from '../../store/journal/undo-store.ts';
import type { JournalWriter, ReleaseAddress, SavedBackup } from '../../store/store.ts';
import { createdSince, movedSince, namespaceMadeBy } from '../undo/undo-plan.ts';
import { noteEnd } from './note-end.ts';

export interface StartOptions {
  operation: JournalStart['operation'];
  address: ReleaseAddress;
  plan: Plan;
  live: LiveRelease;
  safety: SavedBackup | undefined;
  createdNamespace: string | undefined;
}

/**
 * The journal of the last restore of this release, if it was cut off and nobody worked on the release since:
 * what somebody did after it belongs to the state before the next one. Undefined otherwise.
 */
export async function findUnfinished(
  undoStore: UndoStore,
  address: ReleaseAddress,
  live: LiveRelease,
  { io }: Pick<CommandContext, 'io'>,
): Promise<Journal | undefined> {
  const { last, unreadable } = lastRestoreAmong(await undoStore.journals(address));
  for (const { location, damage } of unreadable) {
    io.warn(`the journal ${location} can't be read: ${damage}; what its restore did, undo can't take back`);
  }
  // What came after it, nobody knows: it is not gone on with over that.
  if (last === undefined || unreadable.length > 0 || !isUnfinished(last)) return undefined;
  return [...movedSince(last, live, []), ...createdSince(last, live)].length > 0 ? undefined : last;
}

/** Ends the journal of a restore that was cut off and turns out to have nothing left to do. */
export async function endUnfinished(
  undoStore: UndoStore,
  address: ReleaseAddress,
  context: CommandContext,
): Promise<void> {
  const { last, unreadable } = lastRestoreAmong(await undoStore.journals(address));
  if (last === undefined || unreadable.length > 0 || !isUnfinished(last)) return;
  const journal = await undoStore.openJournal(address, last.start.id);
  await noteEnd(journal, 'found complete', context);
}

/**
 * Writes the plan and every pre-image to disk, before anything is done. After a restore that was cut off, the
 * state before is the one before that restore: its backup, pre-images and entries are taken over.
 */
export async function startJournal(
  undoStore: UndoStore,
  options: StartOptions,
  unfinished: Journal | undefined,
  context: CommandContext,
): Promise<{ journal: JournalWriter; id: string }> {
  const { address, plan, live, safety, createdNamespace, operation } = options;
  const at = context.now();
  const before = new Map(unfinished?.start.preImages.map((image) => [keyOf(image.ref), image]));
  for (const { ref, action } of plan.objects) {
    if (action === 'keep' || before.has(keyOf(ref))) continue;
    before.set(keyOf(ref), { ref, object: live.find(ref) ?? null });
  }
  const safetyBefore = unfinished === undefined ? savedAs(safety) : unfinished.start.safety;
  const helmBefore =
    unfinished === undefined ? newestRevision(live.history)?.revision : unfinished.start.helmRevision;
  const namespaceUid = createdNamespace ?? (unfinished && namespaceMadeBy(unfinished, live.namespace));
  const carried = unfinished === undefined ? [] : writeEntriesOf(unfinished);
  const tuned = unfinished === undefined ? [] : tunesEntriesOf(unfinished);
  const id = await freeId(undoStore, address, at);
  const start: JournalStart = {
    type: 'start',
    version: JOURNAL_VERSION,
    id,
    at: at.toISOString(),
    operation,
    ...addressOf(address),
    safety: safetyBefore,
    plan,
    preImages: [...before.values()],
    ...(namespaceUid === undefined ? {} : { createdNamespace: namespaceUid }),
    ...(helmBefore === undefined ? {} : { helmRevision: helmBefore }),
    ...(carried.length === 0 ? {} : { carried }),
    ...(tuned.length === 0 ? {} : { tuned }),
    ...(unfinished === undefined ? {} : { earlier: earlierThan(unfinished, plan) }),
  };
  const journal = await undoStore.openJournal(address, id);
  await journal.append(start);
  if (unfinished !== undefined && operation === 'restore') {
    const old = await undoStore.openJournal(address, unfinished.start.id);
    await old.append({ type: 'end', at: at.toISOString(), outcome: `continued by ${id}` });
  }
  return { journal, id };
}

function addressOf({ cluster, namespace, release }: ReleaseAddress): ReleaseAddress {
  return { cluster, namespace, release };
}

function savedAs(safety: SavedBackup | undefined): JournalStart['safety'] {
  if (safety === undefined) return null;
  const { document, location, digest } = safety;
  return { id: document.id, location, digest };
}

/** The backups that the restores before were to, each once. */
function earlierThan({ start }: Journal, plan: Plan): Plan['backup'][] {
  const all = [...(start.earlier ?? []), start.plan.backup].filter(
    (one) => !jsonEqual({ ...one }, { ...plan.backup }),
  );
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

/** An undo may begin in the second in which its restore failed. */
async function freeId(undoStore: UndoStore, address: ReleaseAddress, at: Date): Promise<string> {
  const taken = new Set((await undoStore.journals(address)).map(idOf));
  let id = backupId(at);
  while (taken.has(id)) id = nextId(id);
  return id;
}

function idOf({ id }: ListedJournal): string {
  return id;
}
