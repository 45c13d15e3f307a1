import type { BackupAddress } from '../store.ts';
import { GitFailure } from './git-failure.ts';
import type { GitPlace } from './git-location.ts';
import type { GitRepository } from './git-repository.ts';
import { backupRef, readRef, verifiedRef } from './ref-names.ts';

/**
 * Takes the tags of a backup away, all at once: none is left then that leads to it. What was committed stays in the history of
 * the branch, from which Git takes nothing.
 * @throws GitFailure
 */
export async function removeFromGit(
  repository: GitRepository,
  { path }: GitPlace,
  address: BackupAddress,
): Promise<void> {
  const find = async (): Promise<string[]> => {
    const notes = verifiedRef(address, path, 1).replace(/1$/, '*');
    const { oids } = await repository.refs([backupRef(address, path), notes]);
    return [...oids.keys()].filter((ref) => readRef(ref, path) !== undefined);
  };
  const refs = await find();
  if (refs.length === 0) return;
  try {
    await repository.push(refs.map((ref) => ({ ref })));
  } catch (error) {
    // Somebody else was faster, or the answer was lost.
    if (error instanceof GitFailure && (await find().catch(() => refs)).length === 0) return;
    throw error;
  }
}
