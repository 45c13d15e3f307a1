import type { KubeObject } from '../kubernetes/object.ts';
import type { PodSettings } from '../records/backup-format.ts';
import { type SettingRow, settingsDifference } from './settings-difference.ts';

/** One setting that a backup brings back: what pods run with now, and ran with then. */
export type SettingChange = Pick<SettingRow, 'workload' | 'setting' | 'pods' | 'backup'> & {
  /** What arguments and env ask for now; absent where they leave it to memcached. */
  configured?: string;
};

/**
 * The settings of memcached in which the pods of a release differ from those of a backup, by workload and name. Of a workload
 * whose pods do not answer, those that its definition names otherwise than the backup's pods ran.
 * @param workloads the live ones.
 */
export function settingChanges(
  backup: PodSettings[],
  live: PodSettings[],
  workloads: KubeObject[],
): SettingChange[] {
  const { rows } = settingsDifference(backup, live, workloads);
  return rows.filter(isChange).map(({ workload, setting, configured, pods, backup: then }) => ({
    workload,
    setting,
    ...(configured === undefined ? {} : { configured }),
    pods,
    backup: then,
  }));
}

function isChange({ differs, pods, configured, backup }: SettingRow): boolean {
  if (differs) return true;
  const isAsked = pods.length === 0 && configured !== undefined && backup.length > 0;
  return isAsked && backup.every(({ value }) => value !== configured);
}
