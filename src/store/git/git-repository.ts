import { hash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renamePatiently } from '../patient-rename.ts';
import { GitFailure, TooMuchOutput } from './git-failure.ts';
import { type GitRun, runGit } from './git-program.ts';

/** What a repository's refs point at now: full names and object ids. */
export interface RemoteRefs {
  /** An annotated tag's own object. */
  oids: Map<string, string>;
  /** The branch of HEAD; absent where it has none, or nothing was committed. */
  head?: string;
}

export interface GitObject {
  type: string;
  content: Buffer;
}

/** One file of a tree. */
export interface TreeEntry {
  /** "100644": a plain file; a link, a submodule or the like otherwise. */
  mode: string;
  oid: string;
  /** From the top of the tree that was listed. */
  path: string;
}

/** A ref that is to be changed: to an object (its id, or a ref of the cache), or to nothing. */
export interface RefUpdate {
  ref: string;
  to?: string;
}

/** An object of the cache is not what its id says, or git can't work in it: it is to be thrown away. */
export class BrokenCache extends Error {}

/** The server gives no object but what its refs lead to: nothing may be left out of a fetch. */
export class WholeFetchNeeded extends Error {}

/** A push takes long where hooks run; who waits for one that was broken off waits so long. */
const PUSH_MS = 5 * 60_000;
const OID = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** What git does for a store: plumbing only, without a work tree, in a bare repository that serves as a cache. */
export class GitRepository {
  readonly folder: string;
  readonly #isWhole: boolean;
  readonly #env: NodeJS.ProcessEnv;
  readonly #signal: AbortSignal | undefined;

  constructor(
    { folder, isWhole }: { folder: string; isWhole: boolean },
    env: NodeJS.ProcessEnv,
    signal?: AbortSignal,
  ) {
    this.folder = folder;
    this.#isWhole = isWhole;
    this.#env = env;
    this.#signal = signal;
  }

  /** Asks the server. @param patterns as git ls-remote(1) takes them. */
  async refs(patterns: readonly string[], signal = this.#signal): Promise<RemoteRefs> {
    const out = await this.#git(['ls-remote', '--symref', 'origin', ...patterns], { signal });
    const refs: RemoteRefs = { oids: new Map() };
    for (const line of out.toString().split('\n')) {
      const [oid = '', ref = ''] = line.split('\t');
      if (oid.startsWith('ref: refs/heads/')) refs.head = oid.slice('ref: refs/heads/'.length);
      else if (OID.test(oid) && ref !== '' && !ref.endsWith('^{}')) refs.oids.set(ref, oid);
    }
    return refs;
  }

  /** Asks the server for tags: names and the ids of their own objects. @param patterns as of {@link refs}. */
  async tags(patterns: readonly string[]): Promise<Map<string, string>> {
    const out = await this.#git(['ls-remote', '--refs', 'origin', ...patterns]);
    return pairsIn(out, '\t');
  }

  /** The refs of the cache, which tell what need not be fetched again. */
  async knownRefs(): Promise<Map<string, string>> {
    return pairsIn(await this.#local(['for-each-ref', '--format=%(objectname) %(refname)']), ' ');
  }

  /**
   * Fetches refs without trees and files, which come when they are read, where the server allows that.
   * @param refspecs of refs that exist, or with "*".
   */
  async fetch(refspecs: readonly string[]): Promise<void> {
    await this.#local([
      'fetch',
      '--quiet',
      '--no-tags',
      '--no-write-fetch-head',
      '--prune',
      ...(this.#isWhole ? [] : ['--filter=tree:0']),
      'origin',
      ...refspecs,
    ]);
  }

  /** Gives an object of the cache a name of the cache's own. */
  async remember(ref: string, oid: string): Promise<void> {
    await this.#local(['update-ref', ref, oid]);
  }

