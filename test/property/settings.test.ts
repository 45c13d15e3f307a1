import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PodSettings } from '../../src/model/records/backup-format.ts';
import { compareSettings, settingsVerdict } from '../../src/model/settings/settings.ts';

const key = fc.oneof(fc.constantFrom('maxbytes', 'maxconns', 'verbosity', 'inter', '__proto__'), fc.string());
const stats = fc.dictionary(key, fc.string());

function pod(said: Record<string, string>, name = 'x-1'): PodSettings {
  return {
    name,
    workload: 'deployment.apps/x',
    current: true,
    container: 'memcached',
    image: 'memcached',
    command: [],
    args: [],
    env: [],
    ready: true,
    version: '1.6.39',
    stats: said,
  };
}

test('a pod never differs from itself', () => {
  fc.assert(
    fc.property(stats, (said) => {
      const { differences, changedLive } = compareSettings([pod(said)], pod(said));
      assert.deepEqual([differences, changedLive], [[], []]);
    }),
  );
});

test('every setting that is not equal is reported once, and no other', () => {
  fc.assert(
    fc.property(stats, stats, (before, now) => {
      const { differences, changedLive } = compareSettings([pod(before)], pod(now));
      const reported = [...differences, ...changedLive].map((difference) => difference.key).sort();
      const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
      const own = (map: Record<string, string>, name: string) =>
        Object.hasOwn(map, name) ? map[name] : undefined;
      assert.deepEqual(
        reported,
        keys.filter((name) => name !== 'oldest' && own(before, name) !== own(now, name)).sort(),
      );
    }),
  );
});

test("the verdict does not depend on the pods' order", () => {
  fc.assert(
    fc.property(fc.array(stats, { maxLength: 4 }), (saids) => {
      const pods = saids.map((said, i) => pod(said, `x-${i}`));
      assert.equal(settingsVerdict(pods).verdict, settingsVerdict(pods.toReversed()).verdict);
    }),
  );
});
