import { setTimeout as sleep } from 'node:timers/promises';
import { mapLimited } from '../errors/map-limited.ts';
import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { DRILL_KINDS, DRILL_LABEL } from '../model/drill/harmless-object.ts';
import { stringAt } from '../model/json/json.ts';
import { displayName, type KubeObject, labelsOf, refOf, uidOf } from '../model/kubernetes/object.ts';
import { WORKLOAD_KINDS } from '../model/kubernetes/workload.ts';

/**
 * A namespace that is there already, into which drills restore for want of the right to make one. It is never deleted; of what is in it
 * only what a drill made is, known by its label and uid.
 */

/** Lists and deletions under way at one time. */
const AT_ONCE = 8;

/** Workloads of a namespace that no drill made, by name: a drill wants a namespace of its own. */
export async function othersAtHome(kube: KubeClient, namespace: string): Promise<string[]> {
  const lists = await Promise.all(
    WORKLOAD_KINDS.map(async ([apiVersion, kind]) => {
      const type = (await kube.resourceType(apiVersion, kind))!;
      return kube.list(type, { namespace, metadataOnly: true });
    }),
  );
  const others = lists.flat().filter((object) => labelsOf(object)[DRILL_LABEL] === undefined);
  return others.map((object) => displayName(refOf(object)));
}

/**
 * Deletes what drills left in a namespace.
 * @param id of the one drill whose objects are meant; those of all where undefined.
 * @returns the names of what was deleted, and of what could not be looked at or deleted.
 */
export async function emptyOfDrills(
  kube: KubeClient,
  namespace: string,
  id: string | undefined,
): Promise<{ deleted: string[]; stays: string[] }> {
  const deleted: string[] = [];
  const stays: string[] = [];
  for (const [apiVersion, kind] of WORKLOADS_FIRST) {
    const type = await kube.resourceType(apiVersion, kind);
    if (type === undefined) continue;
    let objects: KubeObject[];
    try {
      objects = await kube.list(type, { namespace, labelSelector: selectorOf(id), metadataOnly: true });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      stays.push(`${type.plural}: ${error.message}`);
      continue;
    }
    const going = objects.filter((object) => stringAt(object, 'metadata', 'deletionTimestamp') === undefined);
    await mapLimited(going, AT_ONCE, async (object) => {
      const ref = { ...refOf(object), apiVersion, kind, namespace };
      try {
        await kube.delete(ref, { uid: uidOf(object)!, propagation: 'Background' });
        deleted.push(displayName(ref));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        stays.push(`${displayName(ref)}: ${error.message}`);
      }
    });
  }
  return { deleted, stays };
}

const WORKLOADS_FIRST = DRILL_KINDS.toSorted(
  ([a], [b]) => Number(!a.startsWith('apps/')) - Number(!b.startsWith('apps/')),
);

function selectorOf(id: string | undefined): string {
  return id === undefined ? DRILL_LABEL : `${DRILL_LABEL}=${id}`;
}

/** Waits until no pod of the drill is left. @returns whether none is. */
export async function awaitPodsGone(
  kube: KubeClient,
  namespace: string,
  id: string,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  const type = (await kube.resourceType('v1', 'Pod'))!;
  for (;;) {
    const pods = await kube.list(type, { namespace, labelSelector: selectorOf(id), metadataOnly: true });
    if (pods.length === 0) return true;
    if (signal.aborted || Date.now() >= deadline) return false;
    await sleep(300, undefined, { signal }).catch(() => {});
  }
}
