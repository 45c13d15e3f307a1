import type { MetricFamily, Sample } from './text-format.ts';

/** Every metric of this tool, by what follows `memcached_backup_` in its name, and what it says. docs/monitoring.md lists them. */
export const TOOL_METRICS = {
  backed_up: 'Whether the release has a complete, undamaged backup.',
  newest_timestamp_seconds: 'When the newest complete backup of the release was taken, in Unix time.',
  newest_size_bytes: 'The size of the newest complete backup of the release.',
  newest_objects: 'How many objects the newest complete backup of the release records.',
  newest_verified:
    'Whether the newest complete backup of the release was verified and nothing was wrong with it.',
  newest_verified_timestamp_seconds:
    'When the newest complete backup of the release was verified, in Unix time.',
  drill_timestamp_seconds: 'When the last drill of the release began, in Unix time.',
  drill_passed: 'Whether the last drill of the release restored it and proved that.',
  drill_duration_seconds: 'How long the last drill of the release took, up to the proof.',
  drill_target_seconds: 'In what time the last drill of the release was to be done.',
  drill_last_passed_timestamp_seconds:
    'When the last drill of the release began that passed within its target, in Unix time.',
  store_readable: 'Whether the store could be looked into.',
  store_backups: 'How many backups the store holds, damaged and safety ones among them.',
  store_backups_size_bytes: 'The size of all backups in the store.',
  store_free_bytes: 'What can still be written to the store.',
  store_capacity_bytes: 'What the store can hold.',
  last_run_success: 'Whether the last run saved everything that it was to save.',
  last_run_timestamp_seconds: 'When the last run ended, in Unix time.',
  last_run_duration_seconds: 'How long the last run took.',
  last_run_saved: 'How many releases the last run saved.',
  last_run_failed: 'How many releases the last run could not save.',
  last_success_timestamp_seconds: 'When the last run ended that saved everything, in Unix time.',
} as const;

export type ToolMetric = keyof typeof TOOL_METRICS;

export function metricName(metric: ToolMetric): string {
  return `memcached_backup_${metric}`;
}

/** Samples gathered one by one, as they are printed: the metrics in the order of {@link TOOL_METRICS}. */
export class GatheredMetrics {
  readonly #samples = new Map<ToolMetric, Sample[]>();

  /** @param value a number; a truth is 1 or 0; undefined, or no number: there is no such sample. */
  add(metric: ToolMetric, labels: Sample['labels'], value: number | boolean | undefined): void {
    const number = Number(value);
    if (value === undefined || Number.isNaN(number)) return;
    const samples = this.#samples.get(metric) ?? [];
    this.#samples.set(metric, [...samples, { labels, value: number }]);
  }

  families(): MetricFamily[] {
    return Object.entries(TOOL_METRICS).map(([metric, help]) => ({
      name: metricName(metric as ToolMetric),
      help,
      samples: this.#samples.get(metric as ToolMetric) ?? [],
    }));
  }
}
