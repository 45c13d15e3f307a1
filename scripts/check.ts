import { runTests } from './testing/run-tests.ts';
import { staticChecks } from './testing/static-checks.ts';
import { UNIT } from './testing/unit.ts';

/**
 * The quick loop: types, lint, format, unit and property tests. Test files named *.slow.test.ts (they start
 * many processes, or fill disks) are left to `npm test`. `npm run check -- NAME` narrows the tests.
 */
const sound = await staticChecks();
const results = await runTests({ ...UNIT, only: process.argv.slice(2), withSlow: false });
const failed = results.filter(({ outcome }) => outcome === 'failed').length;
process.exitCode = sound && failed === 0 ? 0 : 1;
