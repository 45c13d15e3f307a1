import { UsageError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { type ClusterIdentity, readClusterIdentity } from '../kube/cluster-identity.ts';
import { isBackupId, parseSelector } from '../model/records/backup-id.ts';
import { clusterOf } from '../session/cluster-in-use.ts';
import { type ClusterInUse, isSameCluster } from '../store/cluster-name.ts';
import { latestBackups } from '../store/find/latest-backups.ts';
import { backupAtPath } from '../store/find/locate-backup.ts';
import { ownBackups } from '../store/find/own-backups.ts';
import { selectBackup } from '../store/find/select-backup.ts';
import type { BackupAddress, BackupReader, Store } from '../store/store.ts';

/** What names the backup to restore on the command line. */
export interface WantedRestore {
  /** RELEASE[@ID], or the path of a backup's folder. */
  selector: string;
  /** -n, or the namespace that Helm names; the context's where undefined. */
  namespace?: string;
  /** --cluster-name */
  clusterName?: string;
}

export interface ChosenBackup {
  reader: BackupReader;
  /** The folder of the cluster in use: what a restore saves of it lies there, wherever the backup is from. */
  cluster: string;
  /** Whether it was taken in another cluster. */
  isForeign: boolean;
  /** The path by which it was named. */
  path?: string;
  /** Where `latest` was asked for, those that were `latest` before it, the newest first. */
  earlier?: BackupAddress[];
}

/**
 * Opens the backup that a restore means: one of this cluster; of another only where its path, its very id or
 * --cluster-name says so.
 * @throws UsageError, ToolError as selectBackup does; DamagedBackup; ToolError where the path is no backup's.
 */
export async function chooseBackup(
  kube: KubeClient,
  store: Store,
  wanted: WantedRestore,
): Promise<ChosenBackup> {
  const [located, identity] = await Promise.all([
    backupAtPath(wanted.selector, async () => store),
    readClusterIdentity(kube),
  ]);
  if (located === undefined) return inStore(kube, store, wanted, identity);
  const reader = await located.open();
  const { namespace } = reader.document;
  if (wanted.namespace !== undefined && wanted.namespace !== namespace.name) {
    throw new UsageError(
      `the backup ${located.location} is of namespace ${namespace.name}, not of ${wanted.namespace}`,
      { next: `-n ${namespace.name}; to restore it elsewhere, also --into ${wanted.namespace}` },
    );
  }
  return { path: located.location, ...(await asChosen(reader, store, wanted, identity)) };
}

async function inStore(
  kube: KubeClient,
  store: Store,
  wanted: WantedRestore,
  identity: ClusterIdentity,
): Promise<ChosenBackup> {
  const selector = parseSelector(wanted.selector, store.flag);
  const named: ClusterInUse | undefined =
    wanted.clusterName === undefined ? undefined : { name: wanted.clusterName };
  const [listed, cluster] = await Promise.all([
    store.list({ namespace: kube.namespace, release: selector.release }),
    named ?? clusterOf(identity, async () => store),
  ]);
  // A backup of another cluster only by its own id, and only where this cluster has none of that name.
  const isHere = ownBackups(listed, cluster).some(({ address }) => address.id === selector.id);
  const isElsewhere = isBackupId(selector.id) && !isHere;
  const { address } = selectBackup(listed, selector, store, isElsewhere ? {} : { cluster });
  const chosen = await asChosen(await store.open(address), store, wanted, identity);
  if (selector.id !== 'latest') return chosen;
  const earlier = latestBackups(listed, cluster).slice(1);
  return { ...chosen, earlier: earlier.map((backup) => backup.address) };
}

/** --cluster-name names the folder of the cluster in use, or, where that is another one's, the backup's. */
async function asChosen(
  reader: BackupReader,
  store: Store,
  { clusterName: named }: WantedRestore,
  identity: ClusterIdentity,
): Promise<ChosenBackup> {
  const from = reader.document.cluster;
  const isSame = isSameCluster(from, identity);
  const cluster =
    named === undefined || (isSame === false && named === from.name)
      ? (await clusterOf(identity, async () => store)).name
      : named;
  return { reader, cluster, isForeign: !(isSame ?? from.name === cluster) };
}
