import { type JsonObject, stringAt } from '../model/json.ts';
import type { KubeObject } from '../model/object.ts';
import { ApiError } from './api-error.ts';
import type { ListOptions, ResourceType } from './client.ts';
import { metadataType } from './metadata-type.ts';
import { PackedObject } from './packed-object.ts';
import { resourcePath } from './resource-types.ts';
import type { Rest } from './rest.ts';

/** kubectl's page size (--chunk-size). */
const PAGE_SIZE = 500;

/** Makes of an object, or of its text, what is kept of it. */
export type Keep<T> = (object: KubeObject, packed: PackedObject) => T;

/**
 * What is kept of every object of a kind, page by page. A continue token that the server forgot (410 Gone)
 * means starting over, once
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks).
 */
export async function listAll<T>(
  rest: Rest,
  type: ResourceType,
  options: ListOptions,
  keep: Keep<T>,
): Promise<T[]> {
  try {
    return await listFromStart(rest, type, options, keep);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 410)) throw error;
    return listFromStart(rest, type, options, keep);
  }
}

async function listFromStart<T>(
  rest: Rest,
  type: ResourceType,
  options: ListOptions,
  keep: Keep<T>,
): Promise<T[]> {
  const kept: T[] = [];
  let token: string | undefined;
  do {
    const { list, items } = await rest.sendList(pageCall(type, options, token), (item, text) => {
      return keep(withType(item, type), new PackedObject(text, type));
    });
    kept.push(...items);
    token = stringAt(list, 'metadata', 'continue') || undefined;
  } while (token !== undefined);
  return kept;
}

function pageCall(type: ResourceType, options: ListOptions, token: string | undefined) {
  const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
  if (options.labelSelector !== undefined) query.set('labelSelector', options.labelSelector);
  if (options.fieldSelector !== undefined) query.set('fieldSelector', options.fieldSelector);
  if (token !== undefined) query.set('continue', token);
  const group = type.apiVersion.includes('/') ? (type.apiVersion.split('/')[0] ?? '') : '';
  return {
    method: 'GET' as const,
    ...(options.metadataOnly === true ? { accept: metadataType('PartialObjectMetadataList') } : {}),
    path: `${resourcePath(type, options.namespace)}?${query}`,
    call: {
      verb: 'list',
      group,
      resource: type.plural,
      ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    },
  };
}

/** Items of a list lack apiVersion and kind, or have those of bare metadata; here they are as in the object's own GET. */
function withType(item: JsonObject, { apiVersion, kind }: ResourceType): KubeObject {
  return {
    apiVersion,
    kind,
    ...item,
    ...(item.kind === 'PartialObjectMetadata' ? { apiVersion, kind } : {}),
  };
}
