import sync from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

type Operation = 'open' | 'mkdir' | 'chmod' | 'rename' | 'rm';

/**
 * Has this process killed (SIGKILL, as the kernel's out-of-memory killer does) just before its Nth operation of these on
 * files, whether it is waited for or done at once. What uses them is to be imported afterwards.
 * @returns how many there were so far.
 */
export function killBefore(nth: number, names: readonly Operation[]): () => number {
  let operations = 0;
  const counted =
    (operation: (...args: unknown[]) => unknown) =>
    (...args: unknown[]): unknown => {
      // Modules are read by their URLs, at once.
      if (typeof args[0] === 'string') operations++;
      if (operations === nth) process.kill(process.pid, 'SIGKILL');
      return operation(...args);
    };
  for (const name of names) {
    const atOnce = `${name}Sync` as const;
    Object.assign(fs, { [name]: counted(fs[name] as () => unknown) });
    Object.assign(sync, { [atOnce]: counted(sync[atOnce] as () => unknown) });
  }
  syncBuiltinESMExports();
  return () => operations;
}
