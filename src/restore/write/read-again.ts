import { ToolError } from '../../errors/tool-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { displayName, type KubeObject, type ObjectRef } from '../../model/kubernetes/object.ts';

/** Reads an object that is being written. @throws ToolError where somebody deleted it. */
export async function readAgain(kube: KubeClient, ref: ObjectRef): Promise<KubeObject> {
  const current = await kube.get(ref);
  if (current === undefined) throw movedUnderUs(ref);
  return current;
}

export function movedUnderUs(ref: ObjectRef): ToolError {
  return new ToolError(`${displayName(ref)} was changed by somebody else while the restore was writing it`, {
    untouched: 'this object has what somebody else wrote',
    next: 'look at it, then run the same restore again: it plans anew from what is there now',
  });
}
