import { arrayAt, stringAt } from '../../model/json/json.ts';
import { foreignManager } from '../../model/kubernetes/foreign-manager.ts';
import { displayName, type KubeObject, keyOf, type ObjectRef, refOf } from '../../model/kubernetes/object.ts';
import { referencesOf } from '../../model/kubernetes/references.ts';

/** A PersistentVolumeClaim that matters, and what makes it matter. */
export interface ClaimUse {
  ref: ObjectRef;
  /** Workloads and CronJobs that name it; empty where a release owns it and nothing uses it. */
  users: ObjectRef[];
  /** Whether a StatefulSet makes it by itself. */
  made: boolean;
  /**
   * Whether nobody but CronJobs names it, which nothing would put back: nothing is known of what a workload wants
   * to keep on it, or of the chart that a release's claim belongs to.
   */
  onlyForJobs: boolean;
}

/**
 * The claims that workloads and backup CronJobs name, and those that releases own, each once.
 * @param users workloads and CronJobs.
 * @param owned claims that belong to a release.
 */
export function claimsInUse(users: readonly KubeObject[], owned: readonly ObjectRef[]): ClaimUse[] {
  const uses = new Map<string, ClaimUse>();
  const useOf = (ref: ObjectRef): ClaimUse => {
    const use = uses.get(keyOf(ref)) ?? { ref, users: [], made: false, onlyForJobs: true };
    uses.set(keyOf(ref), use);
    return use;
  };
  for (const user of users) {
    const { namespace } = refOf(user);
    for (const { by, ref } of referencesOf(user)) {
      if (ref.kind !== 'PersistentVolumeClaim') continue;
      const use = useOf({ ...ref, ...(namespace === undefined ? {} : { namespace }) });
      use.users.push(refOf(user));
      use.made ||= by === 'volumeClaimTemplates';
      use.onlyForJobs &&= user.kind === 'CronJob' && foreignManager(user) === undefined;
    }
  }
  for (const ref of owned) useOf(ref).onlyForJobs = false;
  return [...uses.values()];
}

/** "cronjob.batch/backup and deployment.apps/cache"; "the release" where nothing names it. */
export function usersText({ users }: ClaimUse): string {
  return users.length === 0 ? 'the release' : [...new Set(users.map(displayName))].join(' and ');
}

/** The pods that mount a claim and have not ended. */
export function podsUsing({ name, namespace }: ObjectRef, pods: readonly KubeObject[]): KubeObject[] {
  return pods.filter((pod) => {
    const phase = stringAt(pod, 'status', 'phase');
    return (
      phase !== 'Succeeded' &&
      phase !== 'Failed' &&
      refOf(pod).namespace === namespace &&
      arrayAt(pod, 'spec', 'volumes').some(
        (volume) => stringAt(volume, 'persistentVolumeClaim', 'claimName') === name,
      )
    );
  });
}
