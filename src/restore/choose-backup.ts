import { UsageError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { type ClusterIdentity, readClusterIdentity } from '../kube/cluster-identity.ts';
import type { HelmInfo } from '../model/records/backup-format.ts';
import { isHealthy } from '../model/records/backup-health.ts';
import { compareIds, isBackupId } from '../model/records/backup-id.ts';
import { parseSelector } from '../model/records/backup-selector.ts';
import { boundOf } from '../model/records/moment.ts';
import { clusterOf } from '../session/cluster-in-use.ts';
import { type ClusterInUse, isSameCluster } from '../store/cluster-name.ts';
import { chosenInWords } from '../store/find/chosen-in-words.ts';
import { latestBackups, newestHealthy } from '../store/find/latest-backups.ts';
import { backupAtPath } from '../store/find/locate-backup.ts';
import { assertNotMistyped } from '../store/find/mistyped-name.ts';
import { elsewhere, wrongNamespace } from '../store/find/other-namespaces.ts';
import { ownBackups } from '../store/find/own-backups.ts';
import { selectBackup } from '../store/find/select-backup.ts';
import type { BackupAddress, BackupReader, Store } from '../store/store.ts';

const UNTOUCHED = 'the cluster was not changed';

/** What names the backup to restore on the command line. */
export interface WantedRestore {
  /** RELEASE[@ID], or the path of a backup's folder. */
  selector: string;
  /** -n, or the namespace that Helm names; the context's where undefined. */
  namespace?: string;
  /** --cluster-name */
  clusterName?: string;
  /** Of latest, previous or healthy only what was taken before that (--before): a moment, or a backup's id. */
  before?: string;
}

/** One that was `latest` once, and what the listing tells of its content. */
export interface EarlierBackup extends BackupAddress {
  /** Absent where it takes opening it. */
  configuration?: string;
  helm?: HelmInfo;
}

export interface ChosenBackup {
  reader: BackupReader;
  /** Who the cluster in use is. */
  identity: ClusterIdentity;
  /** The folder of the cluster in use: what a restore saves of it lies there, wherever the backup is from. */
  cluster: string;
  /** Whether it was taken in another cluster. */
  isForeign: boolean;
  /** The path by which it was named. */
  path?: string;
  /** Where `latest` was asked for, those that were `latest` before it, the newest first. */
  earlier?: EarlierBackup[];
  /** Which backup it is, where what was typed does not say so: one sentence without a full stop. */
  told?: string;
  /** The newest backup at which the release was up, where the chosen one is not of such a moment. */
  healthy?: BackupAddress;
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
  now: Date,
): Promise<ChosenBackup> {
  const [located, identity] = await Promise.all([
    backupAtPath(wanted.selector, async () => store),
    readClusterIdentity(kube),
  ]);
  if (located === undefined) return inStore({ kube, store, identity, now }, wanted);
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

interface Chooser {
  kube: KubeClient;
  store: Store;
  identity: ClusterIdentity;
  now: Date;
}

/** @throws ToolError naming the namespaces that have backups of the release, where the one in use has none. */
async function inStore(
  { kube, store, identity, now }: Chooser,
  wanted: WantedRestore,
): Promise<ChosenBackup> {
  const selector = parseSelector(wanted.selector, store.flags);
  const { release } = selector;
  const namespace = selector.namespace ?? kube.namespace;
  const before = wanted.before === undefined ? undefined : boundOf(wanted.before, now);
  const named: ClusterInUse | undefined =
    wanted.clusterName === undefined ? undefined : { name: wanted.clusterName };
  const [listed, cluster] = await Promise.all([
    store.list({ namespace, release }, { configurations: selector.id === 'latest' }),
    named ?? clusterOf(identity, async () => store),
  ]);
  if (listed.every(({ address }) => address.release !== release)) {
    const places = await elsewhere(store, { release, namespace }, cluster);
    const command = ['restore', wanted.selector.slice(wanted.selector.indexOf('/') + 1)];
    if (places.size > 0)
      throw wrongNamespace({ release, namespace }, places, { command, store, untouched: UNTOUCHED });
    await assertNotMistyped(
      store,
      { release, namespace },
      {
        command: (meant) => ['restore', selector.id === 'latest' ? meant : `${meant}@${selector.id}`],
        untouched: UNTOUCHED,
      },
    );
  }
  // A backup of another cluster only by its own id, and only where this cluster has none of that name.
  const isHere = ownBackups(listed, cluster).some(({ address }) => address.id === selector.id);
  const isElsewhere = isBackupId(selector.id) && !isHere;
  const found = selectBackup(listed, selector, store, {
    ...(isElsewhere ? {} : { cluster }),
    now,
    before,
  });
  const { address, summary } = found;
  const fit = latestBackups(listed, cluster);
  const passedOver = fit.filter((each) => compareIds(each.address.id, address.id) > 0);
  const told = chosenInWords(selector, found, { now, before, passedOver });
  const healthy =
    isElsewhere || summary === undefined || isHealthy(summary) ? undefined : newestHealthy(listed, cluster);
  const chosen = {
    ...(await asChosen(await store.open(address), store, wanted, identity)),
    ...(told === undefined ? {} : { told }),
    ...(healthy === undefined ? {} : { healthy: healthy.address }),
  };
  if (selector.id !== 'latest') return chosen;
  const earlier = fit.filter((each) => compareIds(each.address.id, address.id) < 0);
  return {
    ...chosen,
    earlier: earlier.map((backup) => ({
      ...backup.address,
      ...(backup.configuration === undefined ? {} : { configuration: backup.configuration }),
      ...(backup.summary?.helm === undefined ? {} : { helm: backup.summary.helm }),
    })),
  };
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
  return { reader, identity, cluster, isForeign: !(isSame ?? from.name === cluster) };
}
