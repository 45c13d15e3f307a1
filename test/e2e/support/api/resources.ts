import { arrayAt, isObject, type JsonObject, stringAt } from '../../../../src/model/json/json.ts';
import type { Connection } from './connection.ts';

/** A resource of the API, as discovery describes it, in its group's preferred version. */
export interface Resource {
  /** "" for the core group. */
  group: string;
  version: string;
  /** The plural, as in paths: "deployments". */
  plural: string;
  kind: string;
  isNamespaced: boolean;
  canBeListed: boolean;
  /** What kubectl calls it besides: "deployment", "deploy". */
  aliases: string[];
}

/**
 * Discovery in two answers: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery. Of the same form before
 * Kubernetes 1.30, as v2beta1.
 */
const AGGREGATED = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .join(',');

interface GroupDiscoveryList {
  items: {
    metadata: { name?: string };
    versions: {
      version: string;
      resources: {
        resource: string;
        responseKind: { kind: string };
        scope: 'Namespaced' | 'Cluster';
        singularResource: string;
        shortNames?: string[];
        verbs: string[];
      }[];
    }[];
  }[];
}

/** Every resource of every group, in the server's order of preference. */
async function discover(connection: Connection): Promise<Resource[]> {
  const answers = await Promise.all(
    ['/api', '/apis'].map((path) => connection.send({ method: 'GET', path, accept: AGGREGATED })),
  );
  return answers
    .flatMap((answer) => (JSON.parse(answer) as GroupDiscoveryList).items)
    .flatMap(({ metadata: { name: group = '' }, versions: [preferred] }) =>
      (preferred?.resources ?? []).map((entry) => ({
        group,
        version: preferred!.version,
        plural: entry.resource,
        kind: entry.responseKind.kind,
        isNamespaced: entry.scope === 'Namespaced',
        canBeListed: entry.verbs.includes('list'),
        aliases: [entry.singularResource, ...(entry.shortNames ?? [])],
      })),
    );
}

/** What a person calls a resource: "deployments", "deployment", "deploy", each also as "deployments.apps". */
function isCalled({ plural, group, aliases }: Resource, word: string): boolean {
  return [plural, ...aliases].some((name) => word === name || word === fullName({ plural: name, group }));
}

/** "deployments.apps", "pods" */
export function fullName({ plural, group }: Pick<Resource, 'plural' | 'group'>): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** Where its objects are. */
export function pathOf({ group, version, plural, isNamespaced }: Resource, namespace: string): string {
  const api = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return isNamespaced ? `${api}/namespaces/${namespace}/${plural}` : `${api}/${plural}`;
}

/** @throws Error where the API server has no such resource. */
export function resourceCalled(connection: Connection, word: string): Promise<Resource> {
  return resourceWhere(connection, word, (resource) => isCalled(resource, word));
}

/** The resource of an object, by its apiVersion and kind. @throws Error as above. */
export async function resourceOf(connection: Connection, object: JsonObject): Promise<Resource> {
  const kind = stringAt(object, 'kind') ?? '';
  const [version = '', group = ''] = (stringAt(object, 'apiVersion') ?? '').split('/').reverse();
  const resource = await resourceWhere(
    connection,
    kind,
    (each) => each.kind === kind && each.group === group,
  );
  return { ...resource, version };
}

const discovered = new WeakMap<Connection, Promise<Resource[]>>();

/** @throws Error where the API server knows no such kind, even when asked anew. */
async function resourceWhere(
  connection: Connection,
  word: string,
  isIt: (resource: Resource) => boolean,
): Promise<Resource> {
  const known = await (discovered.get(connection) ?? rediscovered(connection));
  const found = known.find(isIt) ?? (await rediscovered(connection)).find(isIt);
  if (found === undefined) throw new Error(`the API server has no "${word}"`);
  return found;
}

/** Asked anew: kinds come and go. */
export function rediscovered(connection: Connection): Promise<Resource[]> {
  const asked = discover(connection);
  discovered.set(connection, asked);
  return asked;
}

/** Of a list the server says once what its items are. */
export function itemsOf({ group, version, kind }: Resource, list: string): JsonObject[] {
  const apiVersion = group === '' ? version : `${group}/${version}`;
  return arrayAt(JSON.parse(list) as JsonObject, 'items')
    .filter(isObject)
    .map((item) => ({ ...item, apiVersion, kind }));
}
