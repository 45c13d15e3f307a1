import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

// Node has no flock(2), so a shell holds the lock for us until its input ends. That happens when we let go, and
// also when we are killed: the kernel frees the lock, and there is no such thing as a stale one.
// The file may be removed by the holder (`down` leaves nothing behind); whoever then holds the lock of a removed
// file tries again with the new one.
const HOLD = `while :; do
  exec 9>>"$1" || exit 1
  flock -n 9 || { echo waiting; flock 9; }
  [ "$1" -ef /proc/self/fd/9 ] && break
done
echo held
exec cat >/dev/null`;

/**
 * Runs `work` while holding the lock file, alone among all processes of this machine. `remove` removes the file at
 * the end.
 */
export async function withLock<T>(
  file: string,
  onWait: () => void,
  work: () => Promise<T>,
  remove = false,
): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  // detached: a Ctrl-C in the terminal must not free the lock before our own clean-up is done.
  const holder = spawn('sh', ['-c', HOLD, 'lock', file], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => holder.once('close', () => resolve()));
  try {
    await held(createInterface({ input: holder.stdout }), file, onWait);
    const result = await work();
    if (remove) rmSync(file, { force: true });
    return result;
  } finally {
    holder.stdin.end();
    await ended;
  }
}

async function held(lines: AsyncIterable<string>, file: string, onWait: () => void): Promise<void> {
  for await (const line of lines) {
    if (line === 'held') return;
    onWait();
  }
  throw new Error(`can't lock ${file}`);
}
