import { spawn } from 'node:child_process';
import { GitFailure, TooMuchOutput } from './git-failure.ts';

/** Long enough for a first fetch over a slow line. */
const DEADLINE_MS = 10 * 60_000;
const MAX_STDERR = 64 * 1024;
/** Listings of refs and of objects; contents have limits of their own. */
const MAX_STDOUT = 64 * 1024 * 1024;

/** How one command of git is run. */
export interface GitRun {
  input?: string | Buffer;
  env?: NodeJS.ProcessEnv;
  /** Ends it, and what it started. */
  signal?: AbortSignal | undefined;
  deadlineMs?: number;
  /** Bytes of its output that are read. */
  maximum?: number;
}

/** Of a git that is run inside of a hook, or by somebody who works on another repository: they would lead us there. */
const OF_ANOTHER = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_NAMESPACE',
  'GIT_COMMON_DIR',
  'GIT_PREFIX',
  'GIT_QUARANTINE_PATH',
  'GIT_SHALLOW_FILE',
];

/** Ours alone: nothing runs on after us, and no setting makes git push or fetch more than was asked for. */
const SETTINGS = [
  'gc.auto=0',
  'maintenance.auto=false',
  'push.followTags=false',
  'push.recurseSubmodules=no',
  'fetch.recurseSubmodules=no',
  'submodule.recurse=false',
  'fetch.writeCommitGraph=false',
  // The cache may be lost to a power cut; what a server takes it makes durable by its own settings.
  'core.fsync=none',
  'advice.objectNameWarning=false',
].flatMap((setting) => ['-c', setting]);

/** The environment for git: the user's own, so that configuration, helpers, agents and signing work. */
export function gitEnvironment(env: NodeJS.ProcessEnv, isTerminal: boolean): NodeJS.ProcessEnv {
  const own: NodeJS.ProcessEnv = { ...env, LC_ALL: 'C', LANGUAGE: '' };
  for (const name of OF_ANOTHER) delete own[name];
  if (!isTerminal) own.GIT_TERMINAL_PROMPT = '0';
  return own;
}

/**
 * Runs git, without a shell.
 * @returns what it wrote to stdout.
 * @throws GitFailure where it can't be run, fails, does not end in time or writes too much; the signal's reason.
 */
export async function runGit(
  args: readonly string[],
  { input, env = process.env, signal, deadlineMs = DEADLINE_MS, maximum = MAX_STDOUT }: GitRun = {},
): Promise<Buffer> {
  signal?.throwIfAborted();
  const what = commandOf(args);
  const child = spawn('git', [...SETTINGS, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let ended: unknown;
  const end = (reason: unknown): void => {
    ended ??= reason;
    child.kill('SIGTERM');
    // A helper that does not listen must not keep us.
    setTimeout(() => child.kill('SIGKILL'), 2000).unref();
  };
  const onAbort = (): void => end(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => end(new GitFailure(what, '', 'silent')), deadlineMs);
  const out: Buffer[] = [];
  let [size, said] = [0, ''];
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maximum) end(new TooMuchOutput(what, maximum));
    else out.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    if (said.length < MAX_STDERR) said += chunk.toString();
  });
  // What it started, an ssh whose server has gone silent for one, may hold its output open for good.
  child.once('exit', () => {
    if (ended === undefined) return;
    child.stdout.destroy();
    child.stderr.destroy();
  });
  // It may end without having read all.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (ended !== undefined) throw ended;
    if (code !== 0) throw new GitFailure(what, said === '' ? `it ended with ${code}` : said);
    return Buffer.concat(out);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new GitFailure(what, '', 'no git');
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** The oldest that has all that is used here (fetch --stdin, and partial clones that hold). */
const [MAJOR, MINOR] = [2, 31];
/** By PATH, which tells the program. */
const checked = new Map<string | undefined, Promise<void>>();

/** @throws GitFailure where there is no git, or one that is too old. */
export async function assertGit(env: NodeJS.ProcessEnv): Promise<void> {
  const check =
    checked.get(env.PATH) ??
    runGit(['version'], { env }).then((out) => {
      const [, major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(out.toString()) ?? [];
      if (Number(major) < MAJOR || (Number(major) === MAJOR && Number(minor) < MINOR))
        throw new GitFailure('version', out.toString(), 'old git');
    });
  checked.set(env.PATH, check);
  try {
    await check;
  } catch (error) {
    checked.delete(env.PATH);
    throw error;
  }
}

function commandOf(args: readonly string[]): string {
  return args.find((arg) => !arg.startsWith('-')) ?? '';
}
