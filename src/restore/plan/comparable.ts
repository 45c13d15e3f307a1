import { CONTROLLER_COUNTERS } from '../../model/forms/write-form.ts';
import { type JsonObject, objectAt } from '../../model/json/json.ts';
import { annotationsOf, type KubeObject } from '../../model/kubernetes/object.ts';

/** An object without what every write or controller moves: managedFields, versions, counters, status. */
export function comparable(object: KubeObject): JsonObject {
  const { status: _status, ...rest } = object;
  const {
    managedFields: _m,
    resourceVersion: _r,
    generation: _g,
    ...metadata
  } = objectAt(rest, 'metadata') ?? {};
  const annotations = Object.entries(annotationsOf(object)).filter(
    ([name]) => !CONTROLLER_COUNTERS.includes(name),
  );
  if (annotations.length > 0) metadata.annotations = Object.fromEntries(annotations);
  else delete metadata.annotations;
  return { ...rest, metadata };
}
