import { runTests } from './testing/run-tests.ts';
import { staticChecks } from './testing/static-checks.ts';
import { UNIT } from './testing/unit.ts';

/** The quick loop: types, lint, format, unit and property tests. `npm run check -- NAME` narrows the tests. */
const sound = await staticChecks();
const { failed } = await runTests({ ...UNIT, only: process.argv.slice(2) });
process.exitCode = sound && failed === 0 ? 0 : 1;
