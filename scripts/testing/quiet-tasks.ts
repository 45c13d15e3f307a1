import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A program that ran beside others, whose output is of interest only where it failed. */
export interface Task {
  /** "types" */
  title: string;
  isSound: boolean;
  /** All that it printed, on both streams. */
  output: string;
}

/** Types and, in one pass, lint and format: they only read, so they run beside each other and whatever else runs. */
export function staticChecks(): Promise<Task[]> {
  return Promise.all([
    task('types', ['node_modules/typescript/bin/tsc', '-p', '.']),
    task('lint and format', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings']),
  ]);
}

/** What is shipped, in dist. It leaves the sources alone, which tests beside it hold to what a build would write. */
export function build(): Promise<Task> {
  return task('build', ['scripts/build.ts', '--only-dist']);
}

/** Prints what those that failed had to say: at the end of a run, where it is found. */
export function printFailed(tasks: readonly Task[]): void {
  for (const { title, output } of tasks.filter(({ isSound }) => !isSound))
    console.log(`${title}: failed\n${output.trimEnd()}`);
}

/** Ends with this process. Says at once whether it is well, in a line. */
function task(title: string, args: string[]): Promise<Task> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const end = (): boolean => child.kill();
    process.once('exit', end);
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('exit', end);
      const isSound = code === 0;
      console.log(`${isSound ? '✔' : '✖'} ${title}`);
      resolve({ title, isSound, output: Buffer.concat(output).toString() });
    });
  });
}
