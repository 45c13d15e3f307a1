import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { TestResult } from './run-tests.ts';

/** What the tool promises, and which tests prove it. */
export interface Promised {
  promise: string;
  tests: TestReference[];
}

/** All tests of a file, or those whose whole names contain a text. */
export interface TestReference {
  file: string;
  name?: string;
}

/** A promise that nothing proved. */
export interface Unproved {
  promise: string;
  /** "test/e2e/undo.test.ts: 2 failed" */
  why: string[];
}

const LIST = fileURLToPath(new URL('../../test/promises.yaml', import.meta.url));

/** @throws TypeError where the list is not what its first lines say. */
export function readPromises(text = readFileSync(LIST, 'utf8')): Promised[] {
  const list: unknown = parse(text);
  if (typeof list !== 'object' || list === null) throw new TypeError('test/promises.yaml is no mapping');
  return Object.entries(list).map(([promise, tests]) => {
    if (!Array.isArray(tests) || tests.length === 0) throw new TypeError(`no test is named for: ${promise}`);
    return { promise, tests: tests.map((test) => referenceOf(test, promise)) };
  });
}

function referenceOf(test: unknown, promise: string): TestReference {
  if (typeof test === 'string') return { file: join('test', test) };
  const entries = typeof test === 'object' && test !== null ? Object.entries(test) : [];
  const [[file, name] = []] = entries;
  if (entries.length !== 1 || typeof file !== 'string' || typeof name !== 'string')
    throw new TypeError(`neither FILE nor FILE: NAME, for: ${promise}`);
  return { file: join('test', file), name };
}

/**
 * The promises that these results do not prove: each test that one names has to have run and passed. A reference that
 * meets several tests needs one that passed and none that failed; what is skipped proves nothing.
 */
export function unproved(promises: readonly Promised[], results: readonly TestResult[]): Unproved[] {
  return promises.flatMap(({ promise, tests }) => {
    const why = tests.flatMap((reference) => shortfall(reference, results));
    return why.length === 0 ? [] : [{ promise, why }];
  });
}

function shortfall({ file, name }: TestReference, results: readonly TestResult[]): string[] {
  const met = results.filter(
    (each) => each.file === file && (name === undefined || each.name.includes(name)),
  );
  const failed = met.filter(({ outcome }) => outcome === 'failed').length;
  const what = name === undefined ? file : `${file}: ${name}`;
  if (failed > 0) return [`${what}: ${failed} failed`];
  if (met.some(({ outcome }) => outcome === 'passed')) return [];
  return [`${what}: ${met.length === 0 ? 'no such test ran' : 'skipped'}`];
}
