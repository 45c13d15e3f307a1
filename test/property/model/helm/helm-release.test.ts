import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeRevision, encodeRelease } from '../../../../src/model/helm/helm-release.ts';
import { isObject, type JsonObject, parseJson } from '../../../../src/model/json/json.ts';
import { jsonText } from '../../../support/json-text.ts';

const document = jsonText.map((text) => parseJson(text)).filter(isObject) as fc.Arbitrary<JsonObject>;

test('any release document comes back to the letter from either driver', () => {
  fc.assert(
    fc.property(document, fc.constantFrom('secret' as const, 'configmap' as const), (written, driver) => {
      const record = {
        kind: driver === 'secret' ? 'Secret' : 'ConfigMap',
        metadata: { name: 'r', labels: { version: '1' } },
        data: { release: encodeRelease(written, driver) },
      };
      const read = decodeRevision(record);
      assert.equal(read.driver, driver);
      assert.equal(JSON.stringify(read.document), JSON.stringify(written));
    }),
    { numRuns: 150 },
  );
});
