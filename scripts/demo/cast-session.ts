import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CastRecorder, type Shown } from './cast.ts';
import type { Workplace } from './workplace.ts';

const RELEASE = 'my-memcached';
const SIZE = { columns: 80, rows: 30 };
/** What a restore ends its question with. */
const QUESTION = /\[y\/N\]/;
/** Before somebody answers it: the plan is to be read. */
const THINKING_MS = 4000;

/** One command of the session, and what it is about. */
interface Scene {
  comment: string;
  command: string;
  /** To the question that it asks. */
  answer?: string;
}

/**
 * The shortest session that says what the tool is for, on a real terminal: a backup, a bad upgrade, the way back; the namespace deleted, the
 * way back. As a file of asciinema's.
 */
export async function castSession(
  { folder, env, namespace }: Workplace,
  signal: AbortSignal,
): Promise<string> {
  const terminal: Terminal = { cwd: join(folder, 'work'), env: onTerminal(env), signal };
  const n = `-n ${namespace}`;
  const backup = `kubectl memcached-backup backup ${RELEASE} ${n}`;
  const restore = { command: `kubectl memcached-backup restore ${RELEASE} ${n}`, answer: 'y' };
  const upgrade = `helm upgrade ${RELEASE} ./chart ${n} --reuse-values --wait \\\n    --set memcached.maxMemory=8 > /dev/null`;
  const scenes: Scene[] = [
    { comment: 'Two memcached pods, installed by Helm. A backup of them:', command: backup },
    { comment: 'An upgrade with the wrong memory', command: upgrade },
    { comment: 'Back to how it was', ...restore },
    { comment: 'And where all of it is gone', command: `kubectl delete namespace ${namespace}` },
    { comment: 'Back again, with the history of Helm and the old addresses', ...restore },
  ];
  await run(`helm install ${RELEASE} ./chart ${n} -f values.json --wait`, terminal);
  const recorder = new CastRecorder();
  for (const [index, { comment, command, answer }] of scenes.entries()) {
    if (index > 0) recorder.pause();
    recorder.type(`# ${comment}`);
    recorder.type(command);
    process.stderr.write(`${command}\n`);
    const [asked, answered] = await run(command, terminal, answer);
    recorder.play(inHome(asked, folder));
    if (answered === undefined) continue;
    recorder.pause(THINKING_MS);
    recorder.play(inHome(answered, folder));
  }
  return recorder.file({ ...SIZE, title: 'memcached-backup: a backup, a bad upgrade, the way back' });
}

/** Where commands run. */
interface Terminal {
  cwd: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/** In colour, unlike the session in README. */
function onTerminal({ NO_COLOR: _, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, TERM: 'xterm-256color' };
}

/** Paths as whoever looks on has them. */
function inHome(shown: readonly Shown[], folder: string): Shown[] {
  return shown.map(({ ms, text }) => ({ ms, text: text.replaceAll(folder, '~') }));
}

/**
 * Runs a command line on a terminal of its own, by script(1).
 * @param answer typed when it asks.
 * @returns what was shown; with an answer, before it and from then on.
 * @throws Error where it fails, or does not ask.
 */
async function run(
  command: string,
  { cwd, env, signal }: Terminal,
  answer?: string,
): Promise<[asked: Shown[], answered?: Shown[]]> {
  const sized = `stty cols ${SIZE.columns} rows ${SIZE.rows}; ${command}`;
  const child = spawn('script', ['-qec', sized, '/dev/null'], {
    cwd,
    env,
    signal,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let since = performance.now();
  const asked: Shown[] = [];
  const answered: Shown[] = [];
  let isAnswered = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const shown = { ms: performance.now() - since, text };
    (isAnswered ? answered : asked).push(shown);
    if (answer === undefined || isAnswered || !QUESTION.test(text)) return;
    isAnswered = true;
    since = performance.now();
    child.stdin.write(`${answer}\n`);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const whole = [...asked, ...answered].map(({ text }) => text).join('');
  if (code !== 0) throw new Error(`exit code ${code}: ${command}\n${whole}`);
  if (answer === undefined) return [asked];
  if (!isAnswered) throw new Error(`no question: ${command}\n${whole}`);
  return [asked, answered];
}
