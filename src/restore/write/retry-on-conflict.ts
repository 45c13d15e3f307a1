import type { ObjectRef } from '../../model/kubernetes/object.ts';
import { movedUnderUs } from './read-again.ts';
import type { Found } from './write-with-retry.ts';

/** How often a write is tried again after a conflict in which nobody changed what matters. */
const MAX_CONFLICTS = 10;

/**
 * Sends a write, and again after a conflict. A conflict is ordinary, because controllers write status all the time:
 * the object is looked at again, and only if somebody changed more than that does it end.
 * @param look reads the object anew; the next write is over what it read.
 * @throws ToolError where somebody else changed the object; what the write throws where it is no conflict.
 */
export async function retryOnConflict<T>(
  ref: ObjectRef,
  write: () => Promise<T>,
  look: () => Promise<Found<T>>,
  isConflict: (error: unknown) => boolean,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (!isConflict(error) || attempt === MAX_CONFLICTS) throw error;
    }
    const found = await look();
    if (found.is === 'done') return found.answer;
    if (found.is === 'something else') throw movedUnderUs(ref);
  }
}
