import { UndoStore } from '../store/journal/undo-store.ts';
import type { CommandContext } from './context.ts';

/** Where a restore keeps its journal and the safety backup: the store, else the user's state folder. */
export async function openUndoStore(context: CommandContext): Promise<UndoStore> {
  const [store, fallback] = await Promise.all([context.store(), context.stateFolder()]);
  return new UndoStore(store, fallback, (line) => context.io.warn(line));
}
