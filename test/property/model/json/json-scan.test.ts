import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lazyObject } from '../../../../src/model/helm/lazy-object.ts';
import { isObject, type Json, jsonEqual, parseJson } from '../../../../src/model/json/json.ts';
import { scanJson } from '../../../../src/model/json/json-scan.ts';
import { BeyondLimit, type JsonLimits } from '../../../../src/model/json/limits.ts';
import { jsonText } from '../../../support/json-text.ts';

const LIMITS: JsonLimits = { bytes: 1e6, values: 1e6, depth: 512, members: 1e6 };

test('of any JSON the count is the number of its values, and their depth', () => {
  fc.assert(
    fc.property(jsonText, (text) => {
      const value = parseJson(text);
      const { values, depth } = scanJson(Buffer.from(text), LIMITS);
      assert.deepEqual({ values, depth }, { values: countOf(value), depth: depthOf(value) });
    }),
    { numRuns: 500 },
  );
});

test('any JSON is read within limits that are just its own, and not within smaller ones', () => {
  fc.assert(
    fc.property(jsonText, (text) => {
      const bytes = Buffer.from(text);
      const { values, depth, members } = scanJson(bytes, LIMITS);
      const own = { bytes: bytes.length, values, depth, members: members?.size ?? 0 };
      assert.equal(scanJson(bytes, own).values, values);
      for (const [limit, size] of Object.entries(own)) {
        if (size > 0) assert.throws(() => scanJson(bytes, { ...own, [limit]: size - 1 }), BeyondLimit, limit);
      }
    }),
  );
});

test('any text is JSON exactly when JSON.parse takes it', () => {
  const mangled = fc
    .tuple(
      jsonText,
      fc.nat(),
      fc.nat(3),
      fc.constantFrom('', ...'{}[],:"\\ \t\n\u0001-+.0e9tu', '\\u00e9', 'é'),
    )
    .map(([text, at, length, inserted]) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + inserted + text.slice(start + length);
    });
  fc.assert(
    fc.property(fc.oneof(mangled, fc.string()), (text) => {
      // As bytes: half of a surrogate pair is another character there.
      const bytes = Buffer.from(text);
      assert.equal(
        succeeds(() => scanJson(bytes, LIMITS)),
        succeeds(() => JSON.parse(bytes.toString('utf8'))),
      );
    }),
    { numRuns: 2000 },
  );
});

test('an object whose members are parsed one by one is what JSON.parse makes of it', () => {
  fc.assert(
    fc.property(jsonText, (text) => {
      const value = parseJson(text);
      if (!isObject(value)) return;
      const bytes = Buffer.from(text);
      const lazy = lazyObject(bytes, scanJson(bytes, LIMITS).members!);
      assert.equal(JSON.stringify(lazy), text);
      assert.ok(jsonEqual(lazy, value));
    }),
  );
});

function childrenOf(value: Json): Json[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

function countOf(value: Json): number {
  return childrenOf(value).reduce((sum: number, child) => sum + countOf(child), 1);
}

function depthOf(value: Json): number {
  if (!Array.isArray(value) && !isObject(value)) return 0;
  return 1 + Math.max(0, ...childrenOf(value).map(depthOf));
}

function succeeds(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
