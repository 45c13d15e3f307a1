import { MAX_ARCHIVE_BYTES } from '../format/archive.ts';
import { Damage } from '../format/damage.ts';
import { MAX_FILE_BYTES, VERIFIED } from '../format/layout.ts';
import type { GitRepository, TreeEntry } from './git-repository.ts';

/**
 * The files of a backup in the tree of its commit, all in memory. Whoever reads them checks them against backup.json.
 * @throws Damage where they are not there, one is no plain file, or they are too large.
 */
export async function readFiles(
  repository: GitRepository,
  commit: string,
  folder: string,
): Promise<Map<string, Uint8Array>> {
  await repository.complete(commit, 'trees');
  const entries = (await repository.listFolder(commit, folder)).filter(({ path }) => path !== VERIFIED);
  if (entries.length === 0) throw new Damage(`the commit of its tag holds no folder ${folder}`);
  // A link could lead out of the backup, a submodule into another repository.
  const strange = entries.find(({ mode }) => mode !== '100644' && mode !== '100755');
  if (strange !== undefined) throw new Damage(`${strange.path} is no plain file`);
  await repository.complete(`${commit}:${folder}`, 'files');
  return readEntries(repository, entries);
}

/** Those files, which the cache has. @throws Damage where they are too large. */
export async function readEntries(
  repository: GitRepository,
  entries: readonly TreeEntry[],
): Promise<Map<string, Uint8Array>> {
  const oids = [...new Set(entries.map(({ oid }) => oid))];
  const sizes = await repository.sizes(oids);
  for (const { path, oid } of entries) {
    const size = sizes.get(oid) ?? 0;
    if (size > MAX_FILE_BYTES)
      throw new Damage(`${path} has ${size} bytes, at most ${MAX_FILE_BYTES} are read`);
  }
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  if (total > MAX_ARCHIVE_BYTES)
    throw new Damage(`its files have ${total} bytes, at most ${MAX_ARCHIVE_BYTES} are read`);
  const objects = await repository.read(oids, total);
  return new Map(entries.map(({ path, oid }) => [path, objects.get(oid)?.content ?? Buffer.alloc(0)]));
}
