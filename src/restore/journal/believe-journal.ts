import { type Advice, advice } from '../../advice/advice.ts';
import { kubectl, shell, tool } from '../../advice/command.ts';
import type { RestoreSource } from '../../backup/source.ts';
import { ToolError } from '../../errors/tool-error.ts';
import { keyOf, type ObjectRef } from '../../model/kubernetes/object.ts';
import type { Plan } from '../../model/plan/plan.ts';
import type { Journal, JournalStart, ListedJournal } from '../../model/records/journal.ts';
import { listCommand } from '../../store/advice.ts';
import { backupAtPath } from '../../store/find/locate-backup.ts';
import type { UndoStore } from '../../store/journal/undo-store.ts';
import type { BackupReader, ReleaseAddress } from '../../store/store.ts';
import { falseClaims } from './journal-claims.ts';

const UNTOUCHED = 'the cluster was not changed by the undo';

/** The error where the journal of what is to be undone can't be read. */
export function unreadableJournal({ location, damage }: ListedJournal, next?: Advice): ToolError {
  return new ToolError(`the journal ${location} can't be read: ${damage}`, {
    untouched: `${UNTOUCHED}, and no older restore was taken back in its place`,
    next: advice`${next === undefined ? '' : advice`restore a safety backup instead: ${next}; `}where it is no journal, move it away: ${shell('ls', '-ld', location)}`,
  });
}

/** The backup of the state before a restore. @throws ToolError where it is another than the journal was begun with. */
export async function openSafety(
  undoStore: UndoStore,
  address: ReleaseAddress,
  { id, digest }: NonNullable<JournalStart['safety']>,
): Promise<BackupReader> {
  const reader = await undoStore.open({ ...address, id }, digest);
  if (reader.digest === digest) return reader;
  throw new ToolError(
    `the safety backup ${reader.location} is another than the restore had taken: its backup.json has another digest than the journal says`,
    { untouched: UNTOUCHED, next: listCommand(undoStore.store, address.release, address.namespace) },
  );
}

/**
 * Refuses a journal that says what no restore of the release does.
 * @param saved the state before, from its safety backup.
 * @throws ToolError naming the objects, before anything is asked of the cluster.
 */
export async function assertBelievable(
  undoStore: UndoStore,
  journal: Journal,
  saved: RestoreSource,
): Promise<void> {
  const { plan, earlier = [], namespace, release } = journal.start;
  const restored = await Promise.all(
    [plan.backup, ...earlier].map((backup) => heldBy(undoStore, backup, plan.namespace.name)),
  );
  const refs = [...saved.objects.map(({ ref }) => ref), ...restored.flatMap((each) => each.refs)];
  const wrong = falseClaims(journal, new Set(refs.map(keyOf)));
  if (wrong.length === 0) return;
  const unanswered = restored.flatMap(({ why }) => why ?? []);
  const { safety } = journal.start;
  throw new ToolError(
    [
      `the journal ${journal.location} says what no restore of ${release} does: ${wrong.join('; ')}`,
      ...unanswered,
    ].join('; '),
    {
      untouched: UNTOUCHED,
      next:
        safety === null
          ? advice`look at who can write there, and remove by hand what nobody needs (${kubectl('get', 'all,configmaps,secrets', '-n', namespace)})`
          : advice`look at who can write there; to go back all the same, see what the safety backup holds: ${tool('show', ...(saved.operand ?? [safety.location]))}`,
    },
  );
}

/** What a backup that was restored holds, by name, as it lies in the namespace that it was restored into. */
async function heldBy(
  undoStore: UndoStore,
  backup: Plan['backup'],
  into: string,
): Promise<{ refs: ObjectRef[]; why?: string }> {
  try {
    const { document } = await openRestored(undoStore, backup);
    return {
      refs: document.objects.map(({ apiVersion, kind, name, namespace }) => ({
        apiVersion,
        kind,
        name,
        ...(namespace === undefined
          ? {}
          : { namespace: namespace === document.namespace.name ? into : namespace }),
      })),
    };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { refs: [], why: `the restored backup can't be asked: ${error.message}` };
  }
}

async function openRestored(undoStore: UndoStore, backup: Plan['backup']): Promise<BackupReader> {
  const { cluster, namespace, release, id, path } = backup;
  if (path === undefined) return undoStore.open({ cluster, namespace, release, id });
  return (await backupAtPath(path, async () => undoStore.store))!.open();
}
