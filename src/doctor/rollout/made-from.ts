import {
  arrayAt,
  isObject,
  type Json,
  type JsonObject,
  jsonEqual,
  stringAt,
  valueAt,
} from '../../model/json/json.ts';
import type { KubeObject } from '../../model/kubernetes/object.ts';
import { parseQuantity } from '../../model/kubernetes/quantity.ts';

/** What decides whether a container comes up, and with which settings. */
const FIELDS = [
  'image',
  'command',
  'args',
  'env',
  'envFrom',
  'resources',
  'readinessProbe',
  'livenessProbe',
  'startupProbe',
  'lifecycle',
] as const;

/**
 * Whether a pod may have been made from a template as somebody wrote it, in a Helm manifest say: its containers have all that
 * the template says, and nothing of these fields that it does not, but for what the API server fills in.
 */
export function mayBeMadeFrom(pod: KubeObject, template: JsonObject | undefined): boolean {
  const made = arrayAt(pod, 'spec', 'containers');
  return arrayAt(template, 'spec', 'containers').every((written) => {
    const container = made.find((each) => stringAt(each, 'name') === stringAt(written, 'name'));
    return FIELDS.every((field) => {
      const [has, wanted] = [valueAt(container, field), valueAt(written, field)];
      if (isNothing(wanted)) return isNothing(has);
      return holds(has, wanted!, field === 'resources' ? sameQuantity : jsonEqual);
    });
  });
}

function isNothing(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every(isNothing);
}

/** Whether a value has all of what is wanted; it may have more fields. */
function holds(
  has: Json | undefined,
  wanted: Json,
  same: (a: Json | undefined, b: Json) => boolean,
): boolean {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(has) || has.length !== wanted.length) return false;
    return wanted.every((item, index) => holds(has[index], item, same));
  }
  if (!isObject(wanted)) return same(has, wanted);
  return Object.entries(wanted).every(
    ([key, value]) => isNothing(value) || holds(valueAt(has, key), value, same),
  );
}

/** The API server writes "0.5" as "500m". */
function sameQuantity(a: Json | undefined, b: Json): boolean {
  const [x, y] = [a, b].map((value) => parseQuantity(String(value ?? '')));
  return x === undefined || y === undefined ? a === b : x === y;
}
