import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isBackupId } from '../model/records/backup-id.ts';
import { isFolderName } from '../store/format/layout.ts';
import { idOfJournal } from '../store/journal/journal-name.ts';
import {
  newestFirst,
  type StoredFilter,
  type StoredKind,
  type StoredNames,
  type StoredRelease,
} from './stored-names.ts';

/** More folders of one kind are not looked into: an answer is to come at once. */
const MOST = 2_000;

/** What a store in a folder holds, by the names of its folders, as `list` goes by them: links are not followed. */
export class NamesInFolder implements StoredNames {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  clusters(): Promise<string[]> {
    return foldersIn(this.#root);
  }

  async releases({ cluster, namespace, release }: StoredFilter): Promise<StoredRelease[]> {
    const found: StoredRelease[] = [];
    for (const ofCluster of named(cluster, await this.clusters())) {
      const inCluster = join(this.#root, ofCluster);
      for (const ofNamespace of named(namespace, await foldersIn(inCluster))) {
        const releases = named(release, await foldersIn(join(inCluster, ofNamespace)));
        found.push(
          ...releases.map((each) => ({ cluster: ofCluster, namespace: ofNamespace, release: each })),
        );
        if (found.length >= MOST) return found.slice(0, MOST);
      }
    }
    return found;
  }

  async ids(kind: StoredKind, filter: StoredFilter): Promise<{ cluster: string; id: string }[]> {
    const places = await this.releases(filter);
    const found = await Promise.all(
      places.map(async ({ cluster, namespace, release }) => {
        const ids = await idsIn(join(this.#root, cluster, namespace, release), kind);
        return ids.filter(isBackupId).map((id) => ({ cluster, id }));
      }),
    );
    return newestFirst(found.flat());
  }
}

/** All of them, or the one that is meant where it is there. */
function named(wanted: string | undefined, there: readonly string[]): readonly string[] {
  return wanted === undefined ? there : there.filter((name) => name === wanted);
}

function idsIn(folder: string, kind: StoredKind): Promise<string[]> {
  if (kind === 'backups') return entriesIn(folder, 'folders');
  if (kind === 'snapshots') return entriesIn(join(folder, 'snapshots'), 'folders');
  return entriesIn(folder, 'files').then((files) => files.flatMap((name) => idOfJournal(name) ?? []));
}

async function foldersIn(folder: string): Promise<string[]> {
  return (await entriesIn(folder, 'folders')).filter(isFolderName);
}

/** None where it can't be read. */
async function entriesIn(folder: string, what: 'folders' | 'files'): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => (what === 'folders' ? entry.isDirectory() : entry.isFile()))
    .slice(0, MOST)
    .map(({ name }) => name);
}
