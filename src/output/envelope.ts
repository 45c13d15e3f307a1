/** Of all that `-o json` and `-o yaml` print. A field may be added to v1; one that goes, or changes its meaning, makes the next version. */
export const OUTPUT_API_VERSION = 'memcached-backup/v1';

/** What a command prints as data: docs/output.md tells which command prints which, and docs/schemas holds the JSON Schema of each. */
export const OUTPUT_KINDS = [
  'Backup',
  'BackupList',
  'BackupReport',
  'CopyReport',
  'DiffReport',
  'DoctorReport',
  'DrillCleanUp',
  'DrillReport',
  'DrillReportList',
  'MissingPermissionList',
  'PermissionList',
  'PruneReport',
  'ReleaseStatus',
  'ReleaseStatusList',
  'RestorePlan',
  'RestoreReport',
  'ScheduleInstallReport',
  'ScheduleStatusList',
  'SnapshotList',
  'VerifyReport',
  'Version',
  'WarmReport',
] as const;

export type OutputKind = (typeof OUTPUT_KINDS)[number];

/**
 * The data of a command, saying what it is, as objects of Kubernetes do.
 * @param fields the other ones. Where there are many of a thing they are `items`, also where there is one or none.
 */
export function envelope(kind: OutputKind, fields: object): object {
  return { apiVersion: OUTPUT_API_VERSION, kind, ...fields };
}
