/**
 * Writes a backup and is killed (SIGKILL, as the kernel's out-of-memory killer does) just before its Nth
 * file operation. Arguments: the store and N. Where there are fewer, it prints how many.
 */
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const [root = '', at = ''] = process.argv.slice(2);
let operations = 0;

function dieBefore<Args extends unknown[], Result>(
  operation: (...args: Args) => Result,
): (...args: Args) => Result {
  return (...args) => {
    operations++;
    if (operations === Number(at)) process.kill(process.pid, 'SIGKILL');
    return operation(...args);
  };
}
Object.assign(fs, {
  open: dieBefore(fs.open),
  mkdir: dieBefore(fs.mkdir),
  chmod: dieBefore(fs.chmod),
  rename: dieBefore(fs.rename),
});
syncBuiltinESMExports();

const { openStore } = await import('../../../src/store/open-store.ts');
const { writeSample } = await import('./sample-backup.ts');
await writeSample(await openStore(root));
process.stdout.write(`${operations}`);
