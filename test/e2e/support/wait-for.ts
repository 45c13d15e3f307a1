import { arrayAt, stringAt } from '../../../src/model/json/json.ts';
import { fieldText } from './field-text.ts';
import type { Kubectl } from './kubectl.ts';

/** Waits until an object ("job/run") says that a condition ("Complete") is true. @throws Error after `timeoutMs`. */
export async function hasCondition(
  kubectl: Kubectl,
  object: string,
  condition: string,
  timeoutMs = 60_000,
): Promise<void> {
  await kubectl.objects.until(
    object,
    ([found]) => {
      const conditions = arrayAt(found, 'status', 'conditions');
      const isTrue = conditions.some(
        (each) => stringAt(each, 'type') === condition && stringAt(each, 'status') === 'True',
      );
      if (!isTrue) throw new Error(`${object} is not ${condition}: ${JSON.stringify(conditions)}`);
    },
    { timeoutMs },
  );
}

/** Waits until a field of an object (`.status.phase` of "pod/reader") holds this. @throws Error after `timeoutMs`. */
export async function hasField(
  kubectl: Kubectl,
  object: string,
  { path, value }: { path: string; value: string },
  timeoutMs = 60_000,
): Promise<void> {
  await kubectl.objects.until(
    object,
    ([found]) => {
      const text = fieldText(found, path);
      if (text !== value) throw new Error(`${path} of ${object} is "${text}", not "${value}"`);
    },
    { timeoutMs },
  );
}
