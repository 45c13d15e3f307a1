import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

type Operation = 'open' | 'mkdir' | 'chmod' | 'rename' | 'rm';

/**
 * Has this process killed (SIGKILL, as the kernel's out-of-memory killer does) just before its Nth operation of these on
 * files. What uses them is to be imported afterwards.
 * @returns how many there were so far.
 */
export function killBefore(nth: number, names: readonly Operation[]): () => number {
  let operations = 0;
  for (const name of names) {
    const operation = fs[name] as (...args: unknown[]) => unknown;
    Object.assign(fs, {
      [name]: (...args: unknown[]) => {
        operations++;
        if (operations === nth) process.kill(process.pid, 'SIGKILL');
        return operation(...args);
      },
    });
  }
  syncBuiltinESMExports();
  return () => operations;
}
