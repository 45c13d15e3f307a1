import { arrayAt, isObject, stringAt } from '../../../model/json/json.ts';
import { isBeingDeleted } from '../../../model/kubernetes/deletion.ts';
import { type KubeObject, nameOf } from '../../../model/kubernetes/object.ts';
import { hasEnded, isHelper, mountsClaim, type Place } from './helper-pod.ts';

/** The access modes with which pods on several nodes mount a volume (Kubernetes, "Persistent Volumes: Access Modes"). */
const MANY_NODES = ['ReadWriteMany'];

/** Who has a claim, as far as another pod must heed it. */
export interface Holders {
  /** The pod that alone may have it (ReadWriteOncePod). */
  only?: string;
  /** That pod is about to end, or ends by itself: somebody deleted it, or it is another command's. */
  ends?: true;
  /** Where the other pod has to run. */
  place?: Place;
  /** The pod that is there. */
  there?: string;
}

/** @param pods of the claim's namespace. */
export function holdersOf(claim: KubeObject, pods: readonly KubeObject[]): Holders {
  const modes = arrayAt(claim, 'spec', 'accessModes');
  const holding = pods.filter((pod) => !hasEnded(pod) && mountsClaim(pod, nameOf(claim)));
  const [first] = holding;
  if (modes.includes('ReadWriteOncePod') && first !== undefined) {
    const stays = holding.find((pod) => !isBeingDeleted(pod) && !isHelper(pod));
    return stays === undefined ? { only: nameOf(first), ends: true } : { only: nameOf(stays) };
  }
  if (MANY_NODES.some((mode) => modes.includes(mode))) return {};
  const onNode = holding.find((pod) => stringAt(pod, 'spec', 'nodeName') !== undefined);
  const node = stringAt(onNode, 'spec', 'nodeName');
  if (onNode === undefined || node === undefined) return {};
  const tolerations = arrayAt(onNode, 'spec', 'tolerations').filter(isObject);
  return { place: { node, tolerations }, there: nameOf(onNode) };
}
