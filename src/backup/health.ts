import type { LiveRelease } from '../kube/read-release.ts';
import { releaseDrift } from '../kube/release-drift.ts';
import { labelsInWords, wrongLabels } from '../model/helm/helm-labels.ts';
import { newestRevision } from '../model/helm/helm-release.ts';
import { displayName } from '../model/kubernetes/object.ts';
import { isMemcachedWorkload, replicasOf } from '../model/kubernetes/workload.ts';
import type { Health, PodSettings } from '../model/records/backup-format.ts';

/** How the release was doing: pods, Helm's status, and what differs from what its manifest asks for. */
export function healthOf(live: LiveRelease, pods: PodSettings[]): Health {
  const workloads = live.classified.filter(
    ({ object, role }) => role === 'owned' && isMemcachedWorkload(object),
  );
  const status = newestRevision(live.history)?.status;
  return {
    podsReady: pods.filter((pod) => pod.ready).length,
    podsWanted: workloads.reduce((sum, { object }) => sum + replicasOf(object), 0),
    ...(status === undefined ? {} : { releaseStatus: status }),
    drift: [
      ...releaseDrift(live).map(({ ref, paths }) =>
        paths === 'missing' ? `${displayName(ref)} is missing` : `${displayName(ref)}: ${paths.join(', ')}`,
      ),
      ...live.history.filter((revision) => wrongLabels(revision).length > 0).map(labelsInWords),
    ],
  };
}
