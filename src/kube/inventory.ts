import type { ToolError } from '../errors/tool-error.ts';
import { MAX_LISTED_TOGETHER } from '../model/json/limits.ts';
import { groupOf, type KubeObject, keyOf, type ObjectRef, refOf } from '../model/kubernetes/object.ts';
import { controllerUid } from '../model/kubernetes/workload.ts';
import { isSecretObject, secretValuesOf } from '../model/secrets/secrecy.ts';
import { ApiError } from './api-error.ts';
import type { KubeClient, ListQuery, ResourceType } from './client.ts';
import type { Keep } from './list-pages.ts';
import { outlineOf } from './outline.ts';
import { PackedObject } from './packed-object.ts';
import { TooLargeError, tooManyObjects } from './too-large.ts';

/** A permission that was missing, and what could not be read for want of it. */
export interface Denied {
  type: ResourceType;
  verb: 'get' | 'list';
  /** Where it was missing, if not in the release's own namespace. */
  namespace?: string;
  message: string;
  /** No permission is missing: the server gave no usable answer, or more than is read. */
  failed?: true;
}

/** The HTTP status of a server that can't answer with metadata alone. */
const NOT_ACCEPTABLE = 406;

/** An object as it lies in memory. */
interface Held {
  key: string;
  namespace: string;
  packed: PackedObject;
  outline: KubeObject;
  /** Of a Secret: what must reach no output. */
  secrets: string[];
}

/** An object, and which one of its kind it is, counted as they were read. */
interface Numbered {
  at: number;
  outline: KubeObject;
}

/** The objects of one namespace, or the cluster-wide ones. */
class Place {
  readonly byKey = new Map<string, Held>();
  /** Of each kind: hundreds of releases of one namespace each look at some kinds alone. */
  readonly byKind = new Map<string, Map<string, Held>>();
  /** Of each kind that was asked for so, by the uid of what controls them. */
  readonly #controlled = new Map<string, ReadonlyMap<string, Numbered[]>>();

  add(held: Held): void {
    this.byKey.set(held.key, held);
    const kind = String(held.outline.kind);
    let ofKind = this.byKind.get(kind);
    if (ofKind === undefined) {
      ofKind = new Map();
      this.byKind.set(kind, ofKind);
    }
    ofKind.set(held.key, held);
    this.#controlled.delete(kind);
  }

  /** Those of a kind that any of these uids controls, in the order in which they were read. */
  controlled(kind: string, controllers: readonly string[]): KubeObject[] {
    let index = this.#controlled.get(kind);
    if (index === undefined) {
      index = indexOf(this.held(kind));
      this.#controlled.set(kind, index);
    }
    const found = controllers.flatMap((uid) => index.get(uid) ?? []);
    return found.sort((a, b) => a.at - b.at).map(({ outline }) => outline);
  }

  /** All of them, or those of a kind. */
  held(kind: string | undefined): Iterable<Held> {
    return kind === undefined ? this.byKey.values() : (this.byKind.get(kind)?.values() ?? []);
  }
}

/** What became of reading one object by its name. */
type ByName = 'found' | 'absent' | Denied;

/** What became of asking for one object's metadata. */
type Metadata = { object: KubeObject } | { denied: Denied } | 'absent';

/** Helm's records are read by their labels; keeping them out of the other lists saves megabytes. */
const WITHOUT_HELM_RECORDS = 'owner!=helm';

/**
 * The objects of one namespace, or of all, kind by kind: one list a kind, however many objects there are, and
 * each kind once. A kind that may not be listed is remembered, and its objects can still be read by name.
 * Several releases may be read from the same inventory at once. Of each object only the outline is in memory
 * as it is used; the whole of it is text, and unpacked for whoever asks, so that what hundreds of releases
 * consist of takes a few MiB.
 */
export class Inventory {
  /** Kinds that were asked for and that the cluster does not serve. */
  readonly unknownKinds: { apiVersion: string; kind: string }[] = [];
  readonly #kube: KubeClient;
  readonly #namespace: string | undefined;
  readonly #tolerates: (error: unknown) => error is ToolError;
  readonly #most: number;
  readonly #reads = new Map<string, Promise<void>>();
  /** Objects of all lists, complete or on their way. */
  #listed = 0;
  readonly #types = new Map<string, ResourceType>();
  /** By namespace; "" holds the cluster-wide ones. */
  readonly #places = new Map<string, Place>();
  readonly #unlisted = new Map<string, Denied>();
  readonly #byName = new Map<string, Promise<ByName>>();
  readonly #metadata = new Map<string, Promise<Metadata>>();
  /** By namespace, as {@link secretValues} was asked for them. */
  readonly #secretValues = new Map<string | undefined, readonly string[]>();

  /**
   * @param namespace all namespaces where undefined.
   * @param tolerates failures to read that are remembered like a missing permission instead of thrown.
   * @param most objects of all lists together; a list with which there are more is as one that is too large.
   */
  constructor(
    kube: KubeClient,
    namespace: string | undefined,
    tolerates: (error: unknown) => error is ToolError = isGap,
    most = MAX_LISTED_TOGETHER,
  ) {
    this.#kube = kube;
    this.#namespace = namespace;
    this.#tolerates = tolerates;
    this.#most = most;
  }

