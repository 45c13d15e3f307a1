import { arrayAt, type Json, numberAt, objectAt, stringAt, valueAt } from '../json/json.ts';
import { waitingCause } from './container-reason.ts';
import { displayName, type KubeObject, refOf } from './object.ts';
import { isSeenByController, replicasOf } from './workload.ts';

/** How far a rollout has come. `failed` is final: waiting longer changes nothing. */
export interface RolloutState {
  done: boolean;
  failed: boolean;
  /** One line for a person: "2 of 3 new pods are up". */
  message: string;
}

/**
 * How far a workload's rollout is, by the rules of `kubectl rollout status`
 * (k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go), whichever of the three kinds it is.
 */
export function rolloutOf(workload: KubeObject): RolloutState {
  const name = displayName(refOf(workload));
  if (!isSeenByController(workload)) {
    return waiting(`${name}: waiting for the controller to see the change`);
  }
  switch (workload.kind) {
    case 'StatefulSet':
      return statefulSetRollout(workload, name);
    case 'DaemonSet':
      return daemonSetRollout(workload, name);
    default:
      return deploymentRollout(workload, name);
  }
}

/** Every replica is of the new template, none of the old ones is left, and all are available. */
function deploymentRollout(deployment: KubeObject, name: string): RolloutState {
  const status = counter(deployment);
  if (stringAt(condition(deployment, 'Progressing'), 'reason') === 'ProgressDeadlineExceeded') {
    return { done: false, failed: true, message: `${name}: exceeded its progress deadline` };
  }
  const wanted = replicasOf(deployment);
  if (status('updatedReplicas') < wanted) {
    return waiting(`${name}: ${status('updatedReplicas')} of ${wanted} pods are of the new template`);
  }
  if (status('replicas') > status('updatedReplicas')) {
    const old = status('replicas') - status('updatedReplicas');
    return waiting(`${name}: ${old} old ${old === 1 ? 'pod is' : 'pods are'} going`);
  }
  if (status('availableReplicas') < status('updatedReplicas')) {
    return waiting(
      `${name}: ${status('availableReplicas')} of ${status('updatedReplicas')} pods are available`,
    );
  }
  return done(name, wanted);
}

/** All replicas are ready, and of the update revision, but for those that a partition keeps. */
function statefulSetRollout(set: KubeObject, name: string): RolloutState {
  const status = counter(set);
  const wanted = replicasOf(set);
  if (status('readyReplicas') < wanted)
    return waiting(`${name}: ${status('readyReplicas')} of ${wanted} pods are ready`);
  const partition = numberAt(set, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
  if (partition > 0) {
    const updated = Math.max(0, wanted - partition);
    if (status('updatedReplicas') >= updated) return done(name, wanted);
    return waiting(
      `${name}: ${status('updatedReplicas')} of ${updated} pods beyond the partition are updated`,
    );
  }
  const current = stringAt(set, 'status', 'currentRevision');
  const update = stringAt(set, 'status', 'updateRevision');
  // Pods that were replaced under OnDelete leave the current revision behind; back at its template, both are the same, and no pod is of it.
  const isBehind = update !== undefined && status('updatedReplicas') < wanted;
  if (wanted > 0 && (update !== current || isBehind)) {
    return waiting(`${name}: ${status('updatedReplicas')} of ${wanted} pods are of the new template`);
  }
  return done(name, wanted);
}

/** Every node that should has an updated, available pod. */
function daemonSetRollout(set: KubeObject, name: string): RolloutState {
  const status = counter(set);
  const wanted = status('desiredNumberScheduled');
  if (status('updatedNumberScheduled') < wanted) {
    return waiting(`${name}: ${status('updatedNumberScheduled')} of ${wanted} pods are of the new template`);
  }
  if (status('numberAvailable') < wanted) {
    return waiting(`${name}: ${status('numberAvailable')} of ${wanted} pods are available`);
  }
  return done(name, wanted);
}

function counter(workload: KubeObject): (field: string) => number {
  return (field) => numberAt(workload, 'status', field) ?? 0;
}

function done(name: string, pods: number): RolloutState {
  return { done: true, failed: false, message: `${name}: ${pods} of ${pods} pods are available` };
}

function waiting(message: string): RolloutState {
  return { done: false, failed: false, message };
}

export function condition(object: KubeObject, type: string): Json | undefined {
  return arrayAt(object, 'status', 'conditions').find((candidate) => stringAt(candidate, 'type') === type);
}

/**
 * Why a rollout does not get on, one line a cause, as the cluster itself words it: a paused Deployment, its
 * ReplicaFailure (quota, admission), pods that can't be scheduled, containers that don't start, probes.
 */
export function rolloutBlockingReasons(workload: KubeObject, pods: KubeObject[]): string[] {
  const found = new Set<string>();
  if (valueAt(workload, 'spec', 'paused') === true) {
    found.add(`${displayName(refOf(workload))}: it is paused`);
  }
  const failure = condition(workload, 'ReplicaFailure');
  if (stringAt(failure, 'status') === 'True') {
    found.add(`${displayName(refOf(workload))}: ${stringAt(failure, 'message') ?? 'its pods are refused'}`);
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
      if (waitingCause(reason) !== undefined) {
        const detail = stringAt(status, 'state', 'waiting', 'message');
        found.add(`${name}: ${reason}${detail === undefined ? '' : `: ${detail}`}`);
        continue;
      }
      const ended = numberAt(status, 'state', 'terminated', 'exitCode');
      if (ended !== undefined && ended !== 0)
        found.add(`${name}: its container ended with exit code ${ended}`);
      const isRunning = objectAt(status, 'state', 'running') !== undefined;
      if (isRunning && valueAt(status, 'ready') === false) {
        const probe = valueAt(status, 'started') === false ? 'startup' : 'readiness';
        found.add(`${name}: its container runs, and its ${probe} probe has not succeeded`);
      }
    }
  }
  return [...found];
}
