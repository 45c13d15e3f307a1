import { oneOf } from './promql.ts';
import { age, failedSinceSuccess, neverSucceededFor, pickOne } from './schedule-expressions.ts';
import type { WatchedSchedule } from './watched-schedule.ts';

/**
 * What is known of drills: of those of a schedule by the series of kube-state-metrics, where one that missed its target is a run that
 * failed; of each release by the metrics that `status -o prometheus` prints, whoever held them.
 */

/** Seconds since a drill last passed, where that is more than `longest`. */
export function drillsOlderThan(schedule: WatchedSchedule, longest: number): string {
  const picked = pickedDrills(schedule);
  const byRuns =
    picked === undefined
      ? []
      : [`${age(picked)} > ${longest}`, `(${neverSucceededFor(picked)}) > ${longest}`];
  const byReports = `time() - ${ofReleases(schedule, 'last_passed_timestamp_seconds')} > ${longest}`;
  return [...byRuns, byReports].join(' or ');
}

/** Where the last drill failed. */
export function failedDrills(schedule: WatchedSchedule): string {
  const picked = pickedDrills(schedule);
  const byReports = `${ofReleases(schedule, 'passed')} == 0`;
  return [...(picked === undefined ? [] : [failedSinceSuccess(picked)]), byReports].join(' or ');
}

/** Seconds that the last drill of a release took, where its target was less. */
export function lateDrills(schedule: WatchedSchedule): string {
  const took = ofReleases(schedule, 'duration_seconds');
  return `${took} > on (namespace, release) ${ofReleases(schedule, 'target_seconds')}`;
}

function pickedDrills({ namespace, drills }: WatchedSchedule) {
  return drills === undefined ? undefined : pickOne({ namespace, name: drills });
}

function ofReleases({ namespace }: WatchedSchedule, metric: string): string {
  return `max by (namespace, release) (memcached_backup_drill_${metric}{namespace${oneOf([namespace])}})`;
}
