import { arrayAt, type JsonObject, objectAt, stringAt } from '../model/json/json.ts';
import type { KubeObject } from '../model/kubernetes/object.ts';

/**
 * When somebody last wrote the fields that `concerns` picks, RFC 3339: the newest time of the managedFields entries
 * that own them, else when the object was made. It may have been written with the same content, or with other
 * fields of the same writer: the server keeps one time a writer
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management).
 */
export function changedAt(object: KubeObject, concerns: (fields: JsonObject) => boolean): string | undefined {
  const times = arrayAt(object, 'metadata', 'managedFields').flatMap((entry) => {
    if (stringAt(entry, 'subresource') !== undefined) return [];
    const fields = objectAt(entry, 'fieldsV1');
    const time = stringAt(entry, 'time');
    return fields !== undefined && time !== undefined && concerns(fields) ? [time] : [];
  });
  return times.sort().at(-1) ?? stringAt(object, 'metadata', 'creationTimestamp');
}

/** What a ConfigMap or a Secret holds. */
export function contentChangedAt(object: KubeObject): string | undefined {
  return changedAt(object, (fields) =>
    ['f:data', 'f:binaryData', 'f:stringData'].some((field) => Object.hasOwn(fields, field)),
  );
}

/** What a workload makes its pods of. */
export function templateChangedAt(workload: KubeObject): string | undefined {
  return changedAt(workload, (fields) => objectAt(fields, 'f:spec', 'f:template') !== undefined);
}
