import { compareIds } from '../../model/records/backup-id.ts';
import type { ListedJournal } from '../../model/records/journal.ts';
import { type ClusterInUse, caFolder, isSameCluster, uidFolder } from '../cluster-name.ts';
import type { ListedBackup, ReleaseAddress } from '../store.ts';

/**
 * The backups of the cluster in use: those in its folder, and those elsewhere whose summary tells that they are of
 * it. Whoever may not read kube-system saves under the name of the CA certificate, or of a cluster that the store
 * knows by it, and is of the same cluster. What knows its uid and lies elsewhere was given that name on purpose, and
 * counts where the name is given again. Of a damaged one the folder tells.
 */
export function ownBackups(listed: readonly ListedBackup[], cluster: ClusterInUse): ListedBackup[] {
  const folders = new Set(ownFolders(listed, cluster));
  return listed.filter(
    (backup) =>
      backup.address.cluster === cluster.name ||
      (backup.summary === undefined ? folders.has(backup.address.cluster) : isOwn(backup, cluster)),
  );
}

/** The folders in which the cluster in use has backups or journals; the one that it saves to comes first. */
export function ownFolders(listed: readonly ListedBackup[], cluster: ClusterInUse): string[] {
  const { name, identity } = cluster;
  const known = listed.filter((backup) => isOwn(backup, cluster)).map(({ address }) => address.cluster);
  return [...new Set([name, ...known, ...(identity === undefined ? [] : caFolder(identity))])];
}

function isOwn({ address, summary }: ListedBackup, { identity }: ClusterInUse): boolean {
  if (summary === undefined || identity === undefined) return false;
  const { uid } = summary.cluster;
  const isNamed = uid !== undefined && address.cluster !== uidFolder(uid);
  return !isNamed && isSameCluster(summary.cluster, identity) === true;
}

/** The journals of a release in all of these folders, oldest first, and where each lies. */
export async function ownJournals(
  folders: readonly string[],
  { namespace, release }: Omit<ReleaseAddress, 'cluster'>,
  read: (address: ReleaseAddress) => Promise<ListedJournal[]>,
): Promise<{ address: ReleaseAddress; listed: ListedJournal }[]> {
  const found = await Promise.all(
    folders.map(async (cluster) => {
      const address = { cluster, namespace, release };
      return (await read(address)).map((listed) => ({ address, listed }));
    }),
  );
  return found.flat().sort((a, b) => compareIds(a.listed.id, b.listed.id));
}
