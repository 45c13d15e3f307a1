import { setImmediate as others } from 'node:timers/promises';
import { advice } from '../advice/advice.ts';
import { helm, kubectl } from '../advice/command.ts';
import { ToolError } from '../errors/tool-error.ts';
import type { HelmRevision } from '../model/helm/helm-release.ts';
import { type KubeObject, keyOf, type ObjectRef } from '../model/kubernetes/object.ts';
import { isAbroad } from '../model/release/object-abroad.ts';
import { objectsWithoutRecord } from '../model/release/plain-release.ts';
import { POD_KINDS, RELEASE_KINDS } from '../model/release/release-kinds.ts';
import {
  type ClassifiedObject,
  classifyObjects,
  type NamedObject,
  namedObjects,
} from '../model/release/release-objects.ts';
import type { KubeClient, ResourceType } from './client.ts';
import { type Histories, readHistories, releaseNames } from './helm-history.ts';
import { type Denied, deniedRead, Inventory, isForbidden, isGap, kindKey } from './inventory.ts';
import { lookAbroad } from './objects-abroad.ts';

/** A release as the cluster has it at one moment. */
export interface LiveRelease {
  release: string;
  namespaceName: string;
  /** The Namespace object; undefined where the namespace does not exist. */
  namespace: KubeObject | undefined;
  /** Every stored revision, oldest first; empty where Helm knows no such release. */
  history: HelmRevision[];
  /** What belongs to it: named by the manifests, or tied to the workload. */
  named: NamedObject[];
  classified: ClassifiedObject[];
  /** Named but not there. */
  missing: ObjectRef[];
  /** Named, outside the namespace, and without the release's marks: not looked at (model/release/object-abroad.ts). */
  unmarked: ObjectRef[];
  /** Permissions that were missing for listing Helm's records, where none were found. */
  historyDenied: Denied[];
  /** Why Helm's records of it were not all read, one each: damaged, or larger than what is read. */
  unreadable: ToolError[];
  /** Any object of the kinds that were read; of one outside the namespace its identity, where it is the release's. */
  find(ref: ObjectRef): KubeObject | undefined;
  /** Every object of a kind that was read, in the release's namespace. */
  all(kind: string): KubeObject[];
  /** Of the same objects what tells how they are related (kube/outline.ts): cheap where there are many. */
  outlines(kind: string): KubeObject[];
  /** The same of those of a kind that any of these uids controls, in the order in which they were read. */
  controlled(kind: string, controllers: readonly string[]): KubeObject[];
  /** What the namespace's Secrets hold and no output may show: the same array for all releases that are read from one inventory. */
  secretValues: readonly string[];
  /** Permissions that were missing for reading all of the release's objects. */
  denied: Denied[];
  /** Kinds that a manifest names and the cluster does not serve. */
  unknownKinds: { apiVersion: string; kind: string }[];
}

export interface ReadOptions {
  namespace: string;
  release: string;
  /** Kinds to read beside the usual ones: those that a backup holds. */
  alsoKinds?: { apiVersion: string; kind: string }[];
  /**
   * Told what was listed of {@link POD_KINDS} as soon as that is, while the rest is on its way: what the pods are asked takes
   * round trips of its own.
   */
  onPods?: (inventory: Inventory) => void;
  /** Also where Helm's records may not or can't be read: the release is then what Helm's annotations say. */
  withoutHistory?: boolean;
  /** The reading of this very release, where it is under way. */
  begun?: ReleaseReading | undefined;
}

/** What reading a release begins with, under way. Whoever does not wait for it does not hear of its errors. */
export interface ReleaseReading {
  namespace: string;
  release: string;
  inventory: Inventory;
  read: Promise<[NamespaceRead, Histories]>;
}

