import { parseSpan } from '../retention/calendar-span.ts';
import { open, ticked, unknown, type Verdict } from './box.ts';
import type { ChecklistFacts } from './checklist-facts.ts';
import { noSchedule } from './cronjob-deployed.ts';

/** What the guide's policy asks for. */
const DAYS = 30;
/** How many of each rule reach back so far: 30 days, 5 weeks, 2 months, so that one is whole, or a year. */
const ENOUGH = { daily: DAYS, weekly: 5, monthly: 2, yearly: 1 } as const;

/** A schedule prunes after each backup, by rules that keep backups for thirty days. */
export function retentionConfigured({ schedules, namespace }: ChecklistFacts): Verdict {
  if (schedules === undefined) return unknown('CronJobs can’t be read');
  const [first] = schedules;
  if (first === undefined) return open(noSchedule(namespace));
  const keeping = schedules.filter(({ backup }) => (backup?.keep.length ?? 0) > 0);
  if (keeping.length === 0) {
    return first.backup === undefined
      ? unknown(`what cronjob/${first.cronJob} is told can’t be read`)
      : open(`cronjob/${first.cronJob} has no --keep-… flag: nothing is ever removed`);
  }
  const enough = keeping.find(({ backup }) => backup!.keep.some(reachesThirtyDays));
  if (enough !== undefined) return ticked(inWords(enough));
  const counting = keeping.find(({ backup }) => backup!.keep.some((rule) => rule.startsWith('--keep-last ')));
  if (counting !== undefined) return unknown(`${inWords(counting)}: how many days that is, its runs decide`);
  return open(`${inWords(keeping[0]!)}: that is less than ${DAYS} days`);
}

function inWords({ cronJob, backup }: { cronJob: string; backup: { keep: string[] } | undefined }): string {
  return `cronjob/${cronJob} ${backup!.keep.join(' ')}`;
}

function reachesThirtyDays(rule: string): boolean {
  const [, name = '', value = ''] = /^--keep-(\w+) (.+)$/.exec(rule) ?? [];
  if (name === 'within') {
    const { years = 0, months = 0, days = 0, hours = 0 } = parseSpan(value) ?? {};
    // A month has 28 days at least, and whoever asks for one means the guide's thirty.
    return years * 365 + months * DAYS + days + hours / 24 >= DAYS;
  }
  if (value === 'unlimited') return name in ENOUGH || name === 'last';
  return name in ENOUGH && Number(value) >= ENOUGH[name as keyof typeof ENOUGH];
}
