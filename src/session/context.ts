import type { Spelling } from '../advice/spell.ts';
import type { KubeClient } from '../kube/client.ts';
import type { IO } from '../output/io.ts';
import type { PvcAccess } from '../store/pvc/pvc-access.ts';
import type { Keys } from '../store/seal/keys.ts';
import type { JournalStore, Store } from '../store/store.ts';
import type { Ending } from './ending.ts';
import type { LastWords } from './last-words.ts';

/**
 * What every command is given. Things that cost time (the kubeconfig, the connection) are functions, so
 * that a command that needs none of them pays for none.
 */
export interface CommandContext {
  io: IO;
  /** The cluster of the current context, connected on first use. @throws UnreachableError, UsageError */
  kube(): Promise<KubeClient>;
  /** The store that `--store` or MEMCACHED_BACKUP_STORE names. @throws UsageError */
  store(): Promise<Store>;
  /** The user's state folder, where a restore keeps what the store can't take; undefined where there is none. */
  stateFolder(): Promise<JournalStore | undefined>;
  /** To whom things are sealed, and what opens them; absent where nothing is. */
  keys?(): Promise<Keys>;
  /** How a store on a claim of this cluster is reached; absent where there is none to reach. */
  pvc?: PvcAccess;
  now(): Date;
  /** Aborted on Ctrl-C or SIGTERM. */
  signal: AbortSignal;
  /** Told where a command stands that writes, for whoever has to end it. */
  lastWords: LastWords;
  /** Told how the command ends, for whoever sees nothing else of it. */
  ending?: Ending;
  /** How commands that are advised are spelled: the user's own words, with the flags that lead to the same cluster. */
  spelling: Spelling;
  version: string;
}

export type { OutputFormat } from '../output/output-format.ts';
