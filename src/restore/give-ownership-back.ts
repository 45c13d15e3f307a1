import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { ownershipToGiveBack, writingManager } from '../model/field-ownership.ts';
import { stringAt } from '../model/json.ts';
import type { KubeObject } from '../model/object.ts';
import { HELM_MANAGER } from './dry-run.ts';
import { sameButReplicas } from './essence.ts';
import { type Found, insist } from './insist.ts';
import { movedUnderUs, readAgain } from './read-again.ts';
import type { SourceObject } from './source.ts';

/** How often it is tried again after a conflict in which nobody changed what matters. */
const MAX_CONFLICTS = 10;

/**
 * Puts metadata.managedFields back to the backup's entries. Without it the writer would co-own every field,
 * and Helm could never again remove one (Kubernetes, "Server-Side Apply": a field is removed when its last
 * owner lets go). Done twice, it is the same.
 */
export async function giveOwnershipBack(
  kube: KubeClient,
  object: SourceObject,
  written: KubeObject,
): Promise<void> {
  const entries = ownershipToGiveBack(object.raw);
  if (entries.length === 0) return;
  const options = { fieldManager: writingManager(object.raw, HELM_MANAGER) };
  let current = written;
  const look = async (): Promise<Found<void>> => {
    current = await readAgain(kube, object.ref);
    return { is: sameButReplicas(current, written, true) ? 'not done' : 'something else' };
  };
  const write = async (): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      const value = stringAt(current, 'metadata', 'resourceVersion') ?? '';
      try {
        await kube.patch(
          object.ref,
          [
            { op: 'test', path: '/metadata/resourceVersion', value },
            { op: 'replace', path: '/metadata/managedFields', value: entries },
          ],
          options,
        );
        return;
      } catch (error) {
        if (!isConflict(error) || attempt === MAX_CONFLICTS) throw error;
        if ((await look()).is === 'something else') throw movedUnderUs(object.ref);
      }
    }
  };
  await insist(write, look);
}

/** A resourceVersion that moved under a patch: its test fails, which is 422, or the server meets a conflict. */
function isConflict(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 409 || error.status === 422);
}
