import { globSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export interface TestRun {
  /** Folders below the project; every *.test.ts in them is a test file. */
  folders: string[];
  /** Parts of file names given on the command line; none means every file. */
  only: string[];
  /** Also *.slow.test.ts. */
  withSlow: boolean;
  concurrency: number;
  /** For one file. */
  timeoutMs: number;
}

export const NONE: Counts = { passed: 0, failed: 0, skipped: 0 };

export function add(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** Runs test files, each in a process of its own, and reports on standard output as they end. */
export async function runTests({
  folders,
  only,
  withSlow,
  concurrency,
  timeoutMs,
}: TestRun): Promise<Counts> {
  const files = testFiles(folders, only).filter((file) => withSlow || !file.endsWith('.slow.test.ts'));
  if (files.length === 0) return NONE;
  const events = run({ files, cwd: root, concurrency, timeout: timeoutMs });
  let counts: Counts = NONE;
  events.on('test:summary', (summary) => {
    // Each file has a summary too; the one without a file is the whole run's.
    if (summary.file !== undefined) return;
    const { passed, cancelled, skipped, todo, tests } = summary.counts;
    counts = { passed, skipped: skipped + todo, failed: tests - passed - skipped - todo };
    if (!summary.success && counts.failed + cancelled === 0) counts.failed = 1;
  });
  for await (const text of events.compose(new spec())) process.stdout.write(text);
  return counts;
}

export function testFiles(folders: string[], only: string[]): string[] {
  return folders
    .flatMap((folder) => globSync(`${folder}/**/*.test.ts`, { cwd: root }))
    .filter((file) => only.length === 0 || only.some((part) => file.includes(part)))
    .sort();
}
