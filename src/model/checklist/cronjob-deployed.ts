import { open, ticked, unknown, type Verdict } from './box.ts';
import type { ChecklistFacts } from './checklist-facts.ts';

/** A CronJob of this tool saves the release, is due again, and has succeeded before. */
export function cronJobDeployed({ schedules, namespace }: ChecklistFacts): Verdict {
  if (schedules === undefined) return unknown('CronJobs can’t be read');
  if (schedules.length === 0) return open(noSchedule(namespace));
  const due = schedules.filter(({ suspended, next }) => !suspended && next !== undefined);
  const [first] = due;
  if (first === undefined) {
    const { cronJob, suspended, schedule } = schedules[0]!;
    return open(
      suspended ? `cronjob/${cronJob} is suspended` : `cronjob/${cronJob} is never due (${schedule})`,
    );
  }
  const certain = due.filter(({ saves }) => saves === 'yes');
  if (certain.length === 0)
    return unknown(`whether cronjob/${first.cronJob} saves it, its arguments don’t tell`);
  const proven = certain.find(({ lastSuccess }) => lastSuccess !== undefined);
  if (proven === undefined) return unknown(`cronjob/${certain[0]!.cronJob} has not succeeded yet`);
  return ticked(`cronjob/${proven.cronJob}, last success ${proven.lastSuccess}`);
}

/** @param namespace where it was looked for; undefined: everywhere. */
export function noSchedule(namespace: string | undefined): string {
  return namespace === undefined
    ? 'no CronJob of this tool saves it'
    : `no CronJob of this tool in namespace ${namespace} saves it (-A looks into others too)`;
}
