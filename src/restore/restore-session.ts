import type { RestoreSource } from '../backup/source.ts';
import type { KubeClient } from '../kube/client.ts';
import type { ClusterIdentity } from '../kube/cluster-identity.ts';
import type { KubeObject } from '../model/kubernetes/object.ts';
import type { Plan } from '../model/plan/plan.ts';
import type { OutputFormat } from '../output/output-format.ts';
import type { CommandContext } from '../session/context.ts';
import type { UndoStore } from '../store/journal/undo-store.ts';
import type { ReleaseAddress, Store } from '../store/store.ts';
import type { EarlierBackup } from './choose-backup.ts';
import { type Pace, paceFlags } from './pods/paced/pace.ts';
import type { AdviceScope } from './restore-command.ts';

export interface RestoreOptions {
  /** RELEASE[@ID], or the path of a backup's folder. */
  selector: string;
  /** -n, or the namespace that Helm names; the context's where undefined. */
  namespace?: string;
  /** --into: the namespace to restore into; the backup's own where undefined. */
  into?: string;
  yes: boolean;
  dryRun: 'none' | 'client' | 'server';
  output: OutputFormat;
  /** For the rollout, milliseconds. */
  timeoutMs: number;
  /** Restore also a release that holds other workloads than memcached. */
  wholeRelease: boolean;
  /** Restore also what Argo CD, Flux or an operator manages, and over a pending Helm operation. */
  force: boolean;
  /** Delete and make again also a Service. */
  recreate: boolean;
  /** Replace also what the release only refers to. */
  includeReferenced: boolean;
  /** --skip-kind: kinds whose objects are left out. */
  skipKinds: readonly string[];
  /** --new-addresses: Services that are created get other addresses than they had. */
  newAddresses: boolean;
  /** Restart pods that do not follow their template by themselves. */
  restart: boolean;
  /** --without-restart: no pod that has a cache ends. */
  withoutRestart?: boolean;
  /** --paced: how gently pods are replaced; as their workloads say where absent. */
  pace?: Pace;
  /**
   * What to do when it goes wrong. auto: a write that fails is undone; a rollout that does not finish keeps
   * what was written. undo and keep: that, in both cases.
   */
  onFailure: 'auto' | 'undo' | 'keep';
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
  /** --before */
  before?: string;
  /** HELM_DRIVER of the environment. */
  helmDriver?: string;
}

/** What a restore works with, once it has begun. */
export interface RestoreSession {
  kube: KubeClient;
  store: Store;
  /** Who the cluster is. */
  identity: ClusterIdentity;
  /** Where the journal and the safety backup go. */
  undoStore: UndoStore;
  source: RestoreSource;
  /** Where it is restored. */
  address: ReleaseAddress;
  /** Where `latest` is restored, those before it: {@link ChosenBackup.earlier}. */
  earlier?: readonly EarlierBackup[];
  /** What to know of the backup itself. */
  notes: string[];
  /** What the plan says of the backup besides where it is from. */
  about: Pick<Plan['backup'], 'note' | 'unhealthy' | 'healthy'>;
  /** The release's Lease as it was found, which nobody holds any more; undefined where there was none. */
  lease: KubeObject | undefined;
  options: RestoreOptions;
  context: CommandContext;
}

/** Where what this restore works with lies, for advice. */
export function adviceScopeOf({ undoStore, address, options }: RestoreSession): AdviceScope {
  const flags = [
    ...options.skipKinds.flatMap((kind) => ['--skip-kind', kind]),
    ...(options.newAddresses ? ['--new-addresses'] : []),
    ...(options.withoutRestart === true ? ['--without-restart'] : []),
    ...(options.pace === undefined ? [] : paceFlags(options.pace)),
  ];
  return { store: undoStore.store, address, clusterName: options.clusterName, flags };
}