  /**
   * Fetches thousands of tags, which git would write into a file each, for seconds, and gives them names in one file.
   * @param known the refs that the cache has, which stay.
   */
  async fetchMany(tags: ReadonlyMap<string, string>, known: ReadonlyMap<string, string>): Promise<void> {
    await this.#local(
      [
        'fetch',
        '--quiet',
        '--no-tags',
        '--no-write-fetch-head',
        ...(this.#isWhole ? [] : ['--filter=tree:0']),
        '--stdin',
        'origin',
      ],
      { input: [...new Set(tags.values())].map((oid) => `${oid}\n`).join('') },
    );
    // As git pack-refs(1) writes it; a ref in a file of its own goes before it.
    const refs = [...new Map([...known, ...tags])].sort(([a], [b]) => (a < b ? -1 : 1));
    const path = join(this.folder, 'packed-refs');
    await writeFile(
      `${path}.new`,
      `# pack-refs with: sorted \n${refs.map(([ref, oid]) => `${oid} ${ref}\n`).join('')}`,
    );
    await renamePatiently(`${path}.new`, path);
  }

  /**
   * Fetches, in one go each, what is missing below an object that is there or can be had: its trees, and its files as well.
   * Without it git fetches them one by one.
   */
  async complete(object: string, depth: 'trees' | 'files'): Promise<void> {
    for (let round = 0; round < 4; round++) {
      const out = await this.#local([
        'rev-list',
        '--objects',
        '--missing=print',
        '--no-object-names',
        ...(depth === 'trees' ? ['--filter=blob:none'] : []),
        '--no-walk',
        object,
      ]);
      const missing = out
        .toString()
        .split('\n')
        .filter((line) => line.startsWith('?'))
        .map((line) => line.slice(1));
      if (missing.length === 0) return;
      await this.#local(
        [
          '-c',
          'fetch.negotiationAlgorithm=noop',
          'fetch',
          '--quiet',
          '--no-tags',
          '--no-write-fetch-head',
          '--filter=blob:none',
          '--stdin',
          'origin',
        ],
        { input: `${missing.join('\n')}\n` },
      );
    }
  }

  /** Those of some commits that are not in the history of another one; all of them where there is none. */
  async outside(commits: readonly string[], tip: string | undefined): Promise<Set<string>> {
    if (commits.length === 0) return new Set();
    const input = [...commits, ...(tip === undefined ? [] : [`^${tip}`])].map((each) => `${each}\n`).join('');
    const out = await this.#local(['rev-list', '--stdin'], { input });
    return new Set(out.toString().split('\n'));
  }

  /** The object that a name leads to, "COMMIT:PATH"; undefined where there is none. */
  async find(name: string): Promise<string | undefined> {
    const out = await this.#local(['rev-parse', '--verify', '--quiet', '--end-of-options', name]).catch(
      (error: unknown) => {
        if (error instanceof BrokenCache) return Buffer.alloc(0);
        throw error;
      },
    );
    const oid = out.toString().trim();
    return OID.test(oid) ? oid : undefined;
  }

  /** The files below a folder of a commit, by their paths in it; none where there is no such folder. */
  async listFolder(commit: string, folder: string): Promise<TreeEntry[]> {
    const out = await this.#local(['ls-tree', '-r', '-z', '--full-tree', commit, '--', `${folder}/`]);
    return out
      .toString()
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => {
        const [, mode = '', oid = '', path = ''] = /^(\d+) \S+ ([0-9a-f]+)\t([\s\S]*)$/.exec(line) ?? [];
        return { mode, oid, path: path.slice(folder.length + 1) };
      });
  }

  /** Sizes in bytes, by id. */
  async sizes(oids: readonly string[]): Promise<Map<string, number>> {
    const out = await this.#local(['cat-file', '--batch-check=%(objectname) %(objectsize)', '--buffer'], {
      input: oids.map((oid) => `${oid}\n`).join(''),
    });
    const sizes = new Map<string, number>();
    for (const line of out.toString().split('\n')) {
      const [oid = '', size = ''] = line.split(' ');
      if (/^\d+$/.test(size)) sizes.set(oid, Number(size));
    }
    return sizes;
  }

  /**
   * Reads objects in one process, and holds each to its id.
   * @param maximum bytes of all of them.
   * @throws BrokenCache where one is missing or another one; TooMuchOutput.
   */
  async read(oids: readonly string[], maximum: number): Promise<Map<string, GitObject>> {
    const found = new Map<string, GitObject>();
    if (oids.length === 0) return found;
    const input = oids.map((oid) => `${oid}\n`).join('');
    const out = await this.#local(['cat-file', '--batch', '--buffer'], {
      input,
      maximum: maximum + oids.length * 100,
    });
    for (let at = 0; at < out.length; ) {
      const line = out.indexOf(10, at);
      const [oid = '', type = '', size = ''] = out
        .toString('latin1', at, line < 0 ? out.length : line)
        .split(' ');
      if (!/^\d+$/.test(size)) throw new BrokenCache('git does not have an object that it fetched');
      const end = line + 1 + Number(size);
      // "tag 1234", a zero, and the content: that is what an id is the hash of.
      out[line] = 0;
      if (hashOf(out.subarray(at + oid.length + 1, end), oid.length) !== oid)
        throw new BrokenCache(`the object ${oid} is not what its id says`);
      found.set(oid, { type, content: out.subarray(line + 1, end) });
      at = end + 1;
    }
    return found;
  }

  /** Writes files as objects. @returns their ids, in order. */
  async writeFiles(contents: readonly Uint8Array[]): Promise<string[]> {
    const pieces = contents.flatMap((content, at) => [
      `blob\nmark :${at + 1}\ndata ${content.length}\n`,
      content,
      `\nget-mark :${at + 1}\n`,
    ]);
    const input = Buffer.concat(
      pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)),
    );
    const out = await this.#local(['fast-import', '--quiet', '--done'], {
      input: Buffer.concat([Buffer.from('feature done\n'), input, Buffer.from('done\n')]),
    });
    const oids = out.toString().trim().split('\n');
    if (oids.length !== contents.length) throw new BrokenCache('git wrote other objects than it was given');
    return oids;
  }

  /** The tree of `base` (none: an empty one) without some files, and with others. */
  async writeTree(
    base: string | undefined,
    remove: readonly string[],
    add: readonly TreeEntry[],
  ): Promise<string> {
    const index = join(this.folder, `index.${process.pid}`);
    const env = { GIT_INDEX_FILE: index };
    const nothing = '0'.repeat(add[0]?.oid.length ?? 40);
    try {
      await this.#local(['read-tree', base ?? '--empty'], { env });
      const lines = [
        ...remove.map((path) => `0 ${nothing}\t${path}\0`),
        ...add.map(({ mode, oid, path }) => `${mode} ${oid}\t${path}\0`),
      ];
      await this.#local(['update-index', '-z', '--index-info'], { env, input: lines.join('') });
      return (await this.#local(['write-tree', '--missing-ok'], { env })).toString().trim();
    } finally {
      await rm(index, { force: true });
      await rm(`${index}.lock`, { force: true });
    }
  }

  /** Commits a tree, signed where the user's configuration says so. */
  async commit(tree: string, parent: string | undefined, message: string): Promise<string> {
    const signs = await this.#isSet('commit.gpgSign');
    const args = [
      'commit-tree',
      ...(signs ? ['-S'] : []),
      ...(parent === undefined ? [] : ['-p', parent]),
      '-F',
      '-',
      tree,
    ];
    return (await this.#local(args, { input: message, env: await this.#identity() })).toString().trim();
  }

  /** Makes an annotated tag in the cache, signed where the user's configuration says so. */
  async tag(ref: string, object: string, message: string): Promise<void> {
    const name = ref.replace(/^refs\/tags\//, '');
    await this.#local(['tag', '--annotate', '--force', '--cleanup=verbatim', '--file=-', name, object], {
      input: message,
      env: await this.#identity(),
    });
  }

  /**
   * Pushes all or nothing, and never by force.
   * @throws GitFailure
   */
  async push(updates: readonly RefUpdate[], { signal = this.#signal } = {}): Promise<void> {
    const refspecs = updates.map(({ ref, to = '' }) => `${to}:${ref}`);
    await this.#git(['push', '--quiet', '--atomic', 'origin', ...refspecs], {
      signal,
      deadlineMs: PUSH_MS,
    });
  }

  /** Where the user has told git no name or address: ours, so that a job in a cluster can commit. */
  async #identity(): Promise<NodeJS.ProcessEnv> {
    const env: NodeJS.ProcessEnv = {};
    for (const who of ['AUTHOR', 'COMMITTER'] as const) {
      const section = who.toLowerCase();
      const has = async (what: 'name' | 'email'): Promise<boolean> =>
        Boolean(this.#env[`GIT_${who}_${what.toUpperCase()}`]) ||
        (what === 'email' && Boolean(this.#env.EMAIL)) ||
        (await this.#isSet(`user.${what}`)) ||
        (await this.#isSet(`${section}.${what}`));
      if (!(await has('name'))) env[`GIT_${who}_NAME`] = 'memcached-backup';
      if (!(await has('email'))) env[`GIT_${who}_EMAIL`] = 'memcached-backup@localhost';
    }
    return env;
  }

  #settings: Promise<Map<string, string>> | undefined;

  /** Reads git's configuration, which a commit is made by, while something else is done. */
  readSettings(): void {
    this.#allSettings().catch(() => {});
  }

  #allSettings(): Promise<Map<string, string>> {
    this.#settings ??= this.#local(['config', '--list', '--null']).then(
      (out) =>
        new Map(
          out
            .toString()
            .split('\0')
            .map((pair) => {
              const [key = '', value = 'true'] = pair.split(/\n([\s\S]*)/);
              return [key, value] as const;
            }),
        ),
    );
    return this.#settings;
  }

  /** Whether a setting of git is there, and not "false". */
  async #isSet(name: string): Promise<boolean> {
    const value = (await this.#allSettings()).get(name.toLowerCase());
    return value !== undefined && !/^(?:false|no|off|0|)$/i.test(value);
  }

  async #git(args: readonly string[], run: GitRun = {}): Promise<Buffer> {
    try {
      return await runGit([`--git-dir=${this.folder}`, ...args], {
        signal: this.#signal,
        ...run,
        env: { ...this.#env, ...run.env },
      });
    } catch (error) {
      // Its configuration, for one, is read by whatever is asked of the server.
      const isOfCache =
        error instanceof GitFailure && error.trouble === 'other' && error.mentions(this.folder);
      throw isOfCache ? new BrokenCache(error.message, { cause: error }) : error;
    }
  }

  /** What reads and writes the cache: where it fails, and no server is why, the cache may be. */
  async #local(args: readonly string[], run: GitRun = {}): Promise<Buffer> {
    try {
      return await this.#git(args, run);
    } catch (error) {
      const isOfCache = error instanceof GitFailure && ['other', 'raced'].includes(error.trouble);
      if (!isOfCache || error instanceof TooMuchOutput) throw error;
      // By version 0 of git's protocol, which sshd leaves it at without "AcceptEnv GIT_PROTOCOL" (gitprotocol-v2(5)).
      if (error.mentions('unadvertised object')) throw new WholeFetchNeeded(error.message, { cause: error });
      throw new BrokenCache(error.message, { cause: error });
    }
  }
}

/** Lines of an id and a name: name → id. */
function pairsIn(out: Buffer, separator: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const line of out.toString().split('\n')) {
    const at = line.indexOf(separator);
    if (at > 0 && OID.test(line.slice(0, at))) pairs.set(line.slice(at + 1), line.slice(0, at));
  }
  return pairs;
}

/** An object's id: by SHA-1, or in newer repositories by SHA-256. */
function hashOf(object: Buffer, digits: number): string {
  return hash(digits === 64 ? 'sha256' : 'sha1', object);
}
