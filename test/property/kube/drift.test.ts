import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { driftOf } from '../../../src/kube/drift.ts';
import { clean } from '../../../src/model/forms/clean.ts';
import { parseYamlStream, toYaml } from '../../../src/model/json/yaml.ts';
import type { KubeObject } from '../../../src/model/kubernetes/object.ts';
import { rawObject } from '../../support/raw-objects.ts';

test('an object has not drifted from its own clean manifest, read back from YAML', () => {
  fc.assert(
    fc.property(rawObject(), (raw) => {
      const [manifest] = parseYamlStream(toYaml(clean(raw).object));
      assert.deepEqual(driftOf(manifest as KubeObject, raw), []);
    }),
    { numRuns: 150 },
  );
});

test('every value that was changed by hand is drift', () => {
  const change = fc.constantFrom('image', 'args', 'replicas', 'label', 'removed');
  fc.assert(
    fc.property(
      rawObject(fc.constant('x')).filter(({ kind }) => kind === 'Deployment'),
      change,
      (raw, what) => {
        const live = JSON.parse(JSON.stringify(raw));
        const container = live.spec.template.spec.containers[0];
        if (what === 'image') container.image = 'memcached:1.5';
        if (what === 'args') container.args[1] = '32';
        if (what === 'replicas') live.spec.replicas = 9;
        if (what === 'label') live.spec.template.metadata.labels.app = 'other';
        if (what === 'removed') delete container.ports;
        assert.equal(driftOf(clean(raw).object, live).length, 1);
      },
    ),
    { numRuns: 30 },
  );
});
