import type { Advice } from '../../advice/advice.ts';
import { kubectl } from '../../advice/command.ts';
import { numberAt, stringAt, valueAt } from '../json/json.ts';
import { displayName, type KubeObject, refOf } from './object.ts';

/** Why a workload's pods do not follow its template by themselves, and what makes them. */
export interface PausedRollout {
  why: string;
  next: Advice;
  /** Whether a pod that is deleted comes back from the new template. */
  restartHelps: boolean;
}

/**
 * OnDelete, a paused Deployment and a StatefulSet's partition keep pods of an older template for as long as
 * somebody wants (Kubernetes API reference, StatefulSetUpdateStrategy, DeploymentSpec.paused): waiting for
 * such a rollout would never end.
 * @param by what is advised to: only `restore` has --restart.
 */
export function pausedRollout(
  workload: KubeObject,
  by: 'restore' | 'undo' = 'restore',
): PausedRollout | undefined {
  if (stringAt(workload, 'spec', 'updateStrategy', 'type') === 'OnDelete') {
    const next = `${by === 'restore' ? 'add --restart, or ' : ''}delete them one by one`;
    return { why: 'its update strategy is OnDelete', next, restartHelps: true };
  }
  if (valueAt(workload, 'spec', 'paused') === true) {
    const { namespace = '' } = refOf(workload);
    const next = kubectl('rollout', 'resume', displayName(refOf(workload)), '-n', namespace);
    return { why: 'it is paused', next, restartHelps: false };
  }
  const partition = numberAt(workload, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
  if (workload.kind === 'StatefulSet' && partition > 0) {
    const why = `its partition keeps the pods below ${partition}`;
    return { why, next: 'lower spec.updateStrategy.rollingUpdate.partition', restartHelps: false };
  }
  return undefined;
}
