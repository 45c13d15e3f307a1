import type { LiveRelease } from '../kube/read-release.ts';
import { releaseDrift } from '../kube/release-drift.ts';
import { labelsInWords, wrongLabels } from '../model/helm/helm-labels.ts';
import { newestRevision } from '../model/helm/helm-release.ts';
import { stringAt } from '../model/json/json.ts';
import { displayName, type KubeObject } from '../model/kubernetes/object.ts';
import { rolloutOf } from '../model/kubernetes/rollout.ts';
import { isMemcachedWorkload, replicasOf } from '../model/kubernetes/workload.ts';
import type { Health, PodSettings } from '../model/records/backup-format.ts';

/** How the release was doing: pods, rollouts, Helm's status, and what differs from what its manifest asks for. */
export function healthOf(live: LiveRelease, pods: PodSettings[]): Health {
  const workloads = live.classified.filter(
    ({ object, role }) => role === 'owned' && isMemcachedWorkload(object),
  );
  const status = newestRevision(live.history)?.status;
  const unfinished = workloads.flatMap(({ object }) => unfinishedRollout(object));
  return {
    podsReady: pods.filter((pod) => pod.ready).length,
    podsWanted: workloads.reduce((sum, { object }) => sum + replicasOf(object), 0),
    ...(status === undefined ? {} : { releaseStatus: status }),
    ...(unfinished.length === 0 ? {} : { unfinished }),
    drift: [
      ...releaseDrift(live).map(({ ref, paths }) =>
        paths === 'missing' ? `${displayName(ref)} is missing` : `${displayName(ref)}: ${paths.join(', ')}`,
      ),
      ...live.history.filter((revision) => wrongLabels(revision).length > 0).map(labelsInWords),
    ],
  };
}

/** Pods that follow their template only once somebody deletes them are in no rollout: they count by being ready. */
function unfinishedRollout(workload: KubeObject): string[] {
  if (stringAt(workload, 'spec', 'updateStrategy', 'type') === 'OnDelete') return [];
  const { done, message } = rolloutOf(workload);
  return done ? [] : [message];
}
