import { SafeKeeping } from '../store/undo-store.ts';
import type { CommandContext } from './context.ts';

/** Where a restore keeps its journal and the safety backup: the store, else the user's state folder. */
export async function openSafeKeeping(context: CommandContext): Promise<SafeKeeping> {
  const [store, aside] = await Promise.all([context.store(), context.stateFolder()]);
  return new SafeKeeping(store, aside, (line) => context.io.warn(line));
}
