import { type JsonObject, stringAt } from '../model/json/json.ts';
import { MAX_LIST, MAX_LISTED_OBJECTS, MAX_PAGES } from '../model/json/limits.ts';
import type { KubeObject } from '../model/kubernetes/object.ts';
import { ApiError } from './api-error.ts';
import type { ListQuery, ResourceType } from './client.ts';
import { metadataType } from './metadata-type.ts';
import { PackedObject } from './packed-object.ts';
import { PackedTexts } from './packed-texts.ts';
import { resourcePath } from './resource-types.ts';
import type { Rest } from './rest.ts';
import { type TooLargeError, tooManyObjects } from './too-large.ts';

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
  options: ListQuery,
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
  options: ListQuery,
  keep: Keep<T>,
): Promise<T[]> {
  const kept: T[] = [];
  const texts = new PackedTexts();
  let token: string | undefined;
  let left = MAX_LIST;
  let pages = 0;
  do {
    if (++pages > MAX_PAGES) throw tooMany(type, `has more than ${MAX_PAGES} pages`);
    const call = { ...pageCall(type, options, token), maximum: left };
    const { list, items, bytes } = await rest.sendList(call, {
      keep: (item, text) => keep(withType(item, type), new PackedObject(texts.add(text), type)),
      most: MAX_LISTED_OBJECTS - kept.length,
    });
    left -= bytes;
    for (const item of items) kept.push(item);
    if (kept.length > MAX_LISTED_OBJECTS) throw tooMany(type, `has more than ${MAX_LISTED_OBJECTS} objects`);
    token = stringAt(list, 'metadata', 'continue') || undefined;
  } while (token !== undefined);
  return kept;
}

function tooMany({ plural }: ResourceType, why: string): TooLargeError {
  return tooManyObjects(`the list of ${plural} ${why}`, plural);
}

function pageCall(type: ResourceType, options: ListQuery, token: string | undefined) {
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
