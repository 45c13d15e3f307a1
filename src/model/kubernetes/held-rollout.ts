import { arrayAt, cloneJson, type JsonObject, numberAt, objectAt, stringAt } from '../json/json.ts';
import { type KubeObject, labelsOf } from './object.ts';
import { pausedRollout } from './paused-rollout.ts';
import { podTemplateOf } from './workload.ts';

/**
 * Seconds for which a new pod of a held Deployment is ready before it counts as available: until then the controller takes no
 * old pod away, so that a pause that comes within them is in time.
 */
const MIN_READY_SECONDS = 5;
/** apps/v1 DeploymentSpec.progressDeadlineSeconds where it is unset; minReadySeconds has to be less. */
const DEFAULT_PROGRESS_DEADLINE = 600;

/**
 * Whose hold it is, by the field manager of the restore that paces it. No annotation: the controller copies those to
 * ReplicaSets, and `kubectl rollout undo` from there to the Deployment. That each operation has its own makes it an owner of the
 * object for as long as it holds it, so that its writes are known as its own.
 */
export const HELD_LABEL = 'memcached-backup/held-by';

/**
 * A workload as it is written so that none of its pods is replaced by itself: whoever holds it has each of them replaced when it is
 * time, and writes the workload as it is meant at the end. A Deployment is paused, and told to bring one pod before one goes
 * (where its own strategy has none come before, to bring one after one went); StatefulSets and DaemonSets get OnDelete.
 * @param by the field manager that writes it.
 * @returns undefined for what somebody keeps from replacing its pods anyway, and for other kinds.
 */
export function heldForm(meant: KubeObject, by: string): KubeObject | undefined {
  if (pausedRollout(meant) !== undefined) return undefined;
  const held = cloneJson(meant);
  const spec = objectAt(held, 'spec');
  if (spec === undefined) return undefined;
  held.metadata = { ...objectAt(held, 'metadata'), labels: { ...labelsOf(held), [HELD_LABEL]: by } };
  if (meant.kind === 'StatefulSet' || meant.kind === 'DaemonSet') {
    spec.updateStrategy = { type: 'OnDelete' };
    return held;
  }
  if (meant.kind !== 'Deployment') return undefined;
  spec.paused = true;
  spec.strategy = { type: 'RollingUpdate', rollingUpdate: replacing(meant) };
  const deadline = numberAt(meant, 'spec', 'progressDeadlineSeconds') ?? DEFAULT_PROGRESS_DEADLINE;
  const seconds = Math.max(numberAt(meant, 'spec', 'minReadySeconds') ?? 0, MIN_READY_SECONDS);
  spec.minReadySeconds = Math.max(0, Math.min(seconds, deadline - 1));
  return held;
}

/** A held Deployment while its controller may replace one more pod. */
export function steppingForm(held: KubeObject): KubeObject {
  const stepping = cloneJson(held);
  const spec = objectAt(stepping, 'spec');
  if (spec !== undefined) delete spec.paused;
  return stepping;
}

/** Whether a Deployment's new pod comes while the old one is still there. */
export function comesBefore(held: KubeObject): boolean {
  return numberAt(held, 'spec', 'strategy', 'rollingUpdate', 'maxSurge') === 1;
}

/**
 * Who has none come before another goes has a reason: a claim that one pod alone can mount, or no room. A port of the node is there
 * once.
 */
function replacing(meant: KubeObject): JsonObject {
  const surge = objectAt(meant, 'spec', 'strategy', 'rollingUpdate')?.maxSurge;
  const isInPlace =
    stringAt(meant, 'spec', 'strategy', 'type') === 'Recreate' ||
    surge === 0 ||
    takesNodesPort(meant) ||
    (typeof surge === 'string' && Number.parseFloat(surge) === 0);
  return isInPlace ? { maxSurge: 0, maxUnavailable: 1 } : { maxSurge: 1, maxUnavailable: 0 };
}

function takesNodesPort(workload: KubeObject): boolean {
  const spec = objectAt(podTemplateOf(workload), 'spec');
  const ports = arrayAt(spec, 'containers').flatMap((container) => arrayAt(container, 'ports'));
  return spec?.hostNetwork === true || ports.some((port) => (numberAt(port, 'hostPort') ?? 0) > 0);
}
