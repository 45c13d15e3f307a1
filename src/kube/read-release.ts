import { ToolError } from '../errors/tool-error.ts';
import { decodeRevision, type HelmRevision, isHelmRecord, sortRevisions } from '../model/helm-release.ts';
import { stringAt } from '../model/json.ts';
import { type KubeObject, keyOf, labelsOf, type ObjectRef, refOf } from '../model/object.ts';
import { type NamedObject, namedObjects, type PlacedObject, placeObjects } from '../model/release-objects.ts';
import { ApiError } from './api-error.ts';
import type { KubeClient, ListOptions, ResourceType } from './client.ts';

/** A kind that could not be listed for want of a permission. */
export interface Denied {
  type: ResourceType;
  verb: 'get' | 'list';
  message: string;
}

/** A release as the cluster has it at one moment. */
export interface LiveRelease {
  release: string;
  namespaceName: string;
  /** The Namespace object; undefined where the namespace does not exist. */
  namespace: KubeObject | undefined;
  /** Every stored revision, oldest first; empty where Helm knows no such release. */
  history: HelmRevision[];
  /** What the current manifests name. */
  named: NamedObject[];
  placed: PlacedObject[];
  /** Named but not there. */
  missing: ObjectRef[];
  /** Any object of the kinds that were read. */
  find(ref: ObjectRef): KubeObject | undefined;
  /** Every object of a kind that was read. */
  all(kind: string): KubeObject[];
  denied: Denied[];
  /** Kinds that a manifest names and the cluster does not serve. */
  unknownKinds: { apiVersion: string; kind: string }[];
}

/** Read for every release: what it may own or refer to, and what tells how its workloads are doing. */
const KINDS: readonly [apiVersion: string, kind: string][] = [
  ['v1', 'Pod'],
  ['v1', 'Service'],
  ['v1', 'ConfigMap'],
  ['v1', 'Secret'],
  ['v1', 'ServiceAccount'],
  ['v1', 'PersistentVolumeClaim'],
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'StatefulSet'],
  ['apps/v1', 'DaemonSet'],
  ['apps/v1', 'ReplicaSet'],
  ['autoscaling/v2', 'HorizontalPodAutoscaler'],
  ['policy/v1', 'PodDisruptionBudget'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['rbac.authorization.k8s.io/v1', 'Role'],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
];

/** Helm's records are read by their labels; keeping them out of the other lists saves megabytes. */
const WITHOUT_HELM_RECORDS = 'owner!=helm';

export interface ReadOptions {
  namespace: string;
  release: string;
  /** Kinds to read beside the usual ones: those that a backup holds. */
  alsoKinds?: { apiVersion: string; kind: string }[];
}

/**
 * Reads a release in as few round trips as its kinds allow: one list a kind, all at once, however many
 * objects there are; a second round only for kinds that a manifest names beyond the usual ones.
 * Reads only. @throws UnreachableError, and ToolError where a release record can't be decoded.
 */
export async function readRelease(kube: KubeClient, options: ReadOptions): Promise<LiveRelease> {
  const { namespace, release } = options;
  const lists = new KindLists(kube, namespace);
  const [namespaceObject, history] = await Promise.all([
    readNamespace(kube, namespace, lists.denied),
    readHistory(kube, namespace, release),
    ...KINDS.map(([apiVersion, kind]) => lists.read(apiVersion, kind)),
    ...(options.alsoKinds ?? []).map(({ apiVersion, kind }) => lists.read(apiVersion, kind)),
  ]);
  // Whether a kind is namespaced is known once it was looked up; kinds of the manifests come second.
  const firstLook = namedObjects(history, namespace, () => true);
  await Promise.all(firstLook.map(({ ref }) => lists.read(ref.apiVersion, ref.kind)));
  const named = namedObjects(history, namespace, (apiVersion, kind) => lists.isNamespaced(apiVersion, kind));
  const { placed, missing } = placeObjects(named, namespace, (ref) => lists.find(ref));
  return {
    release,
    namespaceName: namespace,
    namespace: namespaceObject,
    history,
    named,
    placed,
    missing,
    find: (ref) => lists.find(ref),
    all: (kind) => lists.all(kind),
    denied: lists.denied,
    unknownKinds: lists.unknownKinds,
  };
}

