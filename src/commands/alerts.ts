import { ExitCode } from '../errors/exit-code.ts';
import { toYaml } from '../model/json/yaml.ts';
import { alertRules } from '../model/metrics/alert-rules.ts';
import { dashboard } from '../model/metrics/dashboard.ts';
import { prometheusRules, rulesFile } from '../model/metrics/rules-file.ts';
import type { Thresholds } from '../model/metrics/thresholds.ts';
import type { WatchedSchedule } from '../model/metrics/watched-schedule.ts';
import { toPrettyJson } from '../output/print.ts';
import { type SchedulesToWatch, watchedSchedules } from '../schedule/watched-schedules.ts';
import type { CommandContext } from '../session/context.ts';
import { reading } from '../session/under-way.ts';

export const ALERT_FORMATS = ['prometheusrule', 'rules', 'grafana'] as const;

export interface AlertsOptions extends SchedulesToWatch {
  output: (typeof ALERT_FORMATS)[number];
  thresholds: Thresholds;
  /** --label: by which a Prometheus selects its PrometheusRules. */
  labels: Readonly<Record<string, string>>;
}

/**
 * `alerts`: prints alerting rules, or a dashboard, for the schedules of this tool. Reads their CronJobs, where there is a cluster; writes
 * nothing.
 */
export async function alerts(options: AlertsOptions, context: CommandContext): Promise<ExitCode> {
  const looking = () => watchedSchedules(options, context);
  const schedules = await reading(context, 'Looking for schedules', 'nothing was changed', looking);
  context.io.outText(printed(schedules, options));
  return ExitCode.ok;
}

function printed(
  schedules: readonly WatchedSchedule[],
  { output, thresholds, labels }: AlertsOptions,
): string {
  if (output === 'grafana') return toPrettyJson(dashboard(schedules, thresholds));
  const groups = schedules.map((schedule) => alertRules(schedule, thresholds));
  if (output === 'rules') return toYaml(rulesFile(groups));
  return prometheusRules(groups, labels).map(toYaml).join('---\n');
}
