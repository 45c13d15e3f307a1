import type { GitPlace } from './git-location.ts';
import type { GitRepository, RemoteRefs } from './git-repository.ts';

/** Where the repository is empty, and nobody named a branch. */
const FIRST_BRANCH = 'main';

/** The branch that holds the newest backups, and the commit that the server has there; none: it is not there yet. */
export interface BranchTip {
  /** "refs/heads/main" */
  ref: string;
  oid: string | undefined;
}

/** What to ask the server for, so that {@link tipOf} finds the branch. */
export function branchPatterns({ branch = FIRST_BRANCH }: GitPlace): string[] {
  return ['HEAD', `refs/heads/${branch}`];
}

export function tipOf({ branch }: GitPlace, refs: RemoteRefs): BranchTip {
  const name = branch ?? refs.head ?? FIRST_BRANCH;
  const ref = `refs/heads/${name}`;
  return { ref, oid: refs.oids.get(ref) ?? (name === refs.head ? refs.oids.get('HEAD') : undefined) };
}

/** Brings the commits of the branch and the trees of its tip into the cache, which remembers that. @returns the tip. */
export async function fetchTip(
  repository: GitRepository,
  { ref, oid }: { ref: string; oid: string },
): Promise<string> {
  const whole = ref.replace('refs/heads/', 'refs/complete/');
  if ((await repository.knownRefs()).get(whole) === oid) return oid;
  await repository.fetch([`+${ref}:${ref}`]);
  const tip = (await repository.find(ref)) ?? oid;
  await repository.complete(tip, 'trees');
  await repository.remember(whole, tip);
  return tip;
}
