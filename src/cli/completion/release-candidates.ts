import { isReleaseName } from '../../model/records/backup-id.ts';
import { splitNamespace } from '../../model/records/backup-selector.ts';
import type { Candidate } from './candidate.ts';
import type { Sources } from './sources.ts';

/** On which releases. */
export interface WantedReleases {
  /** Names that are on the line already. */
  words: readonly string[];
  /** -A */
  allNamespaces?: boolean;
  sources: Sources;
}

/**
 * Names of releases that run in the namespace in use, or of which the store holds something: with -A of every namespace; of another one
 * after `NAMESPACE/`.
 */
export async function releaseCandidates(
  text: string,
  { words, allNamespaces = false, sources }: WantedReleases,
): Promise<Candidate[]> {
  const [, before = ''] = /^([^/]+\/)?.*$/s.exec(text) ?? [];
  const qualified = before === '' ? undefined : before.slice(0, -1);
  const namespace = qualified ?? (allNamespaces ? undefined : await sources.namespace());
  const [live, store] = await Promise.all([sources.releases(namespace), sources.store()]);
  const stored = await store.releases({ namespace });
  const isLive = new Set(live.map(({ release }) => release));
  const isStored = new Set(stored.map(({ release }) => release));
  const said = new Set(words.map((word) => splitNamespace(word).name.replace(/@.*/s, '')));
  return [...new Set([...isLive, ...isStored])]
    .filter((name) => isReleaseName(name) && !said.has(name))
    .sort()
    .map((name) => ({
      value: `${before}${name}`,
      description: describe({ isLive: isLive.has(name), isStored: isStored.has(name) }),
    }));
}

function describe({ isLive, isStored }: { isLive: boolean; isStored: boolean }): string {
  if (isLive && isStored) return 'runs, and has backups';
  return isLive ? 'runs, no backups known' : 'in the store alone';
}
