import type { Command } from '../../advice/command.ts';
import { objectAt } from '../../model/json/json.ts';
import { displayName, refOf } from '../../model/kubernetes/object.ts';
import { parseQuantity } from '../../model/kubernetes/quantity.ts';
import { edit, kubectlAt } from '../flag-command.ts';
import { type CachedPod, memoryOf } from './cached-pod.ts';

/**
 * A command that raises the container's memory limit to so many bytes; none where it is as high, or where there is
 * no limit. A request that equals its limit goes up with it: the pod stays Guaranteed, and GKE Autopilot takes a
 * limit that is not its request back.
 */
export function raiseLimit(pod: CachedPod, bytes: number): Command[] {
  const [limit, request] = [amountOf(pod, 'limits'), amountOf(pod, 'requests')];
  if (limit === undefined || limit >= bytes) return [];
  return [setMemory(pod, limit === request ? ['limits', 'requests'] : ['limits'], bytes)];
}

/** The same for the request, and for the limit where that would be lower: the API server refuses such a pod. */
export function raiseRequest(pod: CachedPod, bytes: number): Command[] {
  const [limit = bytes, request = 0] = [amountOf(pod, 'limits'), amountOf(pod, 'requests')];
  if (request >= bytes) return [];
  return [setMemory(pod, limit < bytes ? ['limits', 'requests'] : ['requests'], bytes)];
}

export function amountOf(pod: CachedPod, kind: 'limits' | 'requests'): number | undefined {
  return parseQuantity(memoryOf(pod, kind) ?? '');
}

function setMemory(
  { workload, pod, seen }: CachedPod,
  kinds: ('limits' | 'requests')[],
  bytes: number,
): Command {
  // `kubectl set resources` knows containers, not what a pod has as a whole.
  if (kinds.some((kind) => objectAt(pod, 'spec', 'resources', kind)?.memory !== undefined))
    return edit(workload);
  const amounts = kinds.map((kind) => `--${kind}=memory=${Math.ceil(bytes / 2 ** 20)}Mi`);
  const what = [displayName(refOf(workload)), '-c', seen.settings.container];
  return kubectlAt(workload, 'set', 'resources', ...what, ...amounts);
}
