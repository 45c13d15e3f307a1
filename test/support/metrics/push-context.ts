import { PLAIN_SPELLING } from '../../../src/advice/spell.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { createMemoryIO, type MemoryIO } from '../../../src/output/memory-io.ts';
import type { CommandContext } from '../../../src/session/context.ts';
import { LastWords } from '../../../src/session/last-words.ts';
import type { Store } from '../../../src/store/store.ts';

/** What a run needs that only pushes: a namespace, and a store in a folder with a GiB free of four. */
export function aPushContext(changes: Partial<CommandContext> = {}): {
  context: CommandContext;
  io: MemoryIO;
} {
  const io = createMemoryIO();
  const store: Partial<Store> = {
    location: '/srv/backups',
    condition: async () => ({
      room: { freeBytes: 2 ** 30, capacityBytes: 2 ** 32, fix: [] },
      leftovers: [],
      exposed: [],
    }),
  };
  const context: CommandContext = {
    io,
    kube: async () => ({ namespace: 'shop' }) as KubeClient,
    store: async () => store as Store,
    stateFolder: async () => undefined,
    now: () => new Date(),
    signal: new AbortController().signal,
    lastWords: new LastWords(),
    spelling: PLAIN_SPELLING,
    version: '0.1.0',
    ...changes,
  };
  return { context, io };
}
