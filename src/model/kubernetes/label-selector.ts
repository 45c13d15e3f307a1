import { arrayAt, type JsonObject, objectAt, stringAt } from '../json/json.ts';
import { type KubeObject, labelsOf, stringMap } from './object.ts';

/**
 * Whether a LabelSelector picks these labels; an empty one picks all
 * (k8s.io/apimachinery/pkg/apis/meta/v1, LabelSelectorAsSelector).
 */
export function labelSelectorPicks(selector: JsonObject, object: KubeObject): boolean {
  const labels = labelsOf(object);
  const exact = Object.entries(stringMap(objectAt(selector, 'matchLabels')));
  if (!exact.every(([name, value]) => labels[name] === value)) return false;
  return arrayAt(selector, 'matchExpressions').every((expression) => {
    const value = labels[stringAt(expression, 'key') ?? ''];
    const values = arrayAt(expression, 'values');
    switch (stringAt(expression, 'operator')) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false;
    }
  });
}
