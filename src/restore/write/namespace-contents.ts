import { mapLimited } from '../../errors/map-limited.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { KubeClient, ResourceType } from '../../kube/client.ts';
import { kindKey } from '../../kube/inventory.ts';
import { listableTypes } from '../../kube/served-types.ts';
import { isHelmRecord } from '../../model/helm/helm-release.ts';
import { arrayAt, stringAt } from '../../model/json/json.ts';
import { leaseRef } from '../../model/kubernetes/lease.ts';
import {
  displayName,
  groupOf,
  type KubeObject,
  keyOf,
  labelsOf,
  refOf,
} from '../../model/kubernetes/object.ts';
import { recordedOnly } from '../../model/release/release-objects.ts';

/** What a namespace holds beside a release, by name. */
export interface Others {
  names: string[];
  /** Of what it may hold more: what may not be listed, or gave no answer. */
  unseen: string[];
}

/** Groups whose objects are notes of what happened, or measurements: nobody's work is lost with them. */
const PASSING_GROUPS = new Set([
  'events.k8s.io',
  'metrics.k8s.io',
  'custom.metrics.k8s.io',
  'external.metrics.k8s.io',
]);

/** Kinds of the core group that go with what they are about, without saying so in an owner reference. */
const PASSING_KINDS = new Set(['Endpoints', 'Event']);

/** Lists under way at one time. */
const AT_ONCE = 8;

/**
 * Everything in a namespace, of all kinds that the cluster serves, that would be lost with it: not what every
 * namespace holds, what goes with its owner, which is here itself, what is being deleted, or what this tool made
 * for the release. Reads only.
 */
export async function othersIn(kube: KubeClient, namespace: string, release: string): Promise<Others> {
  const { types, unanswered } = await listableTypes(kube, PASSING_GROUPS);
  const kinds = new Set(types.map(({ apiVersion, kind }) => kindKey(apiVersion, kind)));
  const nameOther = (object: KubeObject): string | undefined => {
    const passes = isPassing(object, namespace, release) || goesWithOwner(object, kinds);
    return passes ? undefined : nameFor(object, release);
  };
  const unseen = [...unanswered];
  const names = await mapLimited(types, AT_ONCE, async (type) => {
    try {
      return (await kube.listAs(type, { namespace }, nameOther)).filter((name) => name !== undefined);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      unseen.push(resourceName(type));
      return [];
    }
  });
  return { names: [...new Set(names.flat())], unseen };
}

function isPassing(object: KubeObject, namespace: string, release: string): boolean {
  const ref = refOf(object);
  return (
    stringAt(object, 'metadata', 'deletionTimestamp') !== undefined ||
    recordedOnly(object, namespace) !== undefined ||
    (groupOf(ref.apiVersion) === '' && PASSING_KINDS.has(ref.kind)) ||
    keyOf(ref) === keyOf(leaseRef(namespace, release))
  );
}

/** The garbage collector deletes it when its owners are gone, and those would be named themselves. */
function goesWithOwner(object: KubeObject, kindsHere: ReadonlySet<string>): boolean {
  const owners = arrayAt(object, 'metadata', 'ownerReferences');
  const isHere = (owner: (typeof owners)[number]): boolean =>
    kindsHere.has(kindKey(stringAt(owner, 'apiVersion') ?? '', stringAt(owner, 'kind') ?? ''));
  return owners.length > 0 && owners.every(isHere);
}

/** Helm's records by their release; undefined for those of the release itself, whose objects tell. */
function nameFor(object: KubeObject, release: string): string | undefined {
  if (!isHelmRecord(object)) return displayName(refOf(object));
  const { name } = labelsOf(object);
  return name === release ? undefined : `Helm release ${name}`;
}

function resourceName({ apiVersion, plural }: ResourceType): string {
  const group = groupOf(apiVersion);
  return group === '' ? plural : `${plural}.${group}`;
}