/** The Namespace, undefined where it does not exist; only its name where it may not be read. */
async function readNamespace(
  kube: KubeClient,
  name: string,
  denied: Denied[],
): Promise<KubeObject | undefined> {
  const ref = { apiVersion: 'v1', kind: 'Namespace', name };
  try {
    return await kube.get(ref);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    denied.push({
      type: { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
      verb: 'get',
      message: error.message,
    });
    return { apiVersion: ref.apiVersion, kind: ref.kind, metadata: { name } };
  }
}

/**
 * Every revision of a release, from Secrets or ConfigMaps, whichever Helm's driver uses here.
 * @throws ToolError where the driver keeps releases outside the cluster (HELM_DRIVER=sql).
 */
export async function readHistory(
  kube: KubeClient,
  namespace: string,
  release: string,
): Promise<HelmRevision[]> {
  const options: ListOptions = { namespace, labelSelector: `owner=helm,name=${release}` };
  const records = await Promise.all(
    ['Secret', 'ConfigMap'].map(async (kind) => {
      const type = await kube.resourceType('v1', kind);
      return kube.list(type!, options);
    }),
  );
  return sortRevisions(records.flat().filter(isHelmRecord).map(decodeRevision));
}

/** Names of the Helm releases in a namespace, for messages. */
export async function releaseNames(kube: KubeClient, namespace: string): Promise<string[]> {
  const type = await kube.resourceType('v1', 'Secret');
  const records = await kube.list(type!, { namespace, labelSelector: 'owner=helm' });
  return [...new Set(records.map((record) => labelsOf(record).name ?? ''))]
    .filter((name) => name !== '')
    .sort();
}

/** The lists of a namespace, each read once. */
class KindLists {
  readonly denied: Denied[] = [];
  readonly unknownKinds: { apiVersion: string; kind: string }[] = [];
  readonly #kube: KubeClient;
  readonly #namespace: string;
  readonly #reads = new Map<string, Promise<void>>();
  readonly #types = new Map<string, ResourceType>();
  readonly #objects = new Map<string, KubeObject>();

  constructor(kube: KubeClient, namespace: string) {
    this.#kube = kube;
    this.#namespace = namespace;
  }

  read(apiVersion: string, kind: string): Promise<void> {
    const group = keyOf({ apiVersion, kind, name: '' });
    let read = this.#reads.get(group);
    if (read === undefined) {
      read = this.#read(apiVersion, kind);
      this.#reads.set(group, read);
    }
    return read;
  }

  async #read(apiVersion: string, kind: string): Promise<void> {
    const type = await this.#kube.resourceType(apiVersion, kind);
    if (type === undefined) {
      this.unknownKinds.push({ apiVersion, kind });
      return;
    }
    this.#types.set(keyOf({ apiVersion, kind, name: '' }), type);
    const options: ListOptions = {
      ...(type.namespaced ? { namespace: this.#namespace } : {}),
      ...(kind === 'Secret' || kind === 'ConfigMap' ? { labelSelector: WITHOUT_HELM_RECORDS } : {}),
    };
    try {
      for (const object of await this.#kube.list(type, options))
        this.#objects.set(keyOf(refOf(object)), object);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 403) throw error;
      this.denied.push({ type, verb: 'list', message: error.message });
    }
  }

  isNamespaced(apiVersion: string, kind: string): boolean {
    return this.#types.get(keyOf({ apiVersion, kind, name: '' }))?.namespaced ?? true;
  }

  find(ref: ObjectRef): KubeObject | undefined {
    return this.#objects.get(keyOf(ref));
  }

  all(kind: string): KubeObject[] {
    return [...this.#objects.values()].filter((object) => stringAt(object, 'kind') === kind);
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
  if (process.env.HELM_DRIVER === 'sql') {
    return new ToolError(
      `release "${release}": Helm keeps its records in a database here (HELM_DRIVER=sql)`,
      {
        untouched: 'nothing was written',
        next: 'this tool reads releases kept as Secrets or ConfigMaps in the cluster',
      },
    );
  }
  const names = await releaseNames(kube, namespace).catch(() => []);
  const known = names.length === 0 ? 'there is none in this namespace' : `there are: ${names.join(', ')}`;
  return new ToolError(`release "${release}" not found in namespace "${namespace}" (${known})`, {
    untouched: 'nothing was written',
    next: 'helm list -A',
  });
}
