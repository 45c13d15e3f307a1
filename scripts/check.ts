import { printFailed, staticChecks } from './testing/quiet-tasks.ts';
import { runTests } from './testing/run-tests.ts';
import { UNIT } from './testing/unit.ts';

/**
 * The quick loop: types, lint, format, unit and property tests. Test files named *.slow.test.ts (they start
 * many processes, or fill disks) are left to `npm test`. `npm run check -- NAME` narrows the tests.
 */
const checks = staticChecks();
const results = await runTests({ ...UNIT, only: process.argv.slice(2), withSlow: false });
const checked = await checks;
printFailed(checked);
const failed = results.filter(({ outcome }) => outcome === 'failed').length;
process.exitCode = checked.every(({ isSound }) => isSound) && failed === 0 ? 0 : 1;
