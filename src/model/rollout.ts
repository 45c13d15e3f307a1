import { arrayAt, type Json, numberAt, stringAt } from './json.ts';
import { displayName, type KubeObject, refOf } from './object.ts';
import { replicasOf } from './workload.ts';

/** How far a rollout has come. `failed` is final: waiting longer changes nothing. */
export interface RolloutState {
  done: boolean;
  failed: boolean;
  /** One line for a person: "2 of 3 new pods are up". */
  message: string;
}

/**
 * The rules of `kubectl rollout status` for a Deployment (k8s.io/kubectl/pkg/polymorphichelpers,
 * DeploymentStatusViewer): the controller has seen this generation, every replica is of the new template,
 * none of the old ones is left, and all are available.
 */
export function deploymentRollout(deployment: KubeObject): RolloutState {
  const name = displayName(refOf(deployment));
  const status = (field: string): number => numberAt(deployment, 'status', field) ?? 0;
  if ((numberAt(deployment, 'metadata', 'generation') ?? 0) > status('observedGeneration')) {
    return waiting(`${name}: waiting for the controller to see the change`);
  }
  const progressing = condition(deployment, 'Progressing');
  if (stringAt(progressing, 'reason') === 'ProgressDeadlineExceeded') {
    return { done: false, failed: true, message: `${name}: exceeded its progress deadline` };
  }
  const wanted = replicasOf(deployment);
  if (status('updatedReplicas') < wanted) {
    return waiting(`${name}: ${status('updatedReplicas')} of ${wanted} pods are of the new template`);
  }
  if (status('replicas') > status('updatedReplicas')) {
    return waiting(`${name}: ${status('replicas') - status('updatedReplicas')} old pods are going`);
  }
  if (status('availableReplicas') < status('updatedReplicas')) {
    return waiting(
      `${name}: ${status('availableReplicas')} of ${status('updatedReplicas')} pods are available`,
    );
  }
  return { done: true, failed: false, message: `${name}: ${wanted} of ${wanted} pods are available` };
}

function waiting(message: string): RolloutState {
  return { done: false, failed: false, message };
}

export function condition(object: KubeObject, type: string): Json | undefined {
  return arrayAt(object, 'status', 'conditions').find((candidate) => stringAt(candidate, 'type') === type);
}

/** Container states that don't pass by themselves soon (kubelet's and the runtime's own reasons). */
const STUCK = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'CrashLoopBackOff',
]);

/**
 * Why a rollout does not get on, one line a cause, as the cluster itself words it: a Deployment's
 * ReplicaFailure (quota, admission), pods that can't be scheduled, containers that don't start.
 */
export function rolloutObstacles(deployment: KubeObject, pods: KubeObject[]): string[] {
  const found = new Set<string>();
  const failure = condition(deployment, 'ReplicaFailure');
  if (stringAt(failure, 'status') === 'True') {
    found.add(`${displayName(refOf(deployment))}: ${stringAt(failure, 'message') ?? 'its pods are refused'}`);
  }
  for (const pod of pods) {
    const name = displayName(refOf(pod));
    const scheduled = condition(pod, 'PodScheduled');
    if (stringAt(scheduled, 'status') === 'False') {
      found.add(
        `${name}: ${stringAt(scheduled, 'reason') ?? 'Unschedulable'}: ${stringAt(scheduled, 'message') ?? ''}`,
      );
    }
    const statuses = [
      ...arrayAt(pod, 'status', 'initContainerStatuses'),
      ...arrayAt(pod, 'status', 'containerStatuses'),
    ];
    for (const status of statuses) {
      const reason = stringAt(status, 'state', 'waiting', 'reason');
      if (reason !== undefined && STUCK.has(reason)) {
        const detail = stringAt(status, 'state', 'waiting', 'message');
        found.add(`${name}: ${reason}${detail === undefined ? '' : `: ${detail}`}`);
        continue;
      }
      const ended = numberAt(status, 'state', 'terminated', 'exitCode');
      if (ended !== undefined && ended !== 0)
        found.add(`${name}: its container ended with exit code ${ended}`);
    }
  }
  return [...found];
}
