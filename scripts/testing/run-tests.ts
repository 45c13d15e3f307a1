import { globSync } from 'node:fs';
import { relative } from 'node:path';
import { run, type TestsStream } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const COMPILE_CACHE = new URL('compile-cache.mjs', import.meta.url).href;

/** What came of one test. */
export interface TestResult {
  /** Below the project: "test/unit/layers.test.ts". */
  file: string;
  /** Its name after those of the suites and tests around it: "diff > names exactly …". */
  name: string;
  outcome: 'passed' | 'failed' | 'skipped';
  /** Wall time in milliseconds. */
  ms: number;
  /** Of one that failed. */
  error?: string;
}

export interface TestRun {
  /** Folders below the project; every *.test.ts in them is a test file. */
  folders: string[];
  /** Parts of file names given on the command line; none means every file. */
  only: string[];
  /** Files that another run takes. */
  not?: string[];
  /** Also *.slow.test.ts. */
  withSlow: boolean;
  concurrency: number;
  /** For one file. */
  timeoutMs: number;
  /** Parts of the names of files that take longest: they begin first, so that none is left alone at the end. */
  first?: string[];
}

/**
 * Runs test files, each in a process of its own, and reports on standard output as they end. A file that fails
 * outside of its tests counts as a failed one.
 */
export async function runTests(tests: TestRun): Promise<TestResult[]> {
  const { folders, only, withSlow, concurrency, timeoutMs, first = [], not = [] } = tests;
  const rank = (file: string): number => {
    const place = first.findIndex((part) => file.includes(part));
    return place < 0 ? first.length : place;
  };
  const files = testFiles(folders, only)
    .filter((file) => (withSlow || !file.endsWith('.slow.test.ts')) && !not.includes(file))
    .sort((a, b) => rank(a) - rank(b));
  if (files.length === 0) return [];
  const execArgv = ['--import', COMPILE_CACHE];
  const events = run({ files, cwd: root, concurrency, timeout: timeoutMs, execArgv });
  const results = resultsOf(events);
  for await (const text of events.compose(new spec())) process.stdout.write(text);
  return results;
}

/**
 * What these events report, as they come: filled while a run goes on. A skipped suite is one result, for its tests are
 * not reported; any other suite only where it fails by itself, in a hook, say.
 */
export function resultsOf(events: Pick<TestsStream, 'on'>): TestResult[] {
  const results: TestResult[] = [];
  // Of each file: the names of what is around the test that is reported now. A file's events come in order.
  const around = new Map<string, string[]>();
  events.on('test:start', (event) => {
    const file = fileOf(event);
    around.set(file, [...(around.get(file) ?? []).slice(0, event.nesting), event.name]);
  });
  for (const type of ['test:pass', 'test:fail'] as const) {
    events.on(type, (event) => {
      const { entryFile, name, nesting, skip, todo, details } = event;
      const file = fileOf(event);
      const isSkipped = (skip ?? todo ?? false) !== false;
      const isPassed = type === 'test:pass';
      // A file without tests passes as a test of its own name, and proves nothing.
      if (isPassed && entryFile === undefined) return;
      if (isPassed && details.type === 'suite' && !isSkipped) return;
      if (details.type === 'suite' && 'error' in details && failureType(details.error) === 'subtestsFailed')
        return;
      results.push({
        file: relative(root, file),
        name: [...(around.get(file) ?? []).slice(0, nesting), name].join(' > '),
        outcome: isSkipped ? 'skipped' : isPassed ? 'passed' : 'failed',
        ms: Math.round(details.duration_ms),
        ...('error' in details ? { error: messageOf(details.error) } : {}),
      });
    });
  }
  return results;
}

/** The test file; `file` is where the test stands, which may be a module that several test files share. */
function fileOf({
  entryFile,
  file = '',
}: {
  entryFile?: string | undefined;
  file?: string | undefined;
}): string {
  return entryFile ?? file;
}

/** What was expected, and where, without the fields of an AssertionError, which say it once more. */
function messageOf(error: Error): string {
  const { cause = error } = error;
  return cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause);
}

function failureType(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'failureType' in error
    ? error.failureType
    : undefined;
}

export function testFiles(folders: string[], only: string[]): string[] {
  return folders
    .flatMap((folder) => globSync(`${folder}/**/*.test.ts`, { cwd: root }))
    .filter((file) => only.length === 0 || only.some((part) => file.includes(part)))
    .sort();
}
