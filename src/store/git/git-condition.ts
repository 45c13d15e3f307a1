import { statfs } from 'node:fs/promises';
import { shell } from '../../advice/command.ts';
import type { StoreCondition } from '../store.ts';
import { type BranchTip, branchPatterns, fetchTip, tipOf } from './branch-tip.ts';
import { readCatalog } from './git-catalog.ts';
import { GitFailure } from './git-failure.ts';
import type { GitPlace } from './git-location.ts';
import type { GitRepository } from './git-repository.ts';
import { inPlaceOf, storeTrouble } from './git-trouble.ts';

/** Two refs of which one leads through the other: no repository holds both, so nothing of a push of them is ever taken. */
const NEVER = ['refs/tags/backup-probe', 'refs/tags/backup-probe/never'] as const;

/** What git and servers say of them: their hooks and rules had nothing against it. */
const EXPECTED: ReadonlySet<string> = new Set(['raced', 'other']);

/**
 * How a store in Git is doing. Nothing is written, not for a moment.
 * @throws GitFailure where it can't be read.
 */
export async function gitCondition(repository: GitRepository, place: GitPlace): Promise<StoreCondition> {
  const branch = tipOf(place, await repository.refs(branchPatterns(place)));
  const { ref, oid } = branch;
  const tip = oid === undefined ? undefined : await fetchTip(repository, { ref, oid });
  const [refusal, rewritten] = [
    await tryPush(repository, branch, tip),
    await whyRewritten(repository, place, { ref, oid: tip }),
  ];
  const { bavail, bsize } = await statfs(repository.folder);
  return {
    ...(refusal === undefined ? {} : { unwritable: unwritable(refusal, place) }),
    ...(rewritten === undefined ? {} : { rewritten }),
    room: { freeBytes: bavail * bsize, fix: [shell('df', '-h', repository.folder)] },
    leftovers: [],
    exposed: [],
  };
}

function unwritable(refusal: GitFailure, place: GitPlace): NonNullable<StoreCondition['unwritable']> {
  const trouble = storeTrouble(refusal.trouble, place);
  return {
    why: refusal.message,
    fix: [inPlaceOf(refusal.next, place)],
    ...(trouble === undefined ? {} : { trouble }),
  };
}

/** Asks the server to take a commit that changes nothing, together with what it has to refuse. @returns what it has against it. */
async function tryPush(
  repository: GitRepository,
  { ref }: BranchTip,
  tip: string | undefined,
): Promise<GitFailure | undefined> {
  try {
    const same = tip === undefined ? undefined : await repository.find(`${tip}^{tree}`);
    const tree = same ?? (await repository.writeTree(undefined, [], []));
    const to = await repository.commit(tree, tip, 'Probe\n');
    await repository.push([ref, ...NEVER].map((each) => ({ ref: each, to })));
    return undefined;
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    return EXPECTED.has(error.trouble) ? undefined : error;
  }
}

/** Whether commits that backups were pushed to the branch as are not in its history any more. */
async function whyRewritten(
  repository: GitRepository,
  place: GitPlace,
  { ref, oid }: BranchTip,
): Promise<StoreCondition['rewritten']> {
  const pushed = (await readCatalog(repository, place.path, {})).filter(
    ({ claims }) => claims?.branch === ref,
  );
  const outside = await repository.outside(
    pushed.map(({ commit }) => commit),
    oid,
  );
  const lost = pushed
    .filter(({ commit }) => outside.has(commit))
    .sort((a, b) => (a.address.id < b.address.id ? -1 : 1));
  const last = lost.at(-1);
  if (last === undefined) return undefined;
  const name = ref.replace(/^refs\/heads\//, '');
  const what = lost.length === 1 ? 'a commit' : `${lost.length} commits`;
  const { release, id } = last.address;
  return {
    why: `${what} of backups that went to ${name} can't be found in its history any more, the newest that of ${release}@${id}: ${oid === undefined ? 'the branch is gone' : 'it was pushed by force'}; tags hold the backups, whole`,
    fix: [shell('git', 'push', place.url, `${last.commit}:refs/heads/${name}-before`)],
  };
}
