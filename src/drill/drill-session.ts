import type { RestoreSource } from '../backup/source.ts';
import type { KubeClient } from '../kube/client.ts';
import type { CommandContext } from '../session/context.ts';
import type { BackupAddress, Store } from '../store/store.ts';
import type { Stopwatch } from './stopwatch.ts';

export interface DrillOptions {
  /** RELEASE[@ID], or the path of a backup's folder. */
  selector: string;
  /** -n, or the namespace that Helm names; the context's where undefined. */
  namespace?: string;
  /** --into: a namespace that is there, or the name of the one that is made; a name of its own where undefined. */
  into?: string;
  /** --replicas: pods of each Deployment and StatefulSet; as in the backup, as far as there is room, where undefined. */
  replicas?: number;
  /** --target: the time that a recovery may take, milliseconds. */
  targetMs?: number;
  /** For the rollout, milliseconds. */
  timeoutMs: number;
  yes: boolean;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
  /** --before */
  before?: string;
  /** HELM_DRIVER of the environment. */
  helmDriver?: string;
  /** When it began, by performance.now(): of a command line, 0. */
  since: number;
}

/** What a drill works with, once its backup is read. */
export interface DrillSession {
  kube: KubeClient;
  store: Store;
  /** Where the backup lies. */
  address: BackupAddress;
  saved: RestoreSource;
  /** Its own id. */
  id: string;
  options: DrillOptions;
  watch: Stopwatch;
  context: CommandContext;
}