  /** Lists a kind, once. @throws UnreachableError, ApiError other than a missing permission; never what is tolerated. */
  read(apiVersion: string, kind: string): Promise<void> {
    const key = kindKey(apiVersion, kind);
    let read = this.#reads.get(key);
    if (read === undefined) {
      read = this.#list(apiVersion, kind);
      this.#reads.set(key, read);
    }
    return read;
  }

  async #list(apiVersion: string, kind: string): Promise<void> {
    const type = await this.#kube.resourceType(apiVersion, kind);
    if (type === undefined) {
      this.unknownKinds.push({ apiVersion, kind });
      return;
    }
    this.#types.set(kindKey(apiVersion, kind), type);
    const options: ListQuery = {
      ...(type.namespaced && this.#namespace !== undefined ? { namespace: this.#namespace } : {}),
      ...(groupOf(apiVersion) === '' && (kind === 'Secret' || kind === 'ConfigMap')
        ? { labelSelector: WITHOUT_HELM_RECORDS }
        : {}),
    };
    let own = 0;
    const holdNext: Keep<Held> = (object, packed) => {
      own++;
      if (++this.#listed > this.#most) {
        const what = `with the list of ${type.plural} all lists together have more than ${this.#most} objects`;
        throw tooManyObjects(what, type.plural);
      }
      return hold(object, packed);
    };
    try {
      // Added when the list is complete: one that has to be started over leaves nothing behind.
      for (const held of await this.#kube.listAs(type, options, holdNext)) this.#add(held);
    } catch (error) {
      this.#listed -= own;
      if (!this.#tolerates(error)) throw error;
      this.#unlisted.set(kindKey(apiVersion, kind), deniedRead(type, 'list', error));
    }
  }

  #add(held: Held): void {
    let place = this.#places.get(held.namespace);
    if (place === undefined) {
      place = new Place();
      this.#places.set(held.namespace, place);
    }
    place.add(held);
    if (held.secrets.length > 0) this.#secretValues.clear();
  }

  /**
   * Gets to know a kind that a manifest names, and lists it where objects of the namespace can be of it. A cluster-wide
   * kind is not listed: of its objects nobody needs more than their metadata.
   * @throws as `read`.
   */
  async readNamed(apiVersion: string, kind: string, isWanted: boolean): Promise<void> {
    const key = kindKey(apiVersion, kind);
    if (this.#types.get(key) === undefined) {
      const type = await this.#kube.resourceType(apiVersion, kind);
      if (type !== undefined) this.#types.set(key, type);
    }
    // A kind that is not served is remembered by the list that can't be made.
    const type = this.#types.get(key);
    if (type === undefined || (type.namespaced && isWanted)) await this.read(apiVersion, kind);
  }

  /** Metadata of one object, wherever it lies, asked for once; or the permission that was missing. */
  metadataOf(ref: ObjectRef): Promise<Metadata> {
    let metadata = this.#metadata.get(keyOf(ref));
    if (metadata === undefined) {
      metadata = this.#askMetadata(ref);
      this.#metadata.set(keyOf(ref), metadata);
    }
    return metadata;
  }

  async #askMetadata(ref: ObjectRef): Promise<Metadata> {
    try {
      const object = await this.#kube.getMetadata(ref);
      return object === undefined ? 'absent' : { object };
    } catch (error) {
      const cannot = error instanceof ApiError && error.status === NOT_ACCEPTABLE;
      if (!cannot && !this.#tolerates(error)) throw error;
      return { denied: this.#deniedGet(ref, error) };
    }
  }

  /**
   * Reads objects one by one where no list holds them, because their kind may not be listed.
   * @returns whether anything was found.
   */
  async readByName(refs: ObjectRef[]): Promise<boolean> {
    const outcomes = await Promise.all(
      refs
        .filter((ref) => this.#heldOf(ref) === undefined && this.#isUnlisted(ref))
        .map((ref) => this.#get(ref)),
    );
    return outcomes.includes('found');
  }

  #isUnlisted(ref: ObjectRef): boolean {
    return this.#unlisted.has(kindKey(ref.apiVersion, ref.kind));
  }

  #get(ref: ObjectRef): Promise<ByName> {
    let outcome = this.#byName.get(keyOf(ref));
    if (outcome === undefined) {
      outcome = this.#getOnce(ref);
      this.#byName.set(keyOf(ref), outcome);
    }
    return outcome;
  }

  async #getOnce(ref: ObjectRef): Promise<ByName> {
    try {
      const object = await this.#kube.get(ref);
      if (object === undefined) return 'absent';
      this.#add(hold(object, PackedObject.of(object)));
      return 'found';
    } catch (error) {
      if (!this.#tolerates(error)) throw error;
      return this.#deniedGet(ref, error);
    }
  }

  #deniedGet(ref: ObjectRef, error: ToolError): Denied {
    const here = ref.namespace === undefined || ref.namespace === this.#namespace;
    const type = this.#types.get(kindKey(ref.apiVersion, ref.kind))!;
    return { ...deniedRead(type, 'get', error), ...(here ? {} : { namespace: ref.namespace }) };
  }

  /** Kinds that may not be listed. */
  get unlisted(): Denied[] {
    return [...this.#unlisted.values()];
  }

  /**
   * The permissions that were missing for these objects, which are all that is wanted. A kind that may not be
   * listed counts, unless there are objects of it here and each could be read by name instead.
   */
  async deniedFor(refs: ObjectRef[]): Promise<Denied[]> {
    const denied = new Map<string, Denied>();
    const answered = new Set<string>();
    for (const ref of refs) {
      const kind = kindKey(ref.apiVersion, ref.kind);
      const outcome = await this.#byName.get(keyOf(ref));
      if (typeof outcome === 'object') denied.set(kind, this.#unlisted.get(kind) ?? outcome);
      else if (outcome !== undefined) answered.add(kind);
    }
    for (const [kind, list] of this.#unlisted) if (!answered.has(kind)) denied.set(kind, list);
    return [...denied.values()];
  }

  /** False for cluster-wide kinds; true also for kinds that are not known here. */
  isNamespaced(apiVersion: string, kind: string): boolean {
    return this.#types.get(kindKey(apiVersion, kind))?.namespaced ?? true;
  }

  find(ref: ObjectRef): KubeObject | undefined {
    return this.#heldOf(ref)?.packed.unpack();
  }

  /** Every object that was read, or those of a kind, in one namespace (with cluster-wide ones) or in all. */
  all(namespace?: string, kind?: string): KubeObject[] {
    return [...this.#heldIn(namespace, kind)].map(({ packed }) => packed.unpack());
  }

  /**
   * What tells how objects are related (kube/outline.ts), of every object that was read, or those of a kind, in one
   * namespace (with cluster-wide ones) or in all.
   */
  outlines(namespace?: string, kind?: string): KubeObject[] {
    return [...this.#heldIn(namespace, kind)].map(({ outline }) => outline);
  }

  /**
   * The same of those of a kind in a namespace that any of these uids controls. Of hundreds of releases each asks for its own: the others are not
   * passed over.
   */
  controlled(namespace: string, kind: string, controllers: readonly string[]): KubeObject[] {
    return this.#places.get(namespace)?.controlled(kind, controllers) ?? [];
  }

  /** What the Secrets of a namespace, or of all, hold and no output may show. It is the same array until another one is read. */
  secretValues(namespace?: string): readonly string[] {
    let values = this.#secretValues.get(namespace);
    if (values === undefined) {
      values = [...this.#heldIn(namespace, 'Secret')].flatMap(({ secrets }) => secrets);
      this.#secretValues.set(namespace, values);
    }
    return values;
  }

  #heldOf(ref: ObjectRef): Held | undefined {
    return this.#places.get(ref.namespace ?? '')?.byKey.get(keyOf(ref));
  }

  *#heldIn(namespace: string | undefined, kind?: string): Generator<Held, void> {
    const places =
      namespace === undefined
        ? this.#places.values()
        : ['', namespace].flatMap((name) => this.#places.get(name) ?? []);
    for (const place of places) yield* place.held(kind);
  }
}

function indexOf(objects: Iterable<Held>): Map<string, Numbered[]> {
  const index = new Map<string, Numbered[]>();
  let at = 0;
  for (const { outline } of objects) {
    const uid = controllerUid(outline);
    at++;
    if (uid === undefined) continue;
    const others = index.get(uid);
    if (others === undefined) index.set(uid, [{ at, outline }]);
    else others.push({ at, outline });
  }
  return index;
}

function hold(object: KubeObject, packed: PackedObject): Held {
  const ref = refOf(object);
  return {
    key: keyOf(ref),
    namespace: ref.namespace ?? '',
    packed,
    outline: outlineOf(object),
    secrets: isSecretObject(object) ? secretValuesOf(object) : [],
  };
}

export function kindKey(apiVersion: string, kind: string): string {
  return `${groupOf(apiVersion)}/${kind}`;
}

/**
 * The permission that was missing, for whoever tells of it; nothing where none was.
 * @param here the namespace that was read; undefined: all.
 */
export function missingPermission(
  { type, verb, failed, namespace: elsewhere }: Denied,
  here: string | undefined,
): { permission?: { verb: string; group: string; resource: string; namespace?: string } } {
  if (failed === true) return {};
  const namespace = type.namespaced ? (elsewhere ?? here) : undefined;
  const place = namespace === undefined ? {} : { namespace };
  return { permission: { verb, group: groupOf(type.apiVersion), resource: type.plural, ...place } };
}

/** What leaves out one kind, or one object: not permitted, or too large to be read. */
export function isGap(error: unknown): error is ApiError | TooLargeError {
  return isForbidden(error) || error instanceof TooLargeError;
}

/** What is remembered of what can't be read. */
export function deniedRead(type: ResourceType, verb: Denied['verb'], error: ToolError): Denied {
  return { type, verb, message: error.message, ...(isForbidden(error) ? {} : { failed: true }) };
}

export function isForbidden(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 403;
}
