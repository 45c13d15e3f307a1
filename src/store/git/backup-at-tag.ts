import { ToolError } from '../../errors/tool-error.ts';
import { listCommand, type StoreName } from '../advice.ts';
import { readDocument } from '../format/backup-document.ts';
import { Damage } from '../format/damage.ts';
import { CHECKSUM, DOCUMENT } from '../format/layout.ts';
import { MemoryFiles } from '../format/memory-files.ts';
import type { BackupAddress, ReleaseAddress } from '../store.ts';
import { readCatalog } from './git-catalog.ts';
import { readEntries } from './git-files.ts';
import type { GitPlace } from './git-location.ts';
import type { GitRepository } from './git-repository.ts';
import { releaseFolder } from './release-folder.ts';

const TAGS = 'refs/tags/';
/** What git-check-ref-format(1) refuses, and patterns of git-ls-remote(1) would be: no tag has such a name. */
const NO_NAME = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^[-/.]|\/\.|[/.]$|\.lock(?:\/|$)/;

/**
 * The backup that lay in the place of a release's newest one at the commit of a tag, somebody's or ours. What of the commit is
 * needed comes into the cache; nothing is checked out.
 * @param releases where it may lie, the likeliest first.
 * @throws ToolError where there is no such tag, it holds no backup of the release, or that was removed.
 */
export async function backupAtTag(
  repository: GitRepository,
  { place, store }: { place: GitPlace; store: StoreName },
  releases: readonly ReleaseAddress[],
  tag: string,
): Promise<BackupAddress> {
  const [first] = releases;
  const what = `backup of ${first?.release} in namespace ${first?.namespace}`;
  const list = listCommand(store, first?.release, first?.namespace);
  const ref = tag.startsWith(TAGS) ? tag : `${TAGS}${tag}`;
  const isName = tag.length <= 250 && !NO_NAME.test(ref);
  if (!isName || !(await repository.tags([ref])).has(ref)) {
    throw new ToolError(`the repository ${store.location} has no tag ${tag}`, { next: list });
  }
  await repository.fetch([`+${ref}:${ref}`]);
  const commit = await repository.find(`${ref}^{commit}`);
  if (commit === undefined) {
    throw new ToolError(`the tag ${tag} is of no commit: it holds no ${what}`, { next: list });
  }
  await repository.complete(commit, 'trees');
  for (const release of releases) {
    const folder = releaseFolder(place.path, release);
    const id = await idIn(repository, commit, { folder, release });
    if (id === undefined) continue;
    const address = { ...release, id };
    if ((await readCatalog(repository, place.path, address)).length > 0) return address;
    throw new ToolError(`the tag ${tag} holds the ${what} ${id}, which was removed from the store since`, {
      next: list,
    });
  }
  throw new ToolError(`the commit of tag ${tag} holds no ${what}`, { next: list });
}

/** The id of the backup that lies in a folder of a commit; undefined where none lies there. @throws ToolError */
async function idIn(
  repository: GitRepository,
  commit: string,
  { folder, release }: { folder: string; release: ReleaseAddress },
): Promise<string | undefined> {
  const entries = (await repository.listFolder(commit, folder)).filter(
    ({ path, mode }) => [DOCUMENT, CHECKSUM].includes(path) && mode.startsWith('100'),
  );
  if (!entries.some(({ path }) => path === DOCUMENT)) return undefined;
  await repository.complete(`${commit}:${folder}`, 'files');
  try {
    const files = new MemoryFiles(await readEntries(repository, entries), async () => {});
    const { document } = await readDocument(files, { folder: '' });
    const isIt = document.release === release.release && document.namespace.name === release.namespace;
    if (!isIt) throw new Damage('it is of another release');
    return document.id;
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    throw new ToolError(`the backup in ${folder} of the tag's commit can't be read: ${error.message}`);
  }
}
