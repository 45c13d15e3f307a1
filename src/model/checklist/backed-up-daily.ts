import { open, ticked, unknown, type Verdict } from './box.ts';
import type { ChecklistFacts } from './checklist-facts.ts';

const HOUR_MS = 3_600_000;
/** A day, and two hours for a run that is late: what the alerts of this tool reckon with. */
export const LONGEST_GAP_MS = 26 * HOUR_MS;
/** Backups that lie closer together than this say nothing of one day to the next. */
const A_DAY_APART_MS = 20 * HOUR_MS;

/** The newest good backup is of the last day, and so was the one of the day before. */
export function backedUpDaily({ backups, now }: ChecklistFacts): Verdict {
  if (backups === undefined) return unknown('the store can’t be read');
  const [newest, ...older] = backups;
  if (newest === undefined) return open('there is no complete backup of it');
  const age = now.getTime() - newest.at.getTime();
  if (age > LONGEST_GAP_MS) return open(`the newest backup, ${newest.id}, is ${inHours(age)} old`);
  let last = newest;
  for (const backup of older) {
    const gap = last.at.getTime() - backup.at.getTime();
    if (gap > LONGEST_GAP_MS) return open(`the backup before ${last.id} is ${inHours(gap)} older`);
    last = backup;
    if (newest.at.getTime() - last.at.getTime() >= A_DAY_APART_MS) {
      return ticked(`${newest.id} is ${inHours(age)} old, and the day before it has one too`);
    }
  }
  return unknown(`${newest.id} is ${inHours(age)} old, and none is left of the day before`);
}

function inHours(ms: number): string {
  const hours = Math.round(ms / HOUR_MS);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
