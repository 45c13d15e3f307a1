import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openStore } from '../../../src/store/open-store.ts';
import { temporaryFolder } from '../../unit/store/temporary-folder.ts';
import type { CutWork, Fault, Piece, StoreKind, TestedStore } from './kind.ts';

const WORKER = join(import.meta.dirname, 'git-worker.ts');
const PATH = 'clusters';

/** Where a test's repository lies, and git in it. */
export interface TestRepository {
  folder: string;
  /** XDG_CACHE_HOME and the like, for a store of its own. */
  env: NodeJS.ProcessEnv;
  git(args: readonly string[], input?: string | Buffer): Buffer;
}

const IDENTITY = ['NAME', 'EMAIL'].flatMap((what) =>
  ['AUTHOR', 'COMMITTER'].map((who) => [`GIT_${who}_${what}`, 'tester@example']),
);

/** An empty bare repository, and an environment in which no configuration of this machine counts. */
export async function makeRepository(t: TestContext, { filters = true } = {}): Promise<TestRepository> {
  const parent = await temporaryFolder(t);
  const folder = join(parent, 'repository.git');
  const env = {
    ...process.env,
    HOME: parent,
    XDG_CACHE_HOME: join(parent, 'cache'),
    XDG_CONFIG_HOME: join(parent, 'config'),
    GIT_CONFIG_NOSYSTEM: '1',
  };
  const own = { ...env, ...Object.fromEntries(IDENTITY) };
  const git: TestRepository['git'] = (args, input) =>
    execFileSync('git', [`--git-dir=${folder}`, ...args], {
      env: own,
      maxBuffer: 2 ** 28,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(input === undefined ? {} : { input }),
    });
  execFileSync('git', ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', folder], { env });
  git(['config', 'uploadpack.allowFilter', String(filters)]);
  return { folder, env, git };
}

/** A store in a repository that is reached as a path. */
export async function makeGitStore(
  t: TestContext,
): Promise<{ tested: TestedStore; repository: TestRepository; location: string }> {
  const repository = await makeRepository(t);
  const location = `git+file://${repository.folder}?path=${PATH}#main`;
  return { tested: testedStore(repository, location), repository, location };
}

export const GIT: StoreKind = {
  name: 'git over file',
  make: async (t) => (await makeGitStore(t)).tested,
};

export function testedStore(repository: TestRepository, location: string): TestedStore {
  const { env } = repository;
  return {
    open: (signal) =>
      openStore(location, undefined, {
        env,
        git: { allowPlainSecrets: true },
        ...(signal === undefined ? {} : { signal }),
      }),
    pieces: async () => tags(repository).flatMap((tag) => piecesOf(repository, tag)),
    plant: async (name, content) => plant(repository, `${PATH}/${name}`, content),
    cut: (work, step) => cutAt(repository, { location, work, step }),
    break: (fault) => breakIt(repository, fault),
    remember: () => remember(repository),
  };
}

function tags({ git }: TestRepository): string[] {
  return git(['for-each-ref', '--format=%(refname)', 'refs/tags'])
    .toString()
    .split('\n')
    .filter((ref) => ref !== '');
}

/** What somebody who rewrites a tag can change: its message, and each file of the commit that it points at. */
function piecesOf(repository: TestRepository, ref: string): Piece[] {
  const { git } = repository;
  const original = git(['cat-file', 'tag', ref]).toString('latin1');
  const head = original.slice(0, original.indexOf('\n\n') + 2);
  const state: { message: Buffer; commit: string } = {
    message: Buffer.from(original.slice(head.length), 'latin1'),
    commit: '',
  };
  [, state.commit] = /^object (\w+)\n/.exec(head) as unknown as [string, string];
  const store = (): void => {
    const tag = Buffer.concat([
      Buffer.from(head.replace(/^object \w+/, `object ${state.commit}`), 'latin1'),
      state.message,
    ]);
    const oid = git(['hash-object', '-t', 'tag', '-w', '--stdin', '--literally'], tag).toString().trim();
    git(['update-ref', ref, oid]);
  };
  const message: Piece = {
    name: `the message of ${ref}`,
    read: async () => state.message,
    write: async (content) => {
      state.message = content;
      store();
    },
    remove: async () => void git(['update-ref', '-d', ref]),
  };
  if (!ref.startsWith('refs/tags/backup/')) return [message];
  const folder = ref.replace('refs/tags/backup/', '').replace(/\/[^/]*$/, '');
  const paths = git(['ls-tree', '-r', '-z', '--name-only', state.commit, `${folder}/`])
    .toString()
    .split('\0');
  const change = (path: string, content: Buffer | undefined): void => {
    state.commit = commitWith(repository, state.commit, { path, content });
    store();
  };
  return [
    message,
    ...paths
      .filter((path) => path !== '')
      .map(
        (path): Piece => ({
          name: `${path} of ${ref}`,
          read: async () => git(['cat-file', 'blob', `${state.commit}:${path}`]),
          write: async (content) => change(path, content),
          remove: async () => change(path, undefined),
        }),
      ),
  ];
}

/** A commit with one file changed; undefined takes it away. */
export function commitWith(
  { git, folder, env }: TestRepository,
  parent: string,
  { path, content, mode = '100644' }: { path: string; content: Buffer | undefined; mode?: string },
): string {
  const index = join(folder, 'index.test');
  const run = (args: string[], input = ''): string =>
    execFileSync('git', [`--git-dir=${folder}`, ...args], {
      env: { ...env, GIT_INDEX_FILE: index },
      input,
      encoding: 'utf8',
    }).trim();
  run(['read-tree', parent === '' ? '--empty' : parent]);
  const oid =
    content === undefined ? '0'.repeat(40) : git(['hash-object', '-w', '--stdin'], content).toString().trim();
  run(['update-index', '-z', '--index-info'], `${content === undefined ? '0' : mode} ${oid}\t${path}\0`);
  const tree = run(['write-tree']);
  const parents = parent === '' ? [] : ['-p', parent];
  return git(['commit-tree', tree, ...parents, '-m', 'Somebody else'])
    .toString()
    .trim();
}

async function plant(repository: TestRepository, path: string, content: Buffer): Promise<void> {
  const { git } = repository;
  const tip = git(['for-each-ref', '--format=%(objectname)', 'refs/heads/main']).toString().trim();
  git(['update-ref', 'refs/heads/main', commitWith(repository, tip, { path, content })]);
}

/** The repository and the cache: a copy, which is put back at their paths. */
async function remember({
  folder,
  env: { XDG_CACHE_HOME: cache = '' },
}: TestRepository): Promise<() => Promise<void>> {
  const all = [folder, cache];
  for (const each of all) await cp(each, `${each}.before`, { recursive: true });
  return async () => {
    for (const each of all) {
      await rm(each, { recursive: true });
      await cp(`${each}.before`, each, { recursive: true });
    }
  };
}

async function cutAt(
  { env }: TestRepository,
  { location, work, step }: { location: string; work: CutWork; step: number },
): Promise<'cut' | 'beyond'> {
  // A report is one more commit, made as a backup's: at some of its places, unless more are wanted.
  const stride = work === 'report' && process.env.MEMCACHED_BACKUP_CUTS === undefined ? 3 : 1;
  const place = `${1 + (step - 1) * stride}`;
  const { status, signal, stderr } = spawnSync(process.execPath, [WORKER, location, work, place], {
    env,
    encoding: 'utf8',
  });
  if (signal === 'SIGKILL') return 'cut';
  if (status !== 0) throw new Error(stderr);
  return 'beyond';
}

async function breakIt(
  { folder, git }: TestRepository,
  fault: Fault,
): Promise<(() => Promise<void>) | undefined> {
  const hook = async (text: string): Promise<() => Promise<void>> => {
    const path = join(folder, 'hooks', 'pre-receive');
    await mkdir(join(folder, 'hooks'), { recursive: true });
    await writeFile(path, `#!/bin/sh\n${text}\n`);
    await chmod(path, 0o755);
    return () => rm(path);
  };
  switch (fault) {
    case 'gone':
      await rename(folder, `${folder}.away`);
      return () => rename(`${folder}.away`, folder);
    case 'full':
      return hook('echo "fatal: write error: No space left on device" >&2; exit 1');
    case 'refused half way':
      return hook('echo "HTTP 401" >&2; exit 1');
    case 'slow':
      return hook('sleep 1');
    case 'read-only':
      // A server that takes no push of ours, which a rehearsal shows as well.
      git(['config', 'receive.advertiseAtomic', 'false']);
      return async () => void git(['config', '--unset', 'receive.advertiseAtomic']);
    case 'kept from deletions':
      return hook(
        'while read -r old new ref; do case $new in *[!0]*) ;; *) echo "$ref is kept" >&2; exit 1;; esac; done',
      );
  }
}