/** Asks for all that is asked of every release, before it is known which other kinds are wanted. */
export function beginRelease(
  kube: KubeClient,
  { namespace, release }: Pick<ReadOptions, 'namespace' | 'release'>,
): ReleaseReading {
  const inventory = new Inventory(kube, namespace);
  // First what somebody may be asked by: a server begins with what it was asked first.
  const pods = readPodKinds(inventory);
  const reading = Promise.all([
    readNamespace(kube, namespace),
    readHistories(kube, namespace, [release]),
    readKinds(inventory),
    pods,
  ]);
  const read = reading.then(([object, histories]): [NamespaceRead, Histories] => [object, histories]);
  read.catch(() => {});
  return { namespace, release, inventory, read };
}

/**
 * Reads a release in as few round trips as its kinds allow: one list a kind, all at once, however many
 * objects there are; a second round only for kinds that a manifest names beyond the usual ones.
 * Reads only. @throws UnreachableError, and, unless `withoutHistory`, ToolError where a release record can't be decoded
 * or may not be listed.
 */
export async function readRelease(kube: KubeClient, options: ReadOptions): Promise<LiveRelease> {
  const { namespace, release, onPods } = options;
  const { inventory, read } = options.begun ?? beginRelease(kube, options);
  const [[namespaceObject, histories]] = await Promise.all([
    read,
    readKinds(inventory, options.alsoKinds),
    onPods === undefined ? undefined : readPodKinds(inventory).then(() => onPods(inventory)),
  ]);
  // What is under way to the pods goes out before their release is worked out.
  if (onPods !== undefined) await others();
  const { history, unreadable } = await histories.asFarAsReadable(namespace, release);
  if (unreadable[0] !== undefined && options.withoutHistory !== true) throw unreadable[0];
  const [unread] = history.length === 0 ? histories.denied : [];
  if (unread !== undefined && options.withoutHistory !== true) {
    throw new ToolError(`whether Helm knows release "${release}" can't be told: ${unread.message}`, {
      untouched: 'nothing was written',
      next:
        unread.failed === true
          ? kubectl('get', unread.type.plural, '-n', namespace)
          : kubectl('auth', 'can-i', 'list', unread.type.plural, '-n', namespace),
    });
  }
  return classifyRelease(inventory, {
    namespace,
    release,
    namespaceObject,
    history,
    historyDenied: histories.denied,
    unreadable,
  });
}

/** Lists what the pods of a release are told by. */
export async function readPodKinds(inventory: Inventory): Promise<void> {
  await Promise.all(POD_KINDS.map(([apiVersion, kind]) => inventory.read(apiVersion, kind)));
}

/** Lists the usual kinds and `more`, all at once. */
export async function readKinds(
  inventory: Inventory,
  more: { apiVersion: string; kind: string }[] = [],
): Promise<void> {
  await Promise.all([
    ...RELEASE_KINDS.map(([apiVersion, kind]) => inventory.read(apiVersion, kind)),
    ...more.map(({ apiVersion, kind }) => inventory.read(apiVersion, kind)),
  ]);
}

/** Works out, from what was read, what belongs to one release; reads what is still missing for that. */
export async function classifyRelease(
  inventory: Inventory,
  found: {
    namespace: string;
    release: string;
    namespaceObject: NamespaceRead;
    history: HelmRevision[];
    historyDenied: Denied[];
    unreadable: ToolError[];
  },
): Promise<LiveRelease> {
  const { namespace, release, history } = found;
  const named = await nameObjects(inventory, found);
  const isOutside = (ref: ObjectRef): boolean => isAbroad(ref, namespace);
  const abroad = await lookAbroad(inventory, named.map(({ ref }) => ref).filter(isOutside), found);
  const own = found.namespaceObject.object;
  const find = (ref: ObjectRef): KubeObject | undefined => {
    if (isOutside(ref)) return abroad.find(ref);
    return ref.namespace === undefined ? own : inventory.find(ref);
  };
  const classify = () => classifyObjects(named, namespace, find);
  let { classified, missing } = classify();
  // What may not be listed is read by name; what is found so may refer to more.
  while (await inventory.readByName(missing.filter((ref) => !isOutside(ref))))
    ({ classified, missing } = classify());
  const unmarked = new Set(abroad.unmarked.map(keyOf));
  missing = missing.filter((ref) => !unmarked.has(keyOf(ref)));
  const refs = [...named.map(({ ref }) => ref), ...classified.map(({ ref }) => ref), ...missing];
  // Without a manifest, what belongs to the release is known only where all of a kind could be listed.
  const denied = history.length > 0 ? await inventory.deniedFor(refs) : inventory.unlisted;
  const kinds = new Set(named.map(({ ref }) => kindKey(ref.apiVersion, ref.kind)));
  return {
    release,
    namespaceName: namespace,
    namespace: found.namespaceObject.object,
    history,
    historyDenied: history.length > 0 ? [] : found.historyDenied,
    unreadable: found.unreadable,
    named,
    classified,
    missing,
    unmarked: abroad.unmarked,
    find,
    all: (kind) => inventory.all(namespace, kind),
    outlines: (kind) => inventory.outlines(namespace, kind),
    controlled: (kind, controllers) => inventory.controlled(namespace, kind, controllers),
    secretValues: inventory.secretValues(namespace),
    denied: [...found.namespaceObject.denied, ...denied, ...abroad.denied],
    unknownKinds: inventory.unknownKinds.filter(({ apiVersion, kind }) =>
      kinds.has(kindKey(apiVersion, kind)),
    ),
  };
}

