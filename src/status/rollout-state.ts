import { ownedWorkloads } from '../kube/live-pods.ts';
import type { LiveRelease } from '../kube/read-release.ts';
import { stringAt } from '../model/json/json.ts';
import type { KubeObject } from '../model/kubernetes/object.ts';
import { rolloutBlockingReasons, rolloutOf } from '../model/kubernetes/rollout.ts';
import { isMemcachedWorkload, podsOfWorkload } from '../model/kubernetes/workload.ts';

/** Whether the rollouts of a release's memcached are done, under way, or do not get on. */
export interface RolloutsState {
  state: 'done' | 'rolling-out' | 'stuck';
  /** How far each is that is not done, and why it does not get on, a line each. */
  why: string[];
}

/**
 * A rollout is stuck where the cluster itself says why its new pods do not come up, or that its deadline is over; one that waits
 * for a probe is under way. Pods that follow their template only once somebody deletes them are in none.
 */
export function rolloutsOf(live: LiveRelease): RolloutsState {
  const unfinished = ownedWorkloads(live)
    .filter((workload) => isMemcachedWorkload(workload) && !isOnDelete(workload))
    .flatMap((workload) => {
      const { done, failed, message } = rolloutOf(workload);
      if (done) return [];
      const pods = podsOfWorkload(workload, live.all('ReplicaSet'), live.all('Pod'));
      const isSet = workload.kind === 'StatefulSet';
      const reasons = rolloutBlockingReasons(
        workload,
        pods.filter(({ current }) => current || isSet).map(({ pod }) => pod),
      );
      const blocking = reasons.filter((reason) => !reason.endsWith(WAITS_FOR_PROBE));
      return [{ isStuck: failed || blocking.length > 0, why: [message, ...blocking] }];
    });
  if (unfinished.length === 0) return { state: 'done', why: [] };
  return {
    state: unfinished.some(({ isStuck }) => isStuck) ? 'stuck' : 'rolling-out',
    why: unfinished.flatMap(({ why }) => why),
  };
}

/** The end of rolloutBlockingReasons' words on a pod that runs and is not ready yet. */
const WAITS_FOR_PROBE = 'probe has not succeeded';

function isOnDelete(workload: KubeObject): boolean {
  return stringAt(workload, 'spec', 'updateStrategy', 'type') === 'OnDelete';
}
