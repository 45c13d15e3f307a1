import type { RestoreSource } from '../../backup/source.ts';
import { ownedWorkloads } from '../../kube/live-pods.ts';
import { type SettingChange, settingChanges } from '../../model/settings/setting-changes.ts';
import type { Planned } from './plan-release.ts';

/** What a plan changes of memcached's settings, as the pods run now. */
export function settingChangesOf(
  { pods }: Pick<RestoreSource, 'pods'>,
  { live, livePods }: Pick<Planned, 'live' | 'livePods'>,
): SettingChange[] {
  return settingChanges(pods, livePods, ownedWorkloads(live));
}
