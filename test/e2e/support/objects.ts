import { arrayAt, type JsonObject, stringAt } from '../../../src/model/json/json.ts';
import { nameOf, uidOf } from '../../../src/model/kubernetes/object.ts';
import type { TestCluster } from '../../cluster/cluster.ts';
import { ApiRefusal, type ApiRequest, type Connection, connectionTo } from './api/connection.ts';
import {
  fullName,
  itemsOf,
  pathOf,
  type Resource,
  rediscovered,
  resourceCalled,
  resourceOf,
} from './api/resources.ts';
import { watchUntil } from './api/watch.ts';
import { fieldText } from './field-text.ts';

/** Whoever creates something here, in the objects' managedFields. */
const MANAGER = 'e2e-test';
/**
 * For all that is waited for, milliseconds. A namespace takes 5 to 16 seconds to go; where pods are made in it yet
 * ("unexpected items still remain"), the controller looks again after a pause that doubles up to a minute.
 */
const PATIENCE_MS = 150_000;
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/**
 * The objects of one namespace, and cluster-wide ones, asked of the API server itself: some 2 ms of CPU a request,
 * where a kubectl takes 60. It shares nothing with the tool's own client. What a test changes as a user would is
 * changed with kubectl, whose marks stay in the objects.
 *
 * Things are named as kubectl does: "deployments" or "deploy,svc" are kinds, "deployment/cart" is an object.
 * Objects are as the server has them, `managedFields` included.
 */
export interface Objects {
  /** @throws ApiRefusal where there is no such object. */
  get(object: string): Promise<JsonObject>;
  /** The same, or undefined. */
  find(object: string): Promise<JsonObject | undefined>;
  /** What a field of it holds, by a path (".spec.replicas"), as `fieldText` says it: "" where it has none. */
  field(object: string, path: string): Promise<string>;
  /** All of these kinds, or those of them with certain labels ("app=cart,tier"). */
  list(kinds: string, labels?: string): Promise<JsonObject[]>;
  /** apiVersion, kind and metadata of all objects in the namespace, of each kind ("pods", "deployments.apps") that is wanted. */
  listEverything(isWanted: (kind: string) => boolean): Promise<JsonObject[]>;
  /** In this order. @throws ApiRefusal where one exists, or has a field that the server does not know. */
  create(...objects: JsonObject[]): Promise<void>;
  /**
   * Returns once they are gone; what belongs to them goes in the background.
   * @throws ApiRefusal where there is no such object.
   */
  delete(...objects: string[]): Promise<void>;
  /** Deletes it without waiting for anything; it is no error if it is gone, or going. */
  abandon(object: string): Promise<void>;
  /**
   * Looks at all of a kind, or at one object, again whenever something changes, until `check` no longer throws.
   * @returns what `check` returns. @throws what it threw last, after `timeoutMs` (by default two and a half minutes).
   */
  until<T>(what: string, check: (found: JsonObject[]) => T, options?: UntilOptions): Promise<T>;
}

export interface UntilOptions {
  labels?: string;
  timeoutMs?: number;
}

