import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dist } from './build/paths.ts';
import { type EndToEnd, endToEndTests } from './testing/end-to-end.ts';
import { type Counts, NONE, runTests } from './testing/run-tests.ts';
import { staticChecks } from './testing/static-checks.ts';
import { UNIT } from './testing/unit.ts';

/**
 * Everything: types, lint, unit tests, build, end-to-end tests. `--only=unit` and `--only=e2e` run a part;
 * other arguments narrow the test files to those whose names contain one of them.
 */
const part = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length);
const only = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));

const sound = part === undefined ? await staticChecks() : true;
const unit: Counts = part === 'e2e' ? NONE : await runTests({ ...UNIT, only, withSlow: true });
let endToEnd: EndToEnd = NONE;
if (part !== 'unit') {
  await import('./build.ts');
  endToEnd = await endToEndTests(only);
}

mkdirSync(dist, { recursive: true });
writeFileSync(join(dist, 'test-counts.json'), `${JSON.stringify({ unit, endToEnd })}\n`);
if (endToEnd.obstacle !== undefined) {
  console.log(
    `SKIPPED: the tests on a cluster, because there can be none on this machine: ${endToEnd.obstacle}.`,
  );
  console.log('To run them on a cluster you have (kind, minikube, any): E2E_KUBECONFIG=PATH npm test');
}
console.log(summary('unit and property', unit));
console.log(summary('end-to-end', endToEnd));
if (!sound) console.log('types, lint or format: failed (see above)');
const passed = unit.passed + endToEnd.passed;
const failed = unit.failed + endToEnd.failed;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = sound && failed === 0 ? 0 : 1;

function summary(name: string, counts: Counts): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  return `${name} tests: ${counts.passed} passed, ${counts.failed} failed${skipped}`;
}
