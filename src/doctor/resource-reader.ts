import { ToolError } from '../errors/tool-error.ts';
import { ApiError } from '../kube/api-error.ts';
import type { KubeClient, LogOptions } from '../kube/client.ts';
import { type Denied, type Inventory, kindKey, missingPermission } from '../kube/inventory.ts';
import { displayName, groupOf, type KubeObject, type ObjectRef } from '../model/kubernetes/object.ts';

/** Something that could not be looked at. */
export interface UnreadableResource {
  /** "cronjobs.batch", "the log of pod/x" */
  what: string;
  /** The API server's words, or why there was no answer. */
  why: string;
  /** The permission that was missing; undefined where that is not the matter. */
  permission?: { verb: string; group: string; resource: string; namespace?: string };
  /** It is about one pod, which comes and goes. */
  passing?: true;
}

/**
 * Reads the cluster for doctor. No read fails: what can't be read is undefined and remembered as unreadable,
 * so that whoever judges can tell "there is none" from "nobody knows". Each kind is listed once.
 */
export class ResourceReader {
  readonly #kube: KubeClient;
  readonly #inventory: Inventory;
  readonly #namespace: string | undefined;
  /** Unpacked once, however many checks look at them. */
  readonly #lists = new Map<string, Promise<KubeObject[] | undefined>>();
  readonly #spots = new Map<string, UnreadableResource>();

  /** @param inventory of the namespace, or of all: it tolerates every failure of a list. */
  constructor(kube: KubeClient, inventory: Inventory, namespace: string | undefined) {
    this.#kube = kube;
    this.#inventory = inventory;
    this.#namespace = namespace;
  }

  /** Every object of a kind, in one namespace or in all that are looked at; undefined where it can't be told. */
  list(apiVersion: string, kind: string, namespace?: string): Promise<KubeObject[] | undefined> {
    const key = `${kindKey(apiVersion, kind)} ${namespace ?? ''}`;
    let list = this.#lists.get(key);
    if (list === undefined) {
      list = this.#read(apiVersion, kind, namespace);
      this.#lists.set(key, list);
    }
    return list;
  }

  async #read(
    apiVersion: string,
    kind: string,
    namespace: string | undefined,
  ): Promise<KubeObject[] | undefined> {
    await this.#inventory.read(apiVersion, kind);
    if (!this.canList(apiVersion, kind)) return undefined;
    return this.#inventory
      .all(namespace, kind)
      .filter((object) => groupOf(String(object.apiVersion)) === groupOf(apiVersion));
  }

  /** Whether a list that was read is a list: false where it was refused or failed. Wait for `list` first. */
  canList(apiVersion: string, kind: string): boolean {
    return !this.#inventory.unlisted.some(
      ({ type }) => kindKey(type.apiVersion, type.kind) === kindKey(apiVersion, kind),
    );
  }

  /** Every object that was listed so far. */
  seen(): KubeObject[] {
    return this.#inventory.all();
  }

  /** One object by its name; "absent" where it does not exist; undefined where it can't be told. */
  async get(ref: ObjectRef): Promise<KubeObject | 'absent' | undefined> {
    const listed = this.#inventory.find(ref);
    if (listed !== undefined) return listed;
    return this.try(displayName(ref), async () => (await this.#kube.get(ref)) ?? 'absent');
  }

  /** The end of a container's log; undefined where it can't be told, "" where there is none. */
  log(namespace: string, pod: string, options: LogOptions): Promise<string | undefined> {
    const what = `the log of pod/${pod}`;
    return this.try(what, () => this.#kube.podLog(namespace, pod, options), { passing: true });
  }

  /** Does any other read. What a ToolError says is remembered as unreadable, and the result is undefined. */
  async try<T>(
    what: string,
    read: () => Promise<T>,
    more: Pick<UnreadableResource, 'passing'> = {},
  ): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      this.note({ what, why: error.message, ...permissionOf(error), ...more });
      return undefined;
    }
  }

  note(spot: UnreadableResource): void {
    const key = spot.permission === undefined ? `${spot.what} ${spot.why}` : JSON.stringify(spot.permission);
    if (!this.#spots.has(key)) this.#spots.set(key, spot);
  }

  /** Whether something can't be looked at here that could be before: then nobody knows whether it is in order. */
  readsLessThan(before: ResourceReader): boolean {
    const known = new Set(before.unreadable.map(identityOf));
    return this.unreadable.some((spot) => spot.passing !== true && !known.has(identityOf(spot)));
  }

  /** What could not be looked at so far, lists first. */
  get unreadable(): UnreadableResource[] {
    const lists = this.#inventory.unlisted.map((denied) => unreadableList(denied, this.#namespace));
    return [...lists, ...this.#spots.values()];
  }
}

/** Whatever the reason was this time. */
function identityOf({ what, permission }: UnreadableResource): string {
  return permission === undefined ? what : JSON.stringify(permission);
}

/** What a list that could not be read leaves unseen. @param here undefined: in all namespaces. */
export function unreadableList(denied: Denied, here: string | undefined): UnreadableResource {
  const { type, message } = denied;
  const group = groupOf(type.apiVersion);
  const what = group === '' ? type.plural : `${type.plural}.${group}`;
  return { what, why: message, ...missingPermission(denied, here) };
}

function permissionOf(error: ToolError): Pick<UnreadableResource, 'permission'> {
  if (!(error instanceof ApiError) || !error.lacksPermission) return {};
  const { verb, group, resource, namespace } = error.call;
  return { permission: { verb, group, resource, ...(namespace === undefined ? {} : { namespace }) } };
}
