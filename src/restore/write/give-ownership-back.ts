import type { SourceObject } from '../../backup/source.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { type Json, stringAt } from '../../model/json/json.ts';
import { ownershipToGiveBack, writingManager } from '../../model/kubernetes/field-ownership.ts';
import type { KubeObject } from '../../model/kubernetes/object.ts';
import { HELM_MANAGER } from '../plan/dry-run.ts';
import { sameButReplicas } from './comparable-form.ts';
import { readAgain } from './read-again.ts';
import { retryOnConflict } from './retry-on-conflict.ts';
import { type Found, writeWithRetry } from './write-with-retry.ts';
import { namesManager } from './written-by.ts';

/** "Server-Side Apply", section "Clearing managedFields": an empty list would be taken for no change. */
const NOBODY: Json[] = [{}];

/**
 * Puts metadata.managedFields back to the backup's entries. Without it the writer would co-own every field,
 * and Helm could never again remove one (Kubernetes, "Server-Side Apply": a field is removed when its last
 * owner lets go). Where the backup's copy names nobody, nobody is named. Done twice, it is the same.
 * @param manager as whom it was written.
 */
export async function giveOwnershipBack(
  kube: KubeClient,
  object: SourceObject,
  written: KubeObject,
  manager: string,
): Promise<void> {
  const entries = ownershipToGiveBack(object.raw);
  if (entries.length === 0 && !namesManager(written, manager)) return;
  const options = { fieldManager: writingManager(object.raw, HELM_MANAGER) };
  let current = written;
  const look = async (): Promise<Found<void>> => {
    current = await readAgain(kube, object.ref);
    return { is: sameButReplicas(current, written, true) ? 'not done' : 'something else' };
  };
  const write = async (): Promise<void> => {
    const value = stringAt(current, 'metadata', 'resourceVersion') ?? '';
    await kube.patch(
      object.ref,
      [
        { op: 'test', path: '/metadata/resourceVersion', value },
        { op: 'replace', path: '/metadata/managedFields', value: entries.length === 0 ? NOBODY : entries },
      ],
      options,
    );
  };
  await writeWithRetry(() => retryOnConflict(object.ref, write, look, isConflict), look);
}

/** A resourceVersion that moved under a patch: its test fails, which is 422, or the server meets a conflict. */
function isConflict(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 409 || error.status === 422);
}
