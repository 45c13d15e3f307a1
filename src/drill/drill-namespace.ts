import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '../kube/client.ts';
import { isForbidden } from '../kube/inventory.ts';
import { DRILL_LABEL } from '../model/drill/harmless-object.ts';
import { arrayAt, objectAt, stringAt } from '../model/json/json.ts';
import { holderText, parseHolder } from '../model/kubernetes/lease.ts';
import {
  annotationsOf,
  type KubeObject,
  labelsOf,
  nameOf,
  type ObjectRef,
  uidOf,
} from '../model/kubernetes/object.ts';
import { neighbourIsDead, ownHolder } from '../restore/lease/lease-holder.ts';
import { writeWithRetry } from '../restore/write/write-with-retry.ts';

/** As whom a drill makes its namespace. That it did is read off the fields that this manager owns. */
const DRILL_MANAGER = 'memcached-backup-drill';

const DRILL_OF = 'memcached-backup/drill-of';
const DRILL_EXPIRES = 'memcached-backup/drill-expires';
const DRILL_HOLDER = 'memcached-backup/drill-holder';

/** A namespace that some drill made. */
export interface DrillNamespace {
  name: string;
  uid: string;
  /** The drill's id. */
  id: string;
  /** What it restored: "shop/cart@20261130T001330Z". */
  of: string;
  /** RFC 3339: nobody is at work in it any more by then. */
  expires: string;
  /** user@host/pid of the drill. */
  holder: string;
  /** Somebody deleted it already. */
  going: boolean;
}

/** What a namespace of a drill is made with. */
export interface NewDrillNamespace {
  id: string;
  name: string;
  /** "shop/cart@20261130T001330Z" */
  of: string;
  expires: Date;
  /** Of the backup's namespace: Pod Security. */
  labels: Record<string, string>;
}

export function namespaceRefOf(name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Namespace', name };
}

/** Makes the namespace, marked as a drill's. @returns its uid. @throws ApiError, also where there is one of that name. */
export async function makeDrillNamespace(kube: KubeClient, wanted: NewDrillNamespace): Promise<string> {
  const { id, name, of, expires, labels } = wanted;
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: { ...labels, 'app.kubernetes.io/managed-by': 'memcached-backup', [DRILL_LABEL]: id },
      annotations: {
        [DRILL_OF]: of,
        [DRILL_EXPIRES]: expires.toISOString(),
        [DRILL_HOLDER]: holderText(ownHolder()),
      },
    },
  };
  const made = await writeWithRetry(
    () => kube.create(object, { fieldManager: DRILL_MANAGER }),
    async () => {
      const there = await kube.get(namespaceRefOf(name));
      if (there === undefined) return { is: 'not done' };
      const isOurs =
        asDrillNamespace(there)?.holder === holderText(ownHolder()) && labelsOf(there)[DRILL_LABEL] === id;
      return isOurs ? { is: 'done', answer: there } : { is: 'something else' };
    },
  );
  return uidOf(made)!;
}

/** Every namespace that a drill made and that is still there; undefined where they may not be listed. */
export async function drillNamespaces(kube: KubeClient): Promise<DrillNamespace[] | undefined> {
  const type = (await kube.resourceType('v1', 'Namespace'))!;
  try {
    const listed = await kube.list(type, { labelSelector: DRILL_LABEL });
    return listed.flatMap((each) => asDrillNamespace(each) ?? []);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return undefined;
  }
}

/**
 * A namespace that a drill made, or undefined: a label alone, which anybody may put on a namespace of theirs, is no leave to delete
 * it. The API server notes who set it, and when: a drill does so as it makes the namespace.
 */
export function asDrillNamespace(object: KubeObject): DrillNamespace | undefined {
  const id = labelsOf(object)[DRILL_LABEL];
  const annotations = annotationsOf(object);
  const [of, expires] = [annotations[DRILL_OF], annotations[DRILL_EXPIRES]];
  const uid = uidOf(object);
  if (id === undefined || of === undefined || expires === undefined || uid === undefined) return undefined;
  const made = stringAt(object, 'metadata', 'creationTimestamp');
  const isByDrill = arrayAt(object, 'metadata', 'managedFields').some(
    (entry) =>
      stringAt(entry, 'manager') === DRILL_MANAGER &&
      stringAt(entry, 'time') === made &&
      objectAt(entry, 'fieldsV1', 'f:metadata', 'f:labels', `f:${DRILL_LABEL}`) !== undefined,
  );
  if (!isByDrill) return undefined;
  const going = stringAt(object, 'metadata', 'deletionTimestamp') !== undefined;
  return { name: nameOf(object), uid, id, of, expires, holder: annotations[DRILL_HOLDER] ?? '', going };
}

/**
 * Whether the drill that made it is over: its process, surely of this machine, is no more, or its time is up.
 * @param isAsked a person wants it gone: a process of a host of this name that is no more will do, too.
 */
export function isLeftOver({ expires, holder }: DrillNamespace, now: Date, isAsked: boolean): boolean {
  const ends = Date.parse(expires);
  if (Number.isNaN(ends) || ends < now.getTime()) return true;
  const parsed = parseHolder(holder);
  const dead = parsed === undefined ? 'no' : neighbourIsDead(parsed, ownHolder());
  return dead === 'certain' || (isAsked && dead === 'likely');
}

/** Deletes the very namespace of this uid; one that is gone counts as deleted. */
export async function deleteDrillNamespace(
  kube: KubeClient,
  { name, uid }: Pick<DrillNamespace, 'name' | 'uid'>,
): Promise<void> {
  await writeWithRetry(() => kube.delete(namespaceRefOf(name), { uid }));
}

/** Between two looks, milliseconds. */
const INTERVAL_MS = 300;

/** Waits until the namespace of this uid is gone. @returns whether it is. */
export async function awaitNamespaceGone(
  kube: KubeClient,
  { name, uid }: Pick<DrillNamespace, 'name' | 'uid'>,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const there = await kube.getMetadata(namespaceRefOf(name));
    if (there === undefined || uidOf(there) !== uid) return true;
    if (signal.aborted || Date.now() >= deadline) return false;
    await sleep(INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
}