export function objectsIn(cluster: TestCluster, namespace: string, kubeconfig = cluster.kubeconfig): Objects {
  const connect = () => connectionTo(cluster, kubeconfig);
  const requestOf = async (method: ApiRequest['method'], object: string): Promise<ApiRequest> => {
    const { resource, name } = await named(await connect(), object);
    if (name === undefined) throw new Error(`"${object}" names no object`);
    return { method, path: `${pathOf(resource, namespace)}/${name}` };
  };
  const get = async (object: string): Promise<JsonObject> =>
    JSON.parse(await (await connect()).send(await requestOf('GET', object))) as JsonObject;
  const until: Objects['until'] = async (what, check, { labels, timeoutMs = PATIENCE_MS } = {}) => {
    const connection = await connect();
    const { resource, name } = await named(connection, what);
    return watchUntil({ connection, namespace, resource, name, labels }, check, timeoutMs);
  };
  return {
    get,
    find: async (object) => {
      try {
        return await get(object);
      } catch (error) {
        if (error instanceof ApiRefusal && error.status === 404) return undefined;
        throw error;
      }
    },
    field: async (object, path) => fieldText(await get(object), path),
    list: async (kinds, labels) => {
      const connection = await connect();
      const query = labels === undefined ? '' : `?labelSelector=${encodeURIComponent(labels)}`;
      const lists = kinds.split(',').map(async (kind) => {
        const resource = await resourceCalled(connection, kind);
        const path = `${pathOf(resource, namespace)}${query}`;
        return itemsOf(resource, await connection.send({ method: 'GET', path }));
      });
      return (await Promise.all(lists)).flat();
    },
    listEverything: async (isWanted) => {
      const connection = await connect();
      const wanted = (await rediscovered(connection)).filter(
        (each) => each.isNamespaced && each.canBeListed && isWanted(fullName(each)),
      );
      const lists = wanted.map(async (resource) => {
        const path = pathOf(resource, namespace);
        return itemsOf(resource, await connection.send({ method: 'GET', path, accept: METADATA_ONLY }));
      });
      return (await Promise.all(lists)).flat();
    },
    create: async (...objects) => {
      const connection = await connect();
      for (const object of objects) {
        const path = pathOf(await resourceOf(connection, object), namespace);
        const query = `?fieldManager=${MANAGER}&fieldValidation=Strict`;
        await connection.send({ method: 'POST', path: `${path}${query}`, body: JSON.stringify(object) });
      }
    },
    delete: async (...objects) => {
      const body = JSON.stringify({ propagationPolicy: 'Background' });
      const going: (() => Promise<void>)[] = [];
      for (const object of objects) {
        const request = { ...(await requestOf('DELETE', object)), body };
        const answer = JSON.parse(await (await connect()).send(request)) as JsonObject;
        // A Status says that it is gone, the object itself that somebody has to let go of it yet.
        if (answer.kind === 'Status') continue;
        const isIt = (each: JsonObject) => uidOf(each) === uidOf(answer);
        going.push(() => until(object, (found) => isGone(found.filter(isIt))));
      }
      // One may be held by another: a claim by the pod that uses it.
      await Promise.all(going.map((wait) => wait()));
    },
    abandon: async (object) => {
      try {
        await (await connect()).send(await requestOf('DELETE', object));
      } catch (error) {
        // A namespace that is being deleted is a conflict.
        if (!(error instanceof ApiRefusal && (error.status === 404 || error.status === 409))) throw error;
      }
    },
    until,
  };
}

/** "deployments" or "deployment/cart" */
async function named(
  connection: Connection,
  what: string,
): Promise<{ resource: Resource; name: string | undefined }> {
  const [kind = '', name] = what.split('/');
  return { resource: await resourceCalled(connection, kind), name };
}

/** A check for `until`: the object is there no more, nor any other that was looked for. */
export function isGone(found: JsonObject[]): void {
  if (found.length > 0) throw new Error(`still there: ${found.map(whatHoldsIt).join(', ')}`);
}

/** An object's name, since when it is being deleted, and what it says itself of that. */
function whatHoldsIt(object: JsonObject): string {
  const since = stringAt(object, 'metadata', 'deletionTimestamp');
  const finalizers = arrayAt(object, 'metadata', 'finalizers');
  const conditions = arrayAt(object, 'status', 'conditions')
    .map((condition) => stringAt(condition, 'message') ?? '')
    .filter((message) => message !== '');
  const said = [
    since === undefined ? 'nobody deleted it' : `deleted at ${since}`,
    ...(finalizers.length === 0 ? [] : [`held by ${finalizers.join(', ')}`]),
    ...conditions,
  ];
  return `${nameOf(object)} (${said.join('; ')})`;
}
