import { appendFile, link, mkdir, mkdtemp, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { homedir, hostname, tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf } from '../errno.ts';
import { sha256 } from '../format/digest.ts';
import { isAlive } from '../is-alive.ts';
import { renamePatiently } from '../patient-rename.ts';
import { runGit } from './git-program.ts';

const NAME = 'memcached-backup';
/** A lock of a process on another machine (a home on NFS) that says nothing for so long is nobody's. */
const STALE_MS = 30 * 60_000;
/** After that another command works in a folder of its own. */
const PATIENCE_MS = 20_000;
/** Each fetch leaves a pack; git reads all of them. */
const MAX_PACKS = 150;

/** A bare repository on this machine, for one command at a time. Only its objects are believed, and those by their hash. */
export interface GitCache {
  /** The bare repository. */
  folder: string;
  /** It was made just now. */
  isNew: boolean;
  /** Nothing is left out of a fetch, because the server gives no single objects later. */
  isWhole: boolean;
  /** Throws it away and makes it again. */
  renew(how?: { isWhole: boolean }): Promise<void>;
  /** Lets others use it. Never throws. */
  release(): Promise<void>;
}

/**
 * The cache of the repository at `url`: in the user's folder for caches (XDG Base Directory Specification), or a temporary one
 * where there is none, it can't be written, or another command has it for long.
 * @throws GitFailure; ErrnoException where there is no temporary folder either.
 */
export async function takeCache(
  url: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<GitCache> {
  const parent = cacheFolder(env);
  const folder = parent === undefined ? undefined : join(parent, 'git', sha256(url));
  const unlock = folder === undefined ? undefined : await lock(folder, signal);
  if (folder === undefined || unlock === undefined) return temporaryCache(url, env);
  try {
    const isNew = await isSpent(folder);
    const cache: GitCache = {
      folder,
      isNew,
      isWhole: await isWhole(folder),
      renew: async (how = { isWhole: cache.isWhole }) => {
        await discard(folder);
        await initialize(folder, { url, env, ...how });
        Object.assign(cache, { isNew: true, ...how });
      },
      release: unlock,
    };
    if (isNew) await cache.renew();
    return cache;
  } catch (error) {
    await unlock();
    throw error;
  }
}

function cacheFolder(env: NodeJS.ProcessEnv): string | undefined {
  const { XDG_CACHE_HOME: xdg = '', LOCALAPPDATA: local = '' } = env;
  if (isAbsolute(xdg)) return join(xdg, NAME);
  if (process.platform === 'win32' && isAbsolute(local)) return join(local, NAME, 'cache');
  try {
    const home = env.HOME || homedir();
    return isAbsolute(home) ? join(home, '.cache', NAME) : undefined;
  } catch {
    // A user id without an entry in passwd, as containers have, and no HOME.
    return undefined;
  }
}

async function temporaryCache(url: string, env: NodeJS.ProcessEnv): Promise<GitCache> {
  const parent = await mkdtemp(join(tmpdir(), `${NAME}-git-`));
  const folder = join(parent, 'repository');
  const release = (): Promise<void> => rm(parent, { recursive: true, force: true }).catch(() => {});
  const cache: GitCache = {
    folder,
    isNew: true,
    isWhole: false,
    renew: async (how = { isWhole: cache.isWhole }) => {
      await rm(folder, { recursive: true, force: true });
      await initialize(folder, { url, env, ...how });
      Object.assign(cache, how);
    },
    release,
  };
  try {
    await cache.renew();
    return cache;
  } catch (error) {
    await release();
    throw error;
  }
}

/** Missing, cut off while it was made, or with more packs than serve. */
async function isSpent(folder: string): Promise<boolean> {
  try {
    await stat(join(folder, 'HEAD'));
    const packs = await readdir(join(folder, 'objects', 'pack'));
    return packs.filter((name) => name.endsWith('.pack')).length > MAX_PACKS;
  } catch {
    return true;
  }
}

async function isWhole(folder: string): Promise<boolean> {
  const config = await readFile(join(folder, 'config'), 'utf8').catch(() => '');
  return config !== '' && !config.includes(PARTIAL);
}

/** What was left out of a fetch is fetched when it is read. */
const PARTIAL = '\tpromisor = true\n\tpartialclonefilter = blob:none\n';

/** Made beside and moved: a cut leaves no half of it. */
async function initialize(
  folder: string,
  { url, env, isWhole }: { url: string; env: NodeJS.ProcessEnv; isWhole: boolean },
): Promise<void> {
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await runGit(['init', '--quiet', '--bare', fresh], { env });
  const remote = `[remote "origin"]\n\turl = ${JSON.stringify(url)}\n${isWhole ? '' : PARTIAL}`;
  await appendFile(join(fresh, 'config'), remote);
  await renamePatiently(fresh, folder);
}

async function discard(folder: string): Promise<void> {
  const away = `${folder}.old`;
  await rm(away, { recursive: true, force: true });
  await renamePatiently(folder, away).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw error;
  });
  await rm(away, { recursive: true, force: true });
}

/** @returns what unlocks it; undefined where it can't be locked. */
async function lock(
  folder: string,
  signal: AbortSignal | undefined,
): Promise<(() => Promise<void>) | undefined> {
  const path = `${folder}.lock`;
  const until = Date.now() + PATIENCE_MS;
  try {
    await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
    while (!(await lockOnce(path))) {
      if (Date.now() > until) return undefined;
      await sleep(20 + Math.random() * 80, undefined, signal === undefined ? {} : { signal });
    }
    return () => rm(path, { force: true }).catch(() => {});
  } catch (error) {
    signal?.throwIfAborted();
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

async function lockOnce(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(`${process.pid} ${hostname()}\n`);
    await file.close();
    return true;
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
  const abandoned = await readFile(path, 'utf8').catch(() => undefined);
  if (abandoned !== undefined && (await isAbandoned(path, abandoned))) {
    // Of two who find it so, one takes it away: the other's rename finds nothing, or what is new, which it puts back.
    const away = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
    const isTaken = await renamePatiently(path, away).then(
      () => true,
      () => false,
    );
    if (isTaken && (await readFile(away, 'utf8')) !== abandoned) await link(away, path).catch(() => {});
    await rm(away, { force: true });
  }
  return false;
}

async function isAbandoned(path: string, text: string): Promise<boolean> {
  try {
    const stats = await stat(path);
    const [, pid, host] = /^(\d+) (.*)\n$/.exec(text) ?? [];
    if (pid === undefined || host !== hostname())
      return Date.now() - stats.mtimeMs > (pid === undefined ? 5000 : STALE_MS);
    return !isAlive(Number(pid));
  } catch {
    return false;
  }
}
