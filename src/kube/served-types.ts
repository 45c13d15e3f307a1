import { arrayAt, isObject, type JsonObject, stringAt, valueAt } from '../model/json/json.ts';
import { groupOf } from '../model/kubernetes/object.ts';
import { ApiError } from './api-error.ts';
import type { KubeClient, ResourceType } from './client.ts';

/** What the cluster says that it serves. */
export interface ServedTypes {
  types: ResourceType[];
  /** Group versions that gave no answer: an aggregated API that is down, say. */
  unanswered: string[];
}

/**
 * Every kind that lies in namespaces and can be listed, once each: in the version that the server prefers, or the
 * only one that has it (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api).
 * @param passOver groups that are of no interest.
 */
export async function listableTypes(
  kube: KubeClient,
  passOver: ReadonlySet<string> = new Set(),
): Promise<ServedTypes> {
  const unanswered: string[] = [];
  const ask = async (path: string): Promise<JsonObject> => {
    try {
      return await kube.raw(path);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      unanswered.push(path);
      return {};
    }
  };
  const groups = arrayAt(await ask('/apis'), 'groups').filter(isObject);
  const versions = ['v1', ...groups.flatMap(versionsOf)].filter(
    (apiVersion) => !passOver.has(groupOf(apiVersion)),
  );
  const served = await Promise.all(
    versions.map(async (apiVersion) => {
      const list = await ask(apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`);
      return arrayAt(list, 'resources')
        .filter(isObject)
        .flatMap((resource) => typeOf(resource, apiVersion));
    }),
  );
  const types = new Map<string, ResourceType>();
  for (const type of served.flat()) {
    const key = `${groupOf(type.apiVersion)}/${type.plural}`;
    if (!types.has(key)) types.set(key, type);
  }
  return { types: [...types.values()], unanswered };
}

/** The preferred one first. */
function versionsOf(group: JsonObject): string[] {
  const all = arrayAt(group, 'versions').flatMap((version) => stringAt(version, 'groupVersion') ?? []);
  const preferred = stringAt(group, 'preferredVersion', 'groupVersion');
  return [...new Set(preferred === undefined ? all : [preferred, ...all])];
}

function typeOf(resource: JsonObject, apiVersion: string): ResourceType[] {
  const [plural, kind] = [stringAt(resource, 'name') ?? '', stringAt(resource, 'kind') ?? ''];
  const isListed = valueAt(resource, 'namespaced') === true && arrayAt(resource, 'verbs').includes('list');
  return isListed && !plural.includes('/') ? [{ apiVersion, kind, plural, namespaced: true }] : [];
}
