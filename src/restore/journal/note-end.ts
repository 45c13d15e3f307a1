import type { JournalEntry } from '../../model/records/journal.ts';
import type { CommandContext } from '../../session/context.ts';
import { NoUndoStore, type UndoStore } from '../../store/journal/undo-store.ts';
import type { JournalWriter, ReleaseAddress } from '../../store/store.ts';

/**
 * Ends the journal of what is over. What was done is done: a journal that can't take its last line is no failure of it,
 * and is said.
 */
export function noteEnd(journal: JournalWriter, outcome: string, context: CommandContext): Promise<void> {
  return noteLast(async () => journal, { type: 'end', at: context.now().toISOString(), outcome }, context);
}

/** Notes in the journal of a restore that it was undone, by the undo of this id. The same counts. */
export function noteUndone(
  undoStore: UndoStore,
  address: ReleaseAddress,
  { restore, by }: { restore: string; by: string },
  context: CommandContext,
): Promise<void> {
  const open = (): Promise<JournalWriter> => undoStore.openJournal(address, restore);
  return noteLast(open, { type: 'undone', at: context.now().toISOString(), by }, context);
}

type LastEntry = Extract<JournalEntry, { type: 'end' | 'undone' }>;

async function noteLast(
  open: () => Promise<JournalWriter>,
  entry: LastEntry,
  { io }: CommandContext,
): Promise<void> {
  try {
    await (await open()).append(entry);
  } catch (error) {
    if (!(error instanceof NoUndoStore)) throw error;
    io.warn(`the journal does not say that the ${whatIsOver(entry)}: ${error.message}`);
  }
}

function whatIsOver(entry: LastEntry): string {
  if (entry.type === 'undone') return 'restore was undone';
  return entry.outcome === 'undone' ? 'undo ended' : 'restore ended';
}
