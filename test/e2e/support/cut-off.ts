import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { BINARY } from './cli.ts';
import type { Outcome } from './process.ts';
import type { Fixture } from './release.ts';
import { assertNoSecret } from './secret-scan.ts';
import { newestBackup } from './store-files.ts';

const JOURNAL = /^\.restore-.*\.jsonl$/;

/** A run that was cut off, and how far its journal had come when the signal was sent. */
export interface CutOff extends Outcome {
  /** Lines of the journal at that moment; undefined where the program ended before `line`. */
  atLine: number | undefined;
}

export interface CutOffOptions {
  signal: 'SIGKILL' | 'SIGINT';
  /** The signal is sent as soon as the run's journal has this many lines. */
  line: number;
  /** Another program and arguments before ours: kubectl or Helm, with our plugin in it. */
  through?: { program: string; args: string[]; env: NodeJS.ProcessEnv };
}

/** Runs the tool on a release that has a backup, and sends it a signal at a certain line of its journal. */
export async function cutOff(fixture: Fixture, args: string[], options: CutOffOptions): Promise<CutOff> {
  const { cli, namespace, secrets } = fixture;
  const { program, args: before, env } = options.through ?? { program: BINARY, args: [], env: cli.env };
  const folder = dirname(newestBackup(cli.store).folder);
  const old = new Set(readdirSync(folder));
  const started = performance.now();
  // In a process group of its own: a terminal signals the plugin and the program that started it.
  const words = [...before, ...args, '-n', namespace];
  const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  let atLine: number | undefined;
  const watcher = watch(folder, () => {
    const lines = journalLines(folder, old);
    if (atLine !== undefined || lines < options.line || child.pid === undefined) return;
    atLine = lines;
    signalGroup(child.pid, options.signal);
  });
  const deadline = setTimeout(() => signalGroup(child.pid ?? 0, 'SIGKILL'), 120_000);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (exit, signal) => resolve(exit ?? (signal === 'SIGINT' ? 130 : 137)));
    });
    const command = [program.slice(program.lastIndexOf('/') + 1), ...words].join(' ');
    assertNoSecret(`\`${command}\``, `${stdout}\n${stderr}`, secrets);
    return { command, stdout, stderr, code, ms: performance.now() - started, atLine };
  } finally {
    clearTimeout(deadline);
    watcher.close();
  }
}

/** Lines of the journal that was begun since `old` was listed. */
function journalLines(folder: string, old: Set<string>): number {
  const name = readdirSync(folder).find((entry) => JOURNAL.test(entry) && !old.has(entry));
  const path = join(folder, name ?? '');
  return name === undefined || !existsSync(path) ? 0 : readFileSync(path, 'utf8').split('\n').length - 1;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  if (pid <= 0) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // All of them have ended.
  }
}
