import { groupOf, type KubeObject, keyOf, type ObjectRef, refOf } from '../model/object.ts';
import { ApiError } from './api-error.ts';
import type { KubeClient, ListOptions, ResourceType } from './client.ts';

/** A permission that was missing, and what could not be read for want of it. */
export interface Denied {
  type: ResourceType;
  verb: 'get' | 'list';
  message: string;
}

/** Helm's records are read by their labels; keeping them out of the other lists saves megabytes. */
const WITHOUT_HELM_RECORDS = 'owner!=helm';

/**
 * The objects of one namespace, or of all, kind by kind: one list a kind, however many objects there are, and
 * each kind once. A kind that may not be listed is remembered, and its objects can still be read by name.
 */
export class Inventory {
  /** Kinds that may not be listed, and whose objects could not all be read by name instead. */
  readonly denied: Denied[] = [];
  /** Kinds that were asked for and that the cluster does not serve. */
  readonly unknownKinds: { apiVersion: string; kind: string }[] = [];
  readonly #kube: KubeClient;
  readonly #namespace: string | undefined;
  readonly #reads = new Map<string, Promise<void>>();
  readonly #types = new Map<string, ResourceType>();
  readonly #objects = new Map<string, KubeObject>();
  readonly #unlisted = new Set<string>();
  readonly #asked = new Set<string>();

  /** @param namespace all namespaces where undefined. */
  constructor(kube: KubeClient, namespace: string | undefined) {
    this.#kube = kube;
    this.#namespace = namespace;
  }

  /** Lists a kind, once. @throws UnreachableError, ApiError other than a missing permission. */
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
    const options: ListOptions = {
      ...(type.namespaced && this.#namespace !== undefined ? { namespace: this.#namespace } : {}),
      ...(groupOf(apiVersion) === '' && (kind === 'Secret' || kind === 'ConfigMap')
        ? { labelSelector: WITHOUT_HELM_RECORDS }
        : {}),
    };
    try {
      for (const object of await this.#kube.list(type, options))
        this.#objects.set(keyOf(refOf(object)), object);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      this.denied.push({ type, verb: 'list', message: error.message });
      this.#unlisted.add(kindKey(apiVersion, kind));
    }
  }

  /**
   * Reads objects one by one where their kind may not be listed. A kind of which every object could be read so
   * is no longer counted as denied.
   * @returns whether anything was found.
   */
  async readByName(refs: ObjectRef[]): Promise<boolean> {
    const wanted = refs.filter(
      (ref) => this.#unlisted.has(kindKey(ref.apiVersion, ref.kind)) && !this.#asked.has(keyOf(ref)),
    );
    const found = await Promise.all(wanted.map((ref) => this.#get(ref)));
    return found.some(Boolean);
  }

  async #get(ref: ObjectRef): Promise<boolean> {
    this.#asked.add(keyOf(ref));
    try {
      const object = await this.#kube.get(ref);
      if (object !== undefined) this.#objects.set(keyOf(refOf(object)), object);
      const type = this.#types.get(kindKey(ref.apiVersion, ref.kind));
      const listed = this.denied.findIndex((denied) => denied.type === type && denied.verb === 'list');
      if (listed >= 0) this.denied.splice(listed, 1);
      return object !== undefined;
    } catch (error) {
      if (!isForbidden(error)) throw error;
      const type = this.#types.get(kindKey(ref.apiVersion, ref.kind));
      if (type !== undefined && !this.denied.some((denied) => denied.type === type)) {
        this.denied.push({ type, verb: 'get', message: error.message });
      }
      return false;
    }
  }

  /** False for cluster-wide kinds; true also for kinds that are not known here. */
  isNamespaced(apiVersion: string, kind: string): boolean {
    return this.#types.get(kindKey(apiVersion, kind))?.namespaced ?? true;
  }

  find(ref: ObjectRef): KubeObject | undefined {
    return this.#objects.get(keyOf(ref));
  }

  /** Every object of the kinds that were read, in one namespace (with cluster-wide ones) or in all. */
  all(namespace?: string): KubeObject[] {
    const objects = [...this.#objects.values()];
    if (namespace === undefined) return objects;
    return objects.filter((object) => {
      const place = refOf(object).namespace;
      return place === undefined || place === namespace;
    });
  }
}

function kindKey(apiVersion: string, kind: string): string {
  return `${groupOf(apiVersion)}/${kind}`;
}

export function isForbidden(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 403;
}
