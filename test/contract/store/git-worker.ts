/**
 * Does one piece of work on the store in Git that it is given, and is killed (SIGKILL) at the Nth place: just before each git that
 * writes something, and after each push. Before one that only reads, all is as it was after the last that wrote. Arguments: the store,
 * the work, and N.
 */
import child from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import type { CutWork } from './kind.ts';

const [location = '', work = '', at = ''] = process.argv.slice(2);
const WRITING: ReadonlySet<string> = new Set([
  'init',
  'fetch',
  'fast-import',
  'read-tree',
  'update-index',
  'write-tree',
  'commit-tree',
  'tag',
  'push',
]);
const { spawn } = child;
let place = 0;

Object.assign(child, {
  spawn: (...args: Parameters<typeof spawn>) => {
    const command = args[1].find((word) => WRITING.has(word));
    const die = (): boolean => process.kill(process.pid, 'SIGKILL');
    if (command !== undefined && ++place === Number(at)) die();
    const running = spawn(...args);
    if (command === 'push' && ++place === Number(at)) running.once('exit', die);
    return running;
  },
});
syncBuiltinESMExports();

const { openStore } = await import('../../../src/store/open-store.ts');
const { doWork } = await import('./cut-work.ts');
const store = await openStore(location, undefined, { git: { allowPlainSecrets: true } });
await doWork(store, work as CutWork);
