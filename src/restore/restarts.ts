import type { LiveRelease } from '../kube/read-release.ts';
import type { PodSettings } from '../model/backup.ts';
import { displayName } from '../model/object.ts';
import type { PlannedObject } from '../model/plan.ts';
import { rolloutOf } from '../model/rollout.ts';
import { compareSettings } from '../model/settings.ts';
import { isMemcachedWorkload } from '../model/workload.ts';
import type { RestoreSource } from './source.ts';

/**
 * Workloads whose objects are right and whose pods are not: they run with other settings than the backup's
 * (somebody sent `cache_memlimit`, say). Only new pods bring those back.
 */
export function settingsToRestart(
  source: RestoreSource,
  live: LiveRelease,
  livePods: PodSettings[],
  written: PlannedObject[],
): PlannedObject[] {
  return written.flatMap((planned) => {
    if (planned.action !== 'keep' && planned.action !== 'replace') return [];
    const current = live.find(planned.ref);
    if (current === undefined || !isMemcachedWorkload(current)) return [];
    // A new template brings new pods by itself.
    if (planned.changes.some((change) => change.startsWith('spec.template'))) return [];
    // A rollout under way is waited for; restarting its pods would only disturb it.
    if (!rolloutOf(current).done) return [];
    const workload = displayName(planned.ref);
    const pods = livePods.filter((pod) => pod.workload === workload);
    const expected = source.pods.filter((pod) => pod.workload === workload);
    const differing = pods.flatMap((pod) => {
      if (pod.stats === undefined) return [];
      return compareSettings(expected, pod).differences.map(
        ({ key, expected: wanted, actual }) =>
          `${pod.name} runs with ${key}=${actual ?? '(none)'}, not ${wanted}`,
      );
    });
    if (differing.length === 0) return [];
    return [
      {
        ...planned,
        action: 'restart',
        reason: 'its pods do not run with its settings',
        changes: differing,
        checked: false,
      },
    ];
  });
}
