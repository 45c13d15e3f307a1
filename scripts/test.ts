import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dist } from './build/paths.ts';
import { CORE } from './testing/core.ts';
import { type EndToEnd, elsewhereTests, endToEndTests } from './testing/end-to-end.ts';
import { withFilesInMemory } from './testing/memory-folder.ts';
import { readPromises, unproved } from './testing/promises.ts';
import { build, printFailed, staticChecks } from './testing/quiet-tasks.ts';
import { runTests, type TestResult } from './testing/run-tests.ts';
import { UNIT } from './testing/unit.ts';

/**
 * Everything: types, lint, unit tests and the build, beside each other, then end-to-end tests, of what was built. `--only=unit` and
 * `--only=e2e` run a part, `--only=elsewhere` what is built for other systems, on these, which a whole run leaves out, `--core` the
 * end-to-end tests that every version of Kubernetes is held to, alone; other arguments narrow the test files to those whose names
 * contain one of them. A whole run then says which of the promises in test/promises.yaml are proved, and fails where one is lost; what
 * was skipped is not lost, and .ci/run does not accept that either.
 */
const part = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length);
const isCore = process.argv.includes('--core');
const only = isCore ? [...CORE] : process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
// Before anything runs: a list that can't be read is said at once.
const promises = part === undefined && only.length === 0 ? readPromises() : [];

// Each keeps one core busy at most: they run beside the unit tests, and have their temporary files where they are now.
const checking = part === undefined ? staticChecks() : Promise.resolve([]);
const building = part === 'unit' ? undefined : build();
const unit =
  part === 'e2e' || part === 'elsewhere'
    ? []
    : await withFilesInMemory(() => runTests({ ...UNIT, only, withSlow: true }));
const checked = await checking;
const built = await building;
if (built?.isSound === false) {
  printFailures(unit);
  console.log(summary('unit and property', unit));
  printFailed([...checked, built]);
  console.log('no end-to-end test was begun, for want of a build');
  process.exit(1);
}
let endToEnd: EndToEnd = { results: [] };
if (part !== 'unit') endToEnd = await (part === 'elsewhere' ? elsewhereTests(only) : endToEndTests(only));

const results = [...unit, ...endToEnd.results];
const broken = unproved(promises, results);
mkdirSync(dist, { recursive: true });
writeFileSync(
  join(dist, 'test-results.json'),
  `${JSON.stringify({ promises: promises.length, unproved: broken, results })}\n`,
);
printFailures(results);
if (endToEnd.obstacle !== undefined) {
  console.log(
    `SKIPPED: the tests on a cluster, because there can be none on this machine: ${endToEnd.obstacle}.`,
  );
  console.log('To run them on a cluster you have (kind, minikube, any): E2E_KUBECONFIG=PATH npm test');
}
console.log(summary('unit and property', unit));
console.log(summary('end-to-end', endToEnd.results));
const lost = broken.filter(({ isLost }) => isLost);
if (promises.length > 0) {
  console.log(`promises: ${promises.length - broken.length} of ${promises.length} proved`);
  if (broken.length > lost.length)
    console.log(`${broken.length - lost.length} not proved, because tests of them were skipped`);
  for (const { promise, why } of lost) console.log(`not proved: ${promise}\n    ${why.join('\n    ')}`);
}
printFailed(checked);
console.log(`${count(results, 'passed')} passed, ${count(results, 'failed')} failed`);
process.exitCode =
  checked.every(({ isSound }) => isSound) && count(results, 'failed') === 0 && lost.length === 0 ? 0 : 1;

/** Once more, where whoever sees the last lines alone finds them. */
function printFailures(of: TestResult[]): void {
  for (const { file, name, error = '' } of of.filter(({ outcome }) => outcome === 'failed'))
    console.log(`failed: ${file}: ${name}\n${excerpt(error)}`);
}

/** Not a page where an output of the tool was expected to be another. */
function excerpt(error: string): string {
  const lines = error.split('\n').slice(0, 30);
  return lines.map((line) => `    ${line.slice(0, 300)}`).join('\n');
}

function summary(name: string, of: TestResult[]): string {
  const skipped = count(of, 'skipped') > 0 ? `, ${count(of, 'skipped')} skipped` : '';
  return `${name} tests: ${count(of, 'passed')} passed, ${count(of, 'failed')} failed${skipped}`;
}

function count(of: TestResult[], outcome: TestResult['outcome']): number {
  return of.filter((each) => each.outcome === outcome).length;
}
