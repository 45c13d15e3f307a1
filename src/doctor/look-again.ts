import { setTimeout as sleep } from 'node:timers/promises';
import { interruptible } from '../errors/interruptible.ts';
import { BrokenOffError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Finding, Repair } from '../model/findings/finding.ts';
import { displayName, keyOf, type ObjectRef } from '../model/kubernetes/object.ts';
import type { CommandContext } from '../session/context.ts';
import { showing } from '../session/under-way.ts';
import { awaitJobs, jobsOf } from './await-jobs.ts';

/** What became of one finding that could be fixed. */
export interface Fix {
  code: string;
  object?: ObjectRef;
  what: string;
  /**
   * unknown: it was done, and whether that helped can't be told (yet). fixed-elsewhere: it could not be done, because
   * somebody else had done it: a second `doctor --fix`, say.
   */
  outcome: 'fixed' | 'fixed-elsewhere' | 'remains' | 'unknown' | 'failed' | 'declined';
  /** Why it failed, or why nobody knows. */
  error?: string;
}

/** A fix and how it was made. */
export interface Attempt {
  fix: Fix;
  repair: Repair;
  /** What a repair that stopped on its way left, a clause; absent where it was whole, or nothing came of it. */
  left?: string;
}

/** What doctor finds now. */
export interface SecondLook {
  findings: readonly Finding[];
  /** Something can't be looked at that could be the first time. */
  readsLess: boolean;
}

/** Undefined where the API server gave no answer. */
export type LookAgain = () => Promise<SecondLook | undefined>;

/** Between two looks whether the findings are gone, milliseconds. */
const INTERVAL_MS = 2_000;

/**
 * Looks until nothing of what was done is found any more, or time is up, and writes down what became of it. Jobs
 * that were started are waited for first: while one runs there is nothing to find, and nothing to praise. What
 * could not be done is looked at once: it may be mended by somebody else by now; not so what is half done, which may
 * be found no more for having been taken away. After Ctrl-C nobody looks.
 */
export async function lookUntilMended(
  attempts: readonly Attempt[],
  { timeoutMs, lookAgain, kube }: { timeoutMs: number; lookAgain: LookAgain; kube: KubeClient },
  { signal, io }: CommandContext,
): Promise<void> {
  const open = new Set(attempts.filter(({ fix }) => fix.outcome === 'unknown'));
  const failed = attempts.filter(({ fix, left }) => fix.outcome === 'failed' && left === undefined);
  if (signal.aborted || open.size + failed.length === 0) return;
  await showing(io, 'Looking again', async (update) => {
    const jobs = [...open].flatMap(({ repair }) => jobsOf(repair));
    if (jobs.length > 0)
      update(`Waiting for ${jobs.map(displayName).join(', ')}`, { since: Date.now(), limitMs: timeoutMs });
    const running = new Set((await awaitJobs(kube, jobs, { timeoutMs, signal })).map(keyOf));
    for (const attempt of open) {
      const [late] = jobsOf(attempt.repair).filter((job) => running.has(keyOf(job)));
      if (late === undefined) continue;
      attempt.fix.error = `${displayName(late)} is still running`;
      open.delete(attempt);
    }
    const since = Date.now();
    update('Looking again', { since, limitMs: timeoutMs });
    for (const deadline = since + timeoutMs; !signal.aborted; ) {
      const look = await unlessInterrupted(lookAgain(), signal);
      if (signal.aborted) return;
      for (const attempt of failed.splice(0))
        if (isGone(attempt, look)) attempt.fix.outcome = 'fixed-elsewhere';
      for (const attempt of open) if (isSettled(attempt, look)) open.delete(attempt);
      if (open.size === 0 || Date.now() >= deadline || signal.aborted) return;
      await sleep(INTERVAL_MS, undefined, { signal }).catch(() => {});
    }
  });
}

/** What the look says, or undefined as soon as the signal is aborted. */
async function unlessInterrupted(
  looking: Promise<SecondLook | undefined>,
  signal: AbortSignal,
): Promise<SecondLook | undefined> {
  try {
    return await interruptible(looking, signal, '');
  } catch (error) {
    if (error instanceof BrokenOffError) return undefined;
    throw error;
  }
}

/** Whether a look that sees everything finds nothing of it any more. */
function isGone({ fix, repair }: Attempt, look: SecondLook | undefined): boolean {
  if (look === undefined || look.readsLess) return false;
  const jobs = jobsOf(repair);
  return !look.findings.some((finding) => isStillThere(fix, jobs, finding));
}

/** Writes down what this look says of an attempt. @returns whether another one could not say anything else. */
function isSettled({ fix, repair }: Attempt, look: SecondLook | undefined): boolean {
  delete fix.error;
  if (look === undefined) {
    fix.outcome = 'unknown';
    fix.error = 'the API server gave no answer';
    return false;
  }
  const jobs = jobsOf(repair);
  if (look.findings.some((finding) => isStillThere(fix, jobs, finding))) {
    fix.outcome = 'remains';
    // The Job that was to mend it has ended.
    return jobs.length > 0;
  }
  if (look.readsLess) {
    fix.outcome = 'unknown';
    fix.error = 'not everything could be looked at again';
    return false;
  }
  fix.outcome = 'fixed';
  return true;
}

/** By itself or behind a cause; of a Job that was made again, with whichever of its pods. */
function isStillThere({ code, object }: Fix, jobs: readonly ObjectRef[], finding: Finding): boolean {
  const found = [finding, ...finding.consequences].filter((each) => each.code === code);
  const isOfJobs = jobs.some((job) => finding.about.includes(keyOf(job)));
  const subject = object === undefined ? undefined : keyOf(object);
  return found.some(
    (each) => isOfJobs || (each.object === undefined ? undefined : keyOf(each.object)) === subject,
  );
}
