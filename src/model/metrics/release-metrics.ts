import type { DrillReport } from '../records/drill-report.ts';
import type { GatheredMetrics } from './tool-metrics.ts';

/** The newest complete backup of a release, as metrics tell of it. */
export interface MeasuredBackup {
  /** When it was taken. */
  at: Date;
  /** Of its files but backup.json. */
  bytes: number;
  objects: number;
  /** When a verify found nothing wrong with it; undefined where none did. */
  verifiedAt?: Date | undefined;
}

/** @param labels namespace and release, where no grouping key says them, and the kind of the store. */
export function addBackup(
  metrics: GatheredMetrics,
  labels: Readonly<Record<string, string>>,
  backup: MeasuredBackup,
): void {
  metrics.add('backed_up', labels, true);
  metrics.add('newest_timestamp_seconds', labels, unixTime(backup.at));
  metrics.add('newest_size_bytes', labels, backup.bytes);
  metrics.add('newest_objects', labels, backup.objects);
  metrics.add('newest_verified', labels, backup.verifiedAt !== undefined);
  metrics.add(
    'newest_verified_timestamp_seconds',
    labels,
    backup.verifiedAt === undefined ? undefined : unixTime(backup.verifiedAt),
  );
}

/** @param passedAt when the last drill began that passed within its target, RFC 3339. */
export function addDrill(
  metrics: GatheredMetrics,
  labels: Readonly<Record<string, string>>,
  drill: DrillReport,
  passedAt: string | undefined,
): void {
  metrics.add('drill_timestamp_seconds', labels, unixTime(new Date(drill.at)));
  metrics.add('drill_passed', labels, drill.outcome === 'passed');
  metrics.add('drill_duration_seconds', labels, drill.seconds);
  metrics.add('drill_target_seconds', labels, drill.targetSeconds);
  metrics.add(
    'drill_last_passed_timestamp_seconds',
    labels,
    passedAt === undefined ? undefined : unixTime(new Date(passedAt)),
  );
}

/** Seconds, with milliseconds as a fraction. */
export function unixTime(at: Date): number {
  return at.getTime() / 1000;
}
