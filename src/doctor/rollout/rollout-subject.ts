import { displayName, type KubeObject, keyOf, type ObjectRef, refOf } from '../../model/kubernetes/object.ts';
import { type PodOfWorkload, podsOfWorkload } from '../../model/kubernetes/workload.ts';
import type { PodSettings } from '../../model/records/backup-format.ts';
import type { ExaminedRelease } from '../doctor-context.ts';
import { type SettingSideBySide, sideBySide } from './side-by-side.ts';
import { NO_WAY_BACK, type WaysBack } from './ways-back.ts';

/** A workload of a release, its pods, and what they say. */
export interface RolloutSubject {
  release: { namespace: string; name: string };
  workload: KubeObject;
  ref: ObjectRef;
  pods: PodOfWorkload[];
  /** Of its memcached pods, with `stats` where they answered. */
  settings: PodSettings[];
  /** Seconds that memcached of a pod has been running, by its own word. */
  uptimes: Map<string, number>;
  /** Empty for a workload without memcached. */
  rows: SettingSideBySide[];
  /** Those of its namespace. */
  replicaSets: KubeObject[];
  /** Whether Helm has records of the release. */
  isHelm: boolean;
  /** How the release comes back to what was up. */
  ways: WaysBack;
}

/** @param listed what may be theirs, of the release's namespace. */
export async function rolloutSubjects(
  release: ExaminedRelease,
  listed: { pods: KubeObject[]; replicaSets: KubeObject[] },
): Promise<RolloutSubject[]> {
  const { namespace, name, live, workloads } = release;
  const seen = await release.observe();
  return workloads.map((workload) => {
    const ref = refOf(workload);
    const own = seen.filter(({ settings }) => settings.workload === displayName(ref));
    const settings = own.map((each) => each.settings);
    const manifest = live.named.find(
      (each) => each.manifest !== undefined && each.unfinished !== true && keyOf(each.ref) === keyOf(ref),
    )?.manifest;
    return {
      release: { namespace, name },
      workload,
      ref,
      pods: podsOfWorkload(workload, listed.replicaSets, listed.pods),
      settings,
      uptimes: new Map(
        own.flatMap(({ target, after }) =>
          after.uptime === undefined ? [] : [[target.pod, Number(after.uptime)] as const],
        ),
      ),
      rows: sideBySide(manifest, workload, settings),
      replicaSets: listed.replicaSets,
      isHelm: live.history.length > 0,
      ways: NO_WAY_BACK,
    };
  });
}
