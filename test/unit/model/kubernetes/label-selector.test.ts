import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { labelSelectorPicks } from '../../../../src/model/kubernetes/label-selector.ts';
import { anObject } from '../../../support/objects.ts';

const pod = anObject('v1', 'Pod', 'x').labelled({ app: 'cart', tier: 'cache' }).object;

test('a selector picks by all of its labels and expressions, an empty one picks all', () => {
  const expression = (key: string, operator: string, ...values: string[]): JsonObject => ({
    matchExpressions: [{ key, operator, values }],
  });
  const cases: [JsonObject, boolean][] = [
    [{}, true],
    [{ matchLabels: { app: 'cart' } }, true],
    [{ matchLabels: { app: 'cart', tier: 'web' } }, false],
    [expression('app', 'In', 'cart', 'shop'), true],
    [expression('app', 'In', 'shop'), false],
    [expression('app', 'NotIn', 'cart'), false],
    [expression('other', 'NotIn', 'cart'), true],
    [expression('app', 'Exists'), true],
    [expression('other', 'Exists'), false],
    [expression('other', 'DoesNotExist'), true],
    [expression('app', 'DoesNotExist'), false],
    [expression('app', 'SomethingNew', 'cart'), false],
    [{ matchLabels: { app: 'cart' }, ...expression('tier', 'In', 'web') }, false],
  ];
  for (const [selector, expected] of cases)
    assert.equal(labelSelectorPicks(selector, pod), expected, JSON.stringify(selector));
});
