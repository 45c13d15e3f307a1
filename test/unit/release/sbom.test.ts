import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reproducible } from '../../../scripts/release/sbom.ts';

interface Bom {
  serialNumber: string;
  metadata: { component: { name: string; version: string } };
  components: { name: string }[];
}

function npmWrites(folder: string, time: string, component = 'ajv'): string {
  return JSON.stringify({
    bomFormat: 'CycloneDX',
    serialNumber: `urn:uuid:${crypto.randomUUID()}`,
    metadata: {
      timestamp: time,
      tools: [{ vendor: 'npm', name: 'cli', version: time }],
      component: { name: folder, version: '0.1.0' },
    },
    components: [{ name: component }],
  });
}

test('two runs, in folders of other names, give the same text, which says what npm said', () => {
  const text = reproducible(npmWrites('checkout', '2026-11-30T08:00:00Z'));
  assert.equal(text, reproducible(npmWrites('elsewhere', '2026-12-01T09:00:00Z')));
  const bom = JSON.parse(text) as Bom;
  assert.deepEqual(bom.metadata, { component: { name: 'memcached-backup', version: '0.1.0' } });
  assert.deepEqual(bom.components, [{ name: 'ajv' }]);
});

test('the serial number is a UUID, and another one of another content', () => {
  const of = (component: string): string =>
    (JSON.parse(reproducible(npmWrites('a', 'now', component))) as Bom).serialNumber;
  assert.match(of('ajv'), /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(of('ajv'), of('yaml'));
});
