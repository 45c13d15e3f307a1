import { Damage } from '../format/damage.ts';
import { CHECKSUM, DOCUMENT, SEALED } from '../format/layout.ts';
import { MemoryFiles } from '../format/memory-files.ts';
import type { StoredFiles } from '../format/stored-files.ts';
import type { ReleaseAddress } from '../store.ts';
import { branchPatterns, fetchTip, tipOf } from './branch-tip.ts';
import { readEntries } from './git-files.ts';
import type { GitPlace } from './git-location.ts';
import type { GitRepository, RemoteRefs, TreeEntry } from './git-repository.ts';
import { backupRef } from './ref-names.ts';
import { releaseFolder } from './release-folder.ts';

/** What the server has in the place of a release's next backup. */
export interface PlaceOfRelease {
  /** The branch, and the tags of the release's backups. */
  refs: RemoteRefs;
  /** The commit of the branch, which the cache has with its trees; none: there is no branch yet. */
  tip: string | undefined;
  /** The files in the release's folder, whosever they are. */
  entries: readonly TreeEntry[];
}

/** What to ask the server for. */
export function patternsOf(place: GitPlace, release: ReleaseAddress): string[] {
  const anyBackup = backupRef({ ...release, id: ANY_ID }, place.path).replace(/[^/]+$/, '*');
  return [...branchPatterns(place), anyBackup];
}

const ANY_ID = '20000101T000000Z';

/** Asks the server, and looks. @throws GitFailure */
export async function lookAt(
  repository: GitRepository,
  place: GitPlace,
  release: ReleaseAddress,
): Promise<PlaceOfRelease> {
  const refs = await repository.refs(patternsOf(place, release));
  const { ref, oid } = tipOf(place, refs);
  if (oid === undefined) return { refs, tip: undefined, entries: [] };
  const tip = await fetchTip(repository, { ref, oid });
  return { refs, tip, entries: await repository.listFolder(tip, releaseFolder(place.path, release)) };
}

/** What tells of the sealed backup there, and its archive; undefined where none can be read. @throws GitFailure */
export async function readSealed(
  repository: GitRepository,
  { tip, entries }: PlaceOfRelease,
  folder: string,
): Promise<StoredFiles | undefined> {
  const wanted = entries.filter(
    ({ path, mode }) => [DOCUMENT, CHECKSUM, SEALED].includes(path) && mode.startsWith('100'),
  );
  if (wanted.length < 3) return undefined;
  try {
    await repository.complete(`${tip}:${folder}`, 'files');
    return new MemoryFiles(await readEntries(repository, wanted), async () => {});
  } catch (error) {
    if (error instanceof Damage) return undefined;
    throw error;
  }
}
