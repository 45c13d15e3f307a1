import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../is-alive.ts';

/**
 * A backup under way is written in ".partial-ID.PID.RANDOM" beside its final name: hidden, no backup id, and
 * on the same file system, so that one rename finishes it. One that is being removed is renamed to
 * ".deleting-ID.PID.RANDOM" first, so that one rename takes it away.
 */
const NAME = /^\.(partial|deleting)-[^.]+\.(\d+)\.[0-9a-f]+$/;

/**
 * A backup takes seconds, minutes at the worst. The age guards the leftovers of writers whose pid means
 * nothing here: in another container, or on another machine that shares the store.
 */
const ABANDONED_AFTER_MS = 6 * 60 * 60 * 1000;

export async function makePartialFolder(parent: string, id: string): Promise<string> {
  const path = hiddenFolder(parent, 'partial', id);
  await mkdir(path, { mode: 0o700 });
  await chmod(path, 0o700);
  return path;
}

/** A name in `parent` that nothing takes for a backup, and that nobody else has. */
export function hiddenFolder(parent: string, doing: 'partial' | 'deleting', id: string): string {
  return join(parent, `.${doing}-${id}.${process.pid}.${randomBytes(4).toString('hex')}`);
}

/** Removes what crashed writers and removals left in `parent`. Never throws: leftovers are never listed, only in the way. */
export async function removeAbandoned(parent: string, now: number): Promise<void> {
  try {
    const names = await readdir(parent);
    await Promise.all(
      names.filter((name) => NAME.test(name)).map((name) => removeIfAbandoned(parent, name, now)),
    );
  } catch {
    // The next backup tries again.
  }
}

/**
 * A backup takes seconds, minutes at the worst. What has not been touched for so long, by a process that is not
 * here, was cut off; it is removed only hours later, because the process may be elsewhere.
 */
const CUT_OFF_AFTER_MS = 10 * 60 * 1000;

/** What crashed writers and removals seem to have left in `parent`, with the time of the last change. */
export async function leftBehind(parent: string, now: number): Promise<{ name: string; at: Date }[]> {
  const names = (await readdir(parent)).filter((name) => NAME.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const { mtime, ctimeMs } = await stat(join(parent, name));
      const isCutOff = now - mtime.getTime() > CUT_OFF_AFTER_MS && !isAtWork(name, ctimeMs);
      return isCutOff ? [{ name, at: mtime }] : [];
    }),
  );
  return found.flat();
}

async function removeIfAbandoned(parent: string, name: string, now: number): Promise<void> {
  const path = join(parent, name);
  const { mtimeMs, ctimeMs } = await stat(path);
  // What is being removed, whoever does it, is to go.
  const isOld = now - mtimeMs >= ABANDONED_AFTER_MS || NAME.exec(name)?.[1] === 'deleting';
  if (!isOld || isAtWork(name, ctimeMs)) return;
  await rm(path, { recursive: true, force: true });
}

/**
 * Whether a process of this machine may be at work on it. In a container every process has the same few ids, mostly 1: what
 * bears the own id, and was changed or renamed last before this process began, is of another one that has ended.
 */
function isAtWork(name: string, changedMs: number): boolean {
  const pid = Number(NAME.exec(name)?.[2]);
  return pid === process.pid ? changedMs >= performance.timeOrigin : isAlive(pid);
}
