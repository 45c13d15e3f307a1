import { jsonEqual, valueAt } from '../../model/json/json.ts';
import { displayName, type KubeObject, keyOf } from '../../model/kubernetes/object.ts';
import { pausedRollout } from '../../model/kubernetes/paused-rollout.ts';
import { rolloutOf } from '../../model/kubernetes/rollout.ts';
import { isMemcachedWorkload } from '../../model/kubernetes/workload.ts';
import { type Imposed, isImposed } from '../../model/plan/imposed.ts';
import type { PlannedObject } from '../../model/plan/plan.ts';
import { compareSettings } from '../../model/settings/settings.ts';
import { settingText } from '../../output/setting-text.ts';
import type { PlanInput } from './plan-input.ts';

/**
 * Workloads whose objects are right and whose pods are not: they run with other settings than the backup's
 * (somebody sent `cache_memlimit`, say). Only new pods bring those back.
 * @returns `restarts`, and a line for each workload that is not restarted for its settings.
 */
export function settingsToRestart(
  input: PlanInput,
  written: PlannedObject[],
  imposed: readonly Imposed[],
): { restarts: PlannedObject[]; left: string[] } {
  const { live, options } = input;
  const found = withOtherSettings(input, written, imposed);
  const mayRestart = ({ ref }: PlannedObject): boolean => options.mayRestart?.(live.find(ref)!) !== false;
  return {
    restarts: found.filter(mayRestart),
    left: found
      .filter((restart) => !mayRestart(restart))
      .map(
        ({ ref, changes }) =>
          `the pods of ${displayName(ref)} run with other settings than before, which nothing that is put back would change, and are not restarted: ${changes.join(', ')}`,
      ),
  };
}

function withOtherSettings(
  { source, live, livePods, options }: PlanInput,
  written: PlannedObject[],
  imposed: readonly Imposed[],
): PlannedObject[] {
  return written.flatMap((planned) => {
    if (planned.action !== 'keep' && planned.action !== 'replace') return [];
    const current = live.find(planned.ref);
    if (current === undefined || !isMemcachedWorkload(current)) return [];
    const raw = source.objects.find(({ ref }) => keyOf(ref) === keyOf(planned.ref))?.raw;
    const held = pausedRollout(planned.action === 'replace' ? (raw ?? current) : current);
    // Somebody wants these pods to stay as they are until he says otherwise.
    if (held !== undefined && (options.restart !== true || !held.restartHelps)) return [];
    if (bringsNewPods(planned, raw, current)) {
      return held === undefined ? [] : [restartOf(planned, `${held.why}, and --restart was given`, [])];
    }
    // A rollout under way is waited for; restarting its pods would only disturb it.
    if (held === undefined && !rolloutOf(current).done) return [];
    const workload = displayName(planned.ref);
    const pods = livePods.filter((pod) => pod.workload === workload);
    const expected = source.pods.filter((pod) => pod.workload === workload);
    const byServer = imposed.find(({ ref }) => keyOf(ref) === keyOf(planned.ref));
    const differing = pods.flatMap((pod) => {
      if (pod.stats === undefined) return [];
      // What the server makes of the template, new pods would have again.
      const differences = compareSettings(expected, pod).differences.filter(
        (difference) => !isImposed(difference, byServer),
      );
      return differences.map(
        ({ key, expected: wanted, actual }) =>
          `${pod.name} runs with ${key}=${settingText(key, actual)}, not ${settingText(key, wanted)}`,
      );
    });
    if (differing.length === 0) return [];
    return [restartOf(planned, 'its pods do not run with its settings', differing)];
  });
}

function restartOf(planned: PlannedObject, reason: string, changes: string[]): PlannedObject {
  return { ...planned, action: 'restart', reason, changes, checked: false };
}

/** A new template brings new pods by itself. Where the server was not asked, the backup's own copy tells. */
function bringsNewPods(planned: PlannedObject, raw: KubeObject | undefined, current: KubeObject): boolean {
  if (planned.changes.some((change) => change.startsWith('spec.template'))) return true;
  if (planned.action !== 'replace' || planned.checked) return false;
  return !jsonEqual(valueAt(raw, 'spec', 'template'), valueAt(current, 'spec', 'template'));
}
