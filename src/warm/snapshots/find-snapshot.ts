import { tool } from '../../advice/command.ts';
import { ToolError, UsageError } from '../../errors/tool-error.ts';
import { parseJsonWithin } from '../../model/json/bounded-json.ts';
import { compareIds, isBackupId, timeOfId } from '../../model/records/backup-id.ts';
import {
  MANIFEST,
  MANIFEST_MAX_BYTES,
  readSnapshotManifest,
  type SnapshotManifest,
  snapshotPath,
} from '../../model/records/snapshot-manifest.ts';
import type { BesideFile, ReleaseFiles } from '../../store/release-files.ts';
import type { ReleaseAddress, Store } from '../../store/store.ts';

const LIMITS = { bytes: MANIFEST_MAX_BYTES, values: 200_000, depth: 8, members: 100 };
/** What has no manifest after so long was cut off. */
const CUT_OFF_AFTER_MS = 24 * 60 * 60 * 1000;

/** @throws UsageError where the store takes no files beside backups. */
export function releaseFilesOf(store: Store, address: ReleaseAddress): ReleaseFiles {
  const files = store.releaseFiles(address);
  if (files !== undefined) return files;
  throw new UsageError(`the store ${store.location} takes no snapshots: it is one backup in a file`);
}

/**
 * The snapshots of a release, the newest first; those that can't be read, or are none of this release, are passed over.
 * @throws UnreachableError where the store can't be read.
 */
export async function listSnapshots(
  files: ReleaseFiles,
  { namespace, release }: ReleaseAddress,
): Promise<SnapshotManifest[]> {
  const listed = await files.list('snapshots');
  const ids = idsIn(listed.filter(({ path }) => path.endsWith(`/${MANIFEST}`)));
  const manifests = await Promise.all(ids.map((id) => readManifest(files, id)));
  return manifests.filter(
    (manifest): manifest is SnapshotManifest =>
      manifest !== undefined && manifest.release === release && manifest.namespace === namespace,
  );
}

async function readManifest(files: ReleaseFiles, id: string): Promise<SnapshotManifest | undefined> {
  try {
    const text = await files.read(snapshotPath(id, MANIFEST), MANIFEST_MAX_BYTES);
    const manifest = text === undefined ? undefined : readSnapshotManifest(parseJsonWithin(text, LIMITS));
    return manifest?.id === id ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** The newest first. */
function idsIn(listed: readonly BesideFile[]): string[] {
  const ids = new Set(listed.map(({ path }) => path.split('/')[1] ?? '').filter(isBackupId));
  return [...ids].sort((a, b) => compareIds(b, a));
}

/** A snapshot by its id, the beginning of one, or "latest". @throws ToolError where there is none, or several. */
export async function findSnapshot(
  files: ReleaseFiles,
  address: ReleaseAddress,
  id: string,
): Promise<SnapshotManifest> {
  const all = await listSnapshots(files, address);
  const { release, namespace } = address;
  const next = tool('snapshot', release, '-n', namespace, '--list');
  const [first] = all;
  if (first === undefined)
    throw new ToolError(`there is no snapshot of ${release} in namespace ${namespace}`, {
      untouched: 'no cache was changed',
      next: tool('snapshot', release, '-n', namespace),
    });
  if (id === 'latest') return first;
  const fitting = all.filter((each) => each.id.startsWith(id));
  const [found, other] = fitting.some((each) => each.id === id)
    ? fitting.filter((each) => each.id === id)
    : fitting;
  if (found !== undefined && other === undefined) return found;
  const problem = found === undefined ? 'there is no snapshot' : 'there are several snapshots';
  throw new ToolError(`${problem} ${release}@${id} in namespace ${namespace}`, {
    untouched: 'no cache was changed',
    next,
  });
}

/** Removes snapshots, their manifests first: what has none is none. @returns how many files. @throws ToolError */
export async function removeSnapshots(files: ReleaseFiles, ids: readonly string[]): Promise<number> {
  const listed = await files.list('snapshots');
  const going = listed
    .map(({ path }) => path)
    .filter((path) => ids.includes(path.split('/')[1] ?? ''))
    .sort((a, b) => Number(b.endsWith(`/${MANIFEST}`)) - Number(a.endsWith(`/${MANIFEST}`)));
  for (const path of going) await files.remove(path);
  return going.length;
}

/** What was cut off long ago: files of a snapshot that has no manifest. @throws UnreachableError */
export async function cutOffSnapshots(files: ReleaseFiles, now: Date): Promise<string[]> {
  const listed = await files.list('snapshots');
  const whole = new Set(idsIn(listed.filter(({ path }) => path.endsWith(`/${MANIFEST}`))));
  return idsIn(listed).filter((id) => !whole.has(id) && now.getTime() - timeOfId(id) > CUT_OFF_AFTER_MS);
}
