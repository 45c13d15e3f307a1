import { isObject, type JsonObject, objectAt } from '../model/json/json.ts';
import type { KubeObject } from '../model/kubernetes/object.ts';
import { isWorkload } from '../model/kubernetes/workload.ts';

/** Holds another copy of the whole object. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * What tells how an object is related to others, in its usual shape: names, labels, annotations, owners, a
 * workload's pod template, what a Service, PodDisruptionBudget or NetworkPolicy selects and an autoscaler
 * drives, a pod's phase, a Secret's type. A tenth of the object, for looking through many at once.
 */
export function outlineOf(object: KubeObject): KubeObject {
  const metadata = pick(
    objectAt(object, 'metadata'),
    'name',
    'namespace',
    'uid',
    'deletionTimestamp',
    'labels',
    'annotations',
    'ownerReferences',
  );
  if (isObject(metadata.annotations) && LAST_APPLIED in metadata.annotations) {
    const { [LAST_APPLIED]: _copy, ...annotations } = metadata.annotations;
    metadata.annotations = annotations;
  }
  const template = isWorkload(object) ? (['template'] as const) : [];
  return {
    ...pick(object, 'apiVersion', 'kind', 'type'),
    metadata,
    spec: pick(objectAt(object, 'spec'), 'selector', 'podSelector', 'scaleTargetRef', ...template),
    status: pick(objectAt(object, 'status'), 'phase'),
  };
}

function pick(object: JsonObject | undefined, ...fields: string[]): JsonObject {
  const picked: JsonObject = {};
  for (const field of fields) {
    const value = object?.[field];
    if (value !== undefined) picked[field] = value;
  }
  return picked;
}
