import type { LiveRelease } from '../../kube/read-release.ts';
import { arrayAt, stringAt } from '../../model/json/json.ts';
import { type KubeObject, uidOf } from '../../model/kubernetes/object.ts';
import { parseQuantity } from '../../model/kubernetes/quantity.ts';
import type { RuntimeChange } from '../../model/plan/runtime.ts';
import type { PodSettings } from '../../model/records/backup-format.ts';
import { type RuntimeCommands, runtimeCommands } from '../../model/settings/runtime-settings.ts';
import { compareSettings, type SettingDifference } from '../../model/settings/settings.ts';

/** What memcached takes beyond its items: a full cache of 512 MB has 521-535 MB resident (measured). */
const OVERHEAD = 1.05;
const OVERHEAD_BYTES = 16 * 2 ** 20;

/** What a pod is to be changed to, in commands and in what they can't do. */
export interface PodChange extends RuntimeCommands {
  pod: PodSettings;
  uid: string;
}

/** What of the backup's settings can be brought to the pods that run. Pure. */
export function runtimeChanges(
  expected: readonly PodSettings[],
  live: LiveRelease,
  livePods: readonly PodSettings[],
): PodChange[] {
  return podChanges(live, livePods, (pod) => {
    const own = expected.filter(({ workload }) => workload === pod.workload);
    return compareSettings(own, pod).differences;
  });
}

/** The same for whatever each pod is to be. */
export function podChanges(
  live: LiveRelease,
  livePods: readonly PodSettings[],
  differencesOf: (pod: PodSettings, uid: string) => SettingDifference[],
): PodChange[] {
  return livePods.flatMap((pod) => {
    const object = live.find({
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: live.namespaceName,
      name: pod.name,
    });
    const uid = object && uidOf(object);
    if (object === undefined || uid === undefined || pod.stats === undefined) return [];
    const differences = differencesOf(pod, uid);
    return [{ pod, uid, ...runtimeCommands(pod.stats, differences, mostBytes(object, pod.container)) }];
  });
}

/** As a plan has them: of pods that something is sent to. */
export function plannedChanges(changes: readonly PodChange[]): RuntimeChange[] {
  return changes.flatMap(({ pod, uid, commands }) => {
    if (commands.length === 0) return [];
    return [
      {
        pod: pod.name,
        uid,
        workload: pod.workload,
        commands: commands.map(({ command }) => command),
        settings: commands.flatMap(({ settings }) => settings),
      },
    ];
  });
}

/** What the pods say once that was sent. */
export function afterChanges(
  livePods: readonly PodSettings[],
  changes: readonly RuntimeChange[],
): PodSettings[] {
  const byPod = new Map(changes.map((change) => [change.pod, change]));
  return livePods.map((pod) => {
    const settings = byPod.get(pod.name)?.settings ?? [];
    if (settings.length === 0 || pod.stats === undefined) return pod;
    return {
      ...pod,
      stats: { ...pod.stats, ...Object.fromEntries(settings.map(({ key, to }) => [key, to])) },
    };
  });
}

/** The largest cache, in bytes, that the memory limit of a pod's container holds; undefined without one. */
function mostBytes(pod: KubeObject, container: string): number | undefined {
  const own = arrayAt(pod, 'spec', 'containers').find((each) => stringAt(each, 'name') === container);
  const limit = parseQuantity(stringAt(own, 'resources', 'limits', 'memory') ?? '');
  return limit === undefined ? undefined : Math.max(0, (limit - OVERHEAD_BYTES) / OVERHEAD);
}
