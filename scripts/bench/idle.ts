import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What part of the processors' time was idle between two readings of /proc/stat (proc(5): the first line has the times of all
 * processors; the fourth is idle, the fifth idle while a disk is waited for).
 */
export function idleShare(before: string, after: string): number {
  const [from, to] = [before, after].map((text) =>
    (/^cpu +(.*)$/m.exec(text)?.[1] ?? '').split(' ').map(Number),
  );
  // The last two, of guests, are in the first two already.
  const passed = to!.slice(0, 8).map((ticks, at) => ticks - from![at]!);
  const all = passed.reduce((sum, ticks) => sum + ticks, 0);
  return all === 0 ? 0 : (passed[3]! + passed[4]!) / all;
}

/** How idle this machine is now: the load average still tells of a build that ended a minute ago. @returns 0 to 1. */
export async function idleNow(ms = 2000): Promise<number> {
  const stat = (): string => readFileSync('/proc/stat', 'utf8');
  const before = stat();
  await sleep(ms);
  return idleShare(before, stat());
}