async function nameObjects(
  inventory: Inventory,
  { namespace, release, history }: { namespace: string; release: string; history: HelmRevision[] },
): Promise<NamedObject[]> {
  if (history.length === 0) {
    return objectsWithoutRecord(release, namespace, inventory.outlines(namespace));
  }
  // Whether a kind is namespaced is known once it was looked up.
  const kinds = namedObjects(history, namespace, () => true);
  const isHere = new Set(
    kinds
      .filter(({ ref }) => ref.namespace === namespace)
      .map(({ ref }) => kindKey(ref.apiVersion, ref.kind)),
  );
  await Promise.all(
    kinds.map(({ ref: { apiVersion, kind } }) =>
      inventory.readNamed(apiVersion, kind, isHere.has(kindKey(apiVersion, kind))),
    ),
  );
  return namedObjects(history, namespace, (apiVersion, kind) => inventory.isNamespaced(apiVersion, kind));
}

export interface NamespaceRead {
  /** Undefined where it does not exist; only its name where it may not be read. */
  object: KubeObject | undefined;
  denied: Denied[];
}

export async function readNamespace(kube: KubeClient, name: string): Promise<NamespaceRead> {
  const ref = { apiVersion: 'v1', kind: 'Namespace', name };
  try {
    return { object: await kube.get(ref), denied: [] };
  } catch (error) {
    if (!isGap(error)) throw error;
    const type: ResourceType = {
      apiVersion: 'v1',
      kind: 'Namespace',
      plural: 'namespaces',
      namespaced: false,
    };
    return {
      object: { apiVersion: ref.apiVersion, kind: ref.kind, metadata: { name } },
      denied: [deniedRead(type, 'get', error)],
    };
  }
}

/**
 * The error for a release that is not there, with the ones that are.
 * @throws never; building it may ask the cluster once more.
 */
export async function noSuchRelease(
  kube: KubeClient,
  namespace: string,
  release: string,
): Promise<ToolError> {
  const untouched = 'nothing was written';
  const names = await releaseNames(kube, namespace).catch((error: unknown) =>
    isForbidden(error) ? error : [],
  );
  // Whoever may not look must not read that there is nothing.
  if (!Array.isArray(names)) {
    return new ToolError(
      `release "${release}" can't be looked for in namespace "${namespace}": ${names.serverMessage}`,
      { untouched, next: kubectl('auth', 'can-i', '--list', '-n', namespace), cause: names },
    );
  }
  const known =
    names.length === 0 ? 'Helm has none in this namespace' : `Helm's releases here: ${names.join(', ')}`;
  return new ToolError(
    `release "${release}" not found in namespace "${namespace}", neither of Helm nor a memcached workload of that name (${known})`,
    {
      untouched,
      next: advice`${helm('list', '-A')}; ${kubectl('get', 'deployments,statefulsets,daemonsets', '-A')}`,
    },
  );
}
