import { setTimeout as sleep } from 'node:timers/promises';
import { ToolError } from '../../errors/tool-error.ts';
import { Damage } from '../format/damage.ts';
import { releaseParts } from '../format/layout.ts';
import {
  assertBesideFile,
  assertBesidePath,
  type BesideFile,
  type BesideFolder,
  listedBeside,
  type ReleaseFiles,
} from '../release-files.ts';
import type { ReleaseAddress } from '../store.ts';
import { type BranchTip, fetchTip } from './branch-tip.ts';
import { GitFailure } from './git-failure.ts';
import type { GitPlace } from './git-location.ts';
import type { GitRepository, TreeEntry } from './git-repository.ts';
import type { KnownTip } from './known-tip.ts';

/** Writers at once are few: a drill takes minutes. */
const TRIES = 20;

/** Works in the cache of the repository, and renews that where it is broken. */
export type UseRepository = <T>(work: (repository: GitRepository) => Promise<T>) => Promise<T>;

/** The branch as the server has it, and what lies beside the backups of the release there. */
interface Beside {
  branch: string;
  tip: string | undefined;
  /** Paths as {@link ReleaseFiles} has them. */
  entries: TreeEntry[];
}

/**
 * Reports of drills, each a commit on the branch. They lie in a folder of their own: what is in the folder of a release belongs
 * to its newest backup, and every backup would change with a drill. Errors are {@link GitFailure}s.
 */
export class GitReleaseFiles implements ReleaseFiles {
  readonly #use: UseRepository;
  readonly #place: GitPlace;
  readonly #release: ReleaseAddress;
  readonly #tip: KnownTip;

  /** @param tip of the store: all releases are on one branch. */
  constructor(use: UseRepository, place: GitPlace, release: ReleaseAddress, tip: KnownTip) {
    this.#use = use;
    this.#place = place;
    this.#release = release;
    this.#tip = tip;
  }

  async write(path: string, content: Uint8Array): Promise<void> {
    assertBesideFile(path, content);
    if (!path.startsWith('drills/'))
      throw new ToolError('a Git repository takes no snapshots: its history would keep what a cache holds', {
        untouched: 'nothing was written',
        next: 'name another store for them: --store ./memcached-backups, or a bucket or a claim',
      });
    await this.#commit(path, async (repository) => {
      const [oid = ''] = await repository.writeFiles([content]);
      return { mode: '100644', oid };
    });
  }

  read(path: string, maximum: number): Promise<Buffer | undefined> {
    return this.#use(async (repository) => {
      assertBesidePath(path);
      const { tip, entries } = await this.#look(repository);
      const entry = entries.find((each) => each.path === path);
      if (entry === undefined) return undefined;
      if (!isPlain(entry)) throw new Damage(`${path} is no plain file`);
      await this.#fetch(repository, tip);
      const size = (await repository.sizes([entry.oid])).get(entry.oid) ?? 0;
      if (size > maximum) throw new Damage(`${path} has ${size} bytes, at most ${maximum} are read`);
      return (await repository.read([entry.oid], size)).get(entry.oid)?.content;
    });
  }

  list(folder: BesideFolder): Promise<BesideFile[]> {
    return this.#use(async (repository) => {
      const { tip, entries } = await this.#look(repository);
      const wanted = entries.filter((entry) => entry.path.startsWith(`${folder}/`) && isPlain(entry));
      if (wanted.length === 0) return [];
      await this.#fetch(repository, tip);
      const sizes = await repository.sizes([...new Set(wanted.map(({ oid }) => oid))]);
      return listedBeside(wanted.map(({ path, oid }) => ({ path, bytes: sizes.get(oid) ?? 0 })));
    });
  }

  async remove(path: string): Promise<void> {
    assertBesidePath(path);
    await this.#commit(path, async () => undefined);
  }

  /** "DIR/.drills/CLUSTER/NAMESPACE/RELEASE": hidden, as everything in a store that is no cluster's folder. */
  get #folder(): string {
    const { path } = this.#place;
    return [...(path === '' ? [] : [path]), '.drills', ...releaseParts(this.#release)].join('/');
  }

  /** @param tip a moment ago where absent. */
  async #look(repository: GitRepository, tip?: BranchTip): Promise<Beside> {
    const { ref: branch, oid } = tip ?? (await this.#tip.lately(repository));
    if (oid === undefined) return { branch, tip: undefined, entries: [] };
    const commit = await fetchTip(repository, { ref: branch, oid });
    const entries = await repository.listFolder(commit, this.#folder);
    return {
      branch,
      tip: commit,
      entries: entries.map((entry) => ({ ...entry, path: `drills/${entry.path}` })),
    };
  }

  /** The files, all at once; git would fetch them one by one. */
  async #fetch(repository: GitRepository, tip: string | undefined): Promise<void> {
    if (tip !== undefined) await repository.complete(`${tip}:${this.#folder}`, 'files');
  }

  /** Puts a file there, or takes it away, on the newest commit of the branch: again where somebody else was faster. */
  async #commit(
    path: string,
    make: (repository: GitRepository) => Promise<Omit<TreeEntry, 'path'> | undefined>,
  ): Promise<void> {
    await this.#use(async (repository) => {
      repository.readSettings();
      const file = await make(repository);
      for (let tries = 1; ; tries++) {
        const { branch, tip, entries } = await this.#look(repository, await this.#tip.now(repository));
        const before = entries.find((each) => each.path === path);
        if (file?.oid === before?.oid) return;
        const inBranch = `${this.#folder}/${path.slice('drills/'.length)}`;
        const tree = await repository.writeTree(
          tip,
          before === undefined ? [] : [inBranch],
          file === undefined ? [] : [{ ...file, path: inBranch }],
        );
        const commit = await repository.commit(tree, tip, this.#message(path, file !== undefined));
        try {
          this.#tip.forget();
          await repository.push([{ ref: branch, to: commit }]);
          return;
        } catch (error) {
          const isRaced = error instanceof GitFailure && error.trouble === 'raced';
          if (!isRaced || tries === TRIES) throw error;
          await sleep(Math.random() * 150 * Math.min(tries, 8));
        }
      }
    });
  }

  #message(path: string, isAdded: boolean): string {
    const { cluster, namespace, release } = this.#release;
    const doing = isAdded ? 'Report a drill of' : 'Remove the report of a drill of';
    return `${doing} ${namespace}/${release}\n\nRelease: ${release}\nNamespace: ${namespace}\nCluster: ${cluster}\nReport: ${path}\n`;
  }
}

function isPlain({ mode }: TreeEntry): boolean {
  return mode.startsWith('100');
}
