import {
  accessSync,
  chmodSync,
  constants,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../src/store/is-alive.ts';

/** POSIX shared memory: a file system in memory on every Linux, though small in most containers (shm_overview(7)). */
const MEMORY = '/dev/shm';
/** The kernel's include/uapi/linux/magic.h. */
const TMPFS_MAGIC = 0x01021994;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const GIB = 2 ** 30;
/** Small backups, and for a moment an image of the tool; the cluster and the tests themselves take memory too. */
const ROOM = 4 * GIB;
const MEMORY_LEFT = 10 * GIB;

/**
 * Does `work` with temporary files, its own and those of what it starts, in memory (TMPDIR): thousands of small backups are written,
 * synced and removed, which takes a disk and its file system a tenth of the tests' processor time. They are gone afterwards. Where
 * TMPDIR is set already, or there is too little memory, nothing is different. Not for builds: what they make is moved to the disk.
 */
export async function withFilesInMemory<T>(work: () => Promise<T>): Promise<T> {
  if (process.env.TMPDIR !== undefined || !hasRoom()) return work();
  removeLeftovers();
  const folder = mkdtempSync(join(MEMORY, `mb-${process.pid}-`));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const interrupted = (): never => process.exit(1);
  process.once('exit', remove);
  for (const signal of SIGNALS) process.once(signal, interrupted);
  try {
    // As /tmp is: some tests run programs as somebody else.
    chmodSync(folder, 0o1777);
    process.env.TMPDIR = folder;
    return await work();
  } finally {
    delete process.env.TMPDIR;
    for (const signal of SIGNALS) process.off(signal, interrupted);
    process.off('exit', remove);
    remove();
  }
}

/** Of runs that ended without removing their folder: killed, say. Another's process of the same number only keeps one longer. */
export function removeLeftovers(memory = MEMORY): void {
  for (const name of readdirSync(memory)) {
    const pid = /^mb-(\d+)-\w+$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid)))
      rmSync(join(memory, name), { recursive: true, force: true });
  }
}

function hasRoom(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK);
    const { type, bavail, bsize } = statfsSync(MEMORY);
    const available = /^MemAvailable: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    return (
      type === TMPFS_MAGIC &&
      bavail * bsize >= ROOM &&
      Number(available) * 1024 >= MEMORY_LEFT &&
      mayRunPrograms()
    );
  } catch {
    return false;
  }
}

/** Tests run copies of the tool from their folders. The mount's options are the sixth field, see proc(5), mountinfo. */
function mayRunPrograms(): boolean {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const options = lines.map((line) => line.split(' ')).filter(([, , , , point]) => point === MEMORY);
  return !(options.at(-1)?.[5] ?? '').split(',').includes('noexec');
}
