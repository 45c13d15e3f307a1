import { arrayAt, stringAt } from '../json/json.ts';
import { type KubeObject, refOf } from '../kubernetes/object.ts';
import { open, ticked, unknown, type Verdict } from './box.ts';
import type { ChecklistFacts, SavingSchedule } from './checklist-facts.ts';
import { noSchedule } from './cronjob-deployed.ts';

/**
 * Series by which a backup that does not come at all is noticed (kube-state-metrics, "CronJob Metrics"). One of a failed Job alone
 * is silent about a run that never started.
 */
const NOTICES_ABSENCE = /\bkube_cronjob_(?:status_last_successful_time|next_schedule_time)\b/;

/** A PrometheusRule watches the schedule for a run that does not come. */
export function alertingEnabled({ alerts, schedules, namespace }: ChecklistFacts): Verdict {
  if (schedules === undefined) return unknown('CronJobs can’t be read');
  if (schedules.length === 0) return open(`${noSchedule(namespace)}, and so there is none to watch`);
  if (!alerts.seen) return unknown(alerts.why);
  const watching = alerts.rules.find((rule) => schedules.some((schedule) => watches(rule, schedule)));
  if (watching !== undefined) {
    const { name, namespace: place } = refOf(watching);
    return ticked(`prometheusrule/${name} in namespace ${place} watches cronjob/${schedules[0]!.cronJob}`);
  }
  const rules = 'rules in files of Prometheus can’t be seen from here';
  return alerts.everywhere
    ? open(`no PrometheusRule watches cronjob/${schedules[0]!.cronJob}; ${rules}`)
    : unknown(
        `no PrometheusRule in namespace ${namespace} watches cronjob/${schedules[0]!.cronJob} (-A looks into others too); ${rules}`,
      );
}

/** One that picks CronJobs by their namespace picks this one's. */
function watches(rule: KubeObject, { namespace, cronJob }: SavingSchedule): boolean {
  const names = (expr: string, name: string): boolean =>
    new RegExp(`(?<![-\\w])${name.replaceAll('.', '\\.')}(?![-\\w])`).test(expr);
  return arrayAt(rule, 'spec', 'groups')
    .flatMap((group) => arrayAt(group, 'rules'))
    .map((each) => stringAt(each, 'expr') ?? '')
    .some(
      (expr) =>
        NOTICES_ABSENCE.test(expr) &&
        names(expr, cronJob) &&
        (!/\bnamespace\s*(?:=|!)/.test(expr) || names(expr, namespace)),
    );
}
