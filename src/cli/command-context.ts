import type { KubeClient } from '../kube/client.ts';
import type { ConnectionFlags } from '../kube/connection-flags.ts';
import type { IO } from '../output/io.ts';
import type { CommandContext } from '../session/context.ts';
import type { LastWords } from '../session/last-words.ts';
import type { Store } from '../store/store.ts';
import { connectionWords } from './connection-flags.ts';
import { invocationOf } from './invocation.ts';
import { VERSION } from './version.ts';

export interface ContextOptions {
  io: IO;
  connection: ConnectionFlags;
  store: string;
  signal: AbortSignal;
  lastWords: LastWords;
  env: NodeJS.ProcessEnv;
}

/** A command's context, and what to end after it. Cluster and store are loaded and opened on first use. */
export function createCommandContext(options: ContextOptions): { context: CommandContext; close(): void } {
  const { io, connection, store, signal, lastWords, env } = options;
  let client: Promise<KubeClient> | undefined;
  let opened: Promise<Store> | undefined;
  let close = (): void => {};

  const connect = async (): Promise<KubeClient> => {
    const { connectKube } = await import('../kube/connect.ts');
    const kube = await connectKube(connection, {
      env,
      onWarning: (text) => io.warn(text),
      signal,
      userAgent: `memcached-backup/${VERSION}`,
    });
    close = () => kube.close();
    return kube;
  };
  const open = async (): Promise<Store> => {
    const { openStore } = await import('../store/open-store.ts');
    return openStore(store, env.MEMCACHED_BACKUP_STORE);
  };
  const stateFolder = async (): Promise<Store | undefined> => {
    const [{ stateFolder: locate }, { FolderStore }] = await Promise.all([
      import('../store/state-folder.ts'),
      import('../store/folder-store.ts'),
    ]);
    const folder = locate(env);
    return folder === undefined ? undefined : new FolderStore(folder);
  };
  const context: CommandContext = {
    io,
    kube: () => (client ??= connect()),
    store: () => (opened ??= open()),
    stateFolder,
    now: () => new Date(),
    signal,
    lastWords,
    invocation: invocationOf(env, connectionWords(connection)),
    version: VERSION,
  };
  return { context, close: () => close() };
}
