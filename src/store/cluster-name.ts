import { ToolError } from '../errors/tool-error.ts';
import type { BackupDocument } from '../model/records/backup-format.ts';

/** What tells one cluster from another. */
interface Identity {
  /** Of the kube-system namespace. */
  uid: string | undefined;
  /** Of the CA certificate. */
  caDigest: string | undefined;
}

/** The cluster in use, as a store knows it. */
export interface ClusterInUse {
  /** The folder that its backups are saved to. */
  name: string;
  /** Tells its backups in other folders; absent where the user named the folder, which alone counts then. */
  identity?: Identity;
}

/** A cluster that a store already holds backups of. */
export interface KnownCluster {
  name: string;
  caDigest?: string;
}

/**
 * The folder that a cluster's backups lie in: the first 8 characters of the kube-system namespace's uid;
 * where that can't be read, the store's cluster with the same CA certificate, else the first 8 characters
 * of the certificate's digest.
 * @throws ToolError where nothing tells the cluster from another.
 */
export function clusterName(identity: Identity, known: KnownCluster[]): string {
  if (identity.uid !== undefined) return uidFolder(identity.uid);
  const { caDigest } = identity;
  const [folder] = caFolder(identity);
  if (folder !== undefined) return known.find((cluster) => cluster.caDigest === caDigest)?.name ?? folder;
  throw new ToolError(
    "this cluster can't be told from others: kube-system may not be read and there is no CA certificate",
    {
      untouched: 'nothing was written',
      next: 'name it yourself: --cluster-name NAME',
    },
  );
}

/** The folder that is named after the uid of kube-system. */
export function uidFolder(uid: string): string {
  return uid.slice(0, 8);
}

/** The folder that is named after the CA certificate; none without one. */
export function caFolder({ caDigest }: Pick<Identity, 'caDigest'>): string[] {
  return caDigest === undefined ? [] : [caDigest.slice(0, 8)];
}

/** Whether a backup is of this cluster; undefined where neither uid nor CA certificate tells. */
export function isSameCluster(
  saved: Pick<BackupDocument['cluster'], 'uid' | 'caDigest'>,
  here: Identity,
): boolean | undefined {
  if (saved.uid !== undefined && here.uid !== undefined) return saved.uid === here.uid;
  if (saved.caDigest === undefined || here.caDigest === undefined) return undefined;
  return saved.caDigest === here.caDigest;
}

/** Whether a backup is certainly not of this cluster. */
export function isOtherCluster(...compared: Parameters<typeof isSameCluster>): boolean {
  return isSameCluster(...compared) === false;
}
