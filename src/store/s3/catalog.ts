import { mapLimited } from '../../errors/map-limited.ts';
import { isBackupId } from '../../model/records/backup-id.ts';
import { isWithin } from '../address-filter.ts';
import { Damage } from '../format/damage.ts';
import { isFolderName } from '../format/layout.ts';
import type { BackupAddress } from '../store.ts';
import { type BackupEntry, readEntryName, type VerifiedEntry } from './catalog-name.ts';
import type { S3Bucket, StoredObject } from './s3-bucket.ts';

/** Hidden, as everything in a store that is no cluster's folder. */
const CATALOG = '.catalog/';

/** Clusters looked through at once. */
const AT_ONCE = 8;

/** What the catalog has on one backup. */
export interface CatalogedBackup {
  address: BackupAddress;
  /** The object, and what its name says; absent where the only entry is damaged. */
  backup?: { object: StoredObject; entry: BackupEntry };
  /** The latest verification of this very backup; absent where there was none, or it was taken back. */
  verified?: { object: StoredObject; entry: VerifiedEntry };
  /** Every object about a verification, damaged ones too. */
  verifications: StoredObject[];
  /** Of all of them, those that were taken back too: the latest moment, in milliseconds since 1970. */
  notedAt: number;
  damage?: string;
  /** The entry may be whole, and is of a newer tool. */
  unreadable?: true;
}

/** The folder of a backup's entries. */
export function catalogFolder({ cluster, namespace, release, id }: BackupAddress): string {
  return `${CATALOG}${cluster}/${namespace}/${release}/${id}/`;
}

/**
 * Reads the catalog: one request for a thousand entries.
 * @throws S3Failure
 */
export async function readCatalog(
  bucket: S3Bucket,
  filter: Partial<BackupAddress>,
): Promise<CatalogedBackup[]> {
  const { prefix, isNarrow } = prefixOf(filter);
  const objects: StoredObject[] = [];
  for await (const page of bucket.list(prefix)) {
    objects.push(...page.objects);
    // A large store, of which a little is wanted, whichever the cluster.
    if (!page.isLast && !isNarrow && filter.namespace !== undefined) return readEachCluster(bucket, filter);
  }
  return backupsOf(objects, filter);
}

async function readEachCluster(bucket: S3Bucket, filter: Partial<BackupAddress>): Promise<CatalogedBackup[]> {
  const clusters: string[] = [];
  for await (const { folders } of bucket.list(CATALOG, { foldersOnly: true }))
    clusters.push(...folders.map((folder) => folder.slice(CATALOG.length, -1)).filter(isFolderName));
  const found = await mapLimited(clusters, AT_ONCE, (cluster) => readCatalog(bucket, { ...filter, cluster }));
  return found.flat();
}

/** As far as the parts are known from the left. */
function prefixOf({ cluster, namespace, release, id }: Partial<BackupAddress>): {
  prefix: string;
  isNarrow: boolean;
} {
  const known: string[] = [];
  for (const part of [cluster, namespace, release, id]) {
    if (part === undefined) break;
    known.push(`${part}/`);
  }
  return { prefix: CATALOG + known.join(''), isNarrow: known.length > 0 };
}

/** Objects that no store makes are passed over. */
function backupsOf(objects: readonly StoredObject[], filter: Partial<BackupAddress>): CatalogedBackup[] {
  const found = new Map<string, CatalogedBackup>();
  for (const object of objects) {
    const [cluster = '', namespace = '', release = '', id = '', ...rest] = object.key
      .slice(CATALOG.length)
      .split('/');
    const address = { cluster, namespace, release, id };
    if (![cluster, namespace, release].every(isFolderName) || !isBackupId(id)) continue;
    if (!isWithin(address, filter)) continue;
    const name = rest.join('');
    if (!/^(?:backup|verified)\./.test(name)) continue;
    const folder = catalogFolder(address);
    const known = found.get(folder) ?? { address, verifications: [], notedAt: 0 };
    found.set(folder, known);
    take(known, object, name);
  }
  return [...found.values()].flatMap(settled);
}

function take(known: CatalogedBackup, object: StoredObject, name: string): void {
  if (name.startsWith('verified.')) {
    known.verifications.push(object);
    const entry = verificationIn(name, known.address);
    if (entry !== undefined && entry.at >= known.notedAt) {
      known.verified = { object, entry };
      known.notedAt = entry.at;
    }
    return;
  }
  try {
    const entry = readEntryName(name, known.address);
    if (entry?.kind !== 'backup') return;
    if (known.backup !== undefined) throw new Damage('it has two entries in the catalog');
    if (object.size !== entry.document.size)
      throw new Damage(
        `backup.json in the catalog has ${object.size} bytes, its name says ${entry.document.size}`,
      );
    known.backup = { object, entry };
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    known.damage = error.message;
    if (error.unreadable) known.unreadable = true;
  }
}

/** A backup is no worse for a verification that can't be read. */
function verificationIn(name: string, address: BackupAddress): VerifiedEntry | undefined {
  try {
    const entry = readEntryName(name, address);
    return entry?.kind === 'verified' ? entry : undefined;
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    return undefined;
  }
}

/** One that was taken back, or is of another backup.json, says nothing; without a backup there is nothing to say it of. */
function settled(known: CatalogedBackup): CatalogedBackup[] {
  const { backup, damage, verified, ...rest } = known;
  if (backup === undefined && damage === undefined) return [];
  const isOfIt =
    verified !== undefined &&
    verified.entry.verification.size > 0 &&
    verified.entry.backup === backup?.entry.document.sha256;
  return [
    {
      ...rest,
      ...(backup === undefined ? {} : { backup }),
      ...(damage === undefined ? {} : { damage }),
      ...(isOfIt ? { verified } : {}),
    },
  ];
}
