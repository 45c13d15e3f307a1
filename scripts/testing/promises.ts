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
  /** Below the project: "test/e2e/undo.test.ts". */
  file: string;
  name?: string;
}

/** A promise that nothing proved. */
export interface Unproved {
  promise: string;
  /** "test/e2e/undo.test.ts: 2 failed" */
  why: string[];
  /** A test that it names failed, or is no more. Else some were only skipped. */
  isLost: boolean;
}

const LIST = fileURLToPath(new URL('../../test/promises.yaml', import.meta.url));

/** @throws where the list is not what its first lines say. */
export function readPromises(text = readFileSync(LIST, 'utf8')): Promised[] {
  const list: unknown = parse(text);
  if (typeof list !== 'object' || list === null || Array.isArray(list))
    throw new TypeError('test/promises.yaml is no mapping');
  const entries = Object.entries(list);
  if (entries.length === 0) throw new TypeError('test/promises.yaml promises nothing');
  return entries.map(([promise, tests]) => {
    if (!Array.isArray(tests) || tests.length === 0) throw new TypeError(`no test is named for: ${promise}`);
    return { promise, tests: tests.map((test) => referenceOf(test, promise)) };
  });
}

function referenceOf(test: unknown, promise: string): TestReference {
  if (typeof test === 'string') return { file: join('test', test) };
  const entries = typeof test === 'object' && test !== null ? Object.entries(test) : [];
  const [[file, name] = []] = entries;
  // An empty name would be met by any test of the file.
  if (entries.length !== 1 || file === undefined || typeof name !== 'string' || name === '')
    throw new TypeError(`neither FILE nor FILE: NAME, for: ${promise}`);
  return { file: join('test', file), name };
}

/** Whether a reference is about the test of this whole name. */
export function isMet(reference: TestReference, { file, name }: { file: string; name: string }): boolean {
  return reference.file === file && (reference.name === undefined || name.includes(reference.name));
}

/**
 * The promises that these results do not prove: each test that one names has to have run and passed. A reference that
 * meets several tests needs one that passed and none that failed; what is skipped proves nothing.
 */
export function unproved(promises: readonly Promised[], results: readonly TestResult[]): Unproved[] {
  return promises.flatMap(({ promise, tests }) => {
    const shortfalls = tests.flatMap((reference) => shortfallOf(reference, results));
    if (shortfalls.length === 0) return [];
    return [
      { promise, why: shortfalls.map(({ why }) => why), isLost: shortfalls.some(({ isLost }) => isLost) },
    ];
  });
}

function shortfallOf(
  reference: TestReference,
  results: readonly TestResult[],
): { why: string; isLost: boolean }[] {
  const { file, name } = reference;
  const ofFile = results.filter((each) => each.file === file);
  const met = ofFile.filter((each) => isMet(reference, each));
  const failed = met.filter(({ outcome }) => outcome === 'failed').length;
  const what = name === undefined ? file : `${file}: ${name}`;
  if (failed > 0) return [{ why: `${what}: ${failed} failed`, isLost: true }];
  if (met.some(({ outcome }) => outcome === 'passed')) return [];
  // The tests in a suite that is skipped, and in a file, are not reported one by one.
  const tried = met.length > 0 ? met : ofFile;
  const isSkipped = tried.length > 0 && tried.every(({ outcome }) => outcome === 'skipped');
  return [{ why: `${what}: ${isSkipped ? 'skipped' : 'no such test ran'}`, isLost: !isSkipped }];
}
