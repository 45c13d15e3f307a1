import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dangersBeside } from '../../../../src/model/drill/dangers.ts';
import { DRILL_KINDS, DRILL_LABEL, harmless } from '../../../../src/model/drill/harmless-object.ts';
import { cloneJson, isObject, type Json, type JsonObject } from '../../../../src/model/json/json.ts';
import { rawObject } from '../../../support/raw-objects.ts';

const TERMS = { id: '20261130T001330Z', namespace: 'shop', selectors: new Set(['app']) };

/** Fields that reach beyond a namespace, wherever they stand in an object of a kind that is made. */
const OUTSIDE = new Set([
  'loadBalancerIP',
  'loadBalancerClass',
  'externalIPs',
  'externalName',
  'nodePort',
  'healthCheckNodePort',
  'hostPort',
  'hostIP',
  'hostNetwork',
  'hostPID',
  'hostIPC',
  'hostPath',
  'nodeName',
  'priorityClassName',
  'priority',
  'preemptionPolicy',
  'persistentVolumeClaim',
  'volumeClaimTemplates',
]);

const keys = fc.constantFrom(
  'external-dns.alpha.kubernetes.io/hostname',
  'argocd.argoproj.io/tracking-id',
  'service.beta.kubernetes.io/aws-load-balancer-type',
  'prometheus.io/scrape',
  'meta.helm.sh/release-name',
  'checksum/config',
  'app',
  'note',
);
const words = fc.dictionary(keys, fc.constantFrom('x', 'cache.example.com'), { maxKeys: 5 });
const servicePort = fc.record(
  { port: fc.constant(11211), nodePort: fc.nat(40_000) },
  { requiredKeys: ['port'] },
);
const containerPort = fc.record(
  { containerPort: fc.constant(11211), hostPort: fc.nat(40_000), hostIP: fc.constant('10.0.0.1') },
  { requiredKeys: ['containerPort'] },
);
const volume = fc.oneof(
  fc.constant({ name: 'disk', hostPath: { path: '/x' } }),
  fc.constant({ name: 'claim', persistentVolumeClaim: { claimName: 'x' } }),
  fc.constant({ name: 'conf', configMap: { name: 'x' } }),
  fc.constant({ name: 'tmp', emptyDir: {} }),
);
const podSpec = fc.record(
  {
    containers: fc.array(
      fc.record({
        name: fc.constant('memcached'),
        image: fc.constantFrom('memcached:1.6', 'nginx'),
        ports: fc.array(containerPort),
      }),
      { minLength: 1, maxLength: 2 },
    ),
    volumes: fc.array(volume),
    hostNetwork: fc.boolean(),
    nodeName: fc.constant('n'),
    priorityClassName: fc.constantFrom('', 'critical'),
    priority: fc.nat(9),
    serviceAccountName: fc.constant('cart'),
  },
  { requiredKeys: ['containers'] },
);
const serviceSpec = fc.record(
  {
    type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'),
    clusterIP: fc.constantFrom('None', '10.0.0.7', ''),
    loadBalancerIP: fc.constantFrom('', '192.0.2.10'),
    externalIPs: fc.array(fc.constant('192.0.2.7')),
    externalName: fc.constant('x.example.com'),
    healthCheckNodePort: fc.nat(9),
    ports: fc.array(servicePort),
    selector: fc.constant({ app: 'cart' }),
  },
  { requiredKeys: ['ports'] },
);
const object = (apiVersion: string, kind: string, spec: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> =>
  fc.record({ spec, labels: words, annotations: words }).map(({ spec: made, labels, annotations }) => ({
    apiVersion,
    kind,
    metadata: { name: 'cart', namespace: 'shop', labels, annotations },
    spec: made,
  }));
const workload = (kind: string) =>
  object(
    'apps/v1',
    kind,
    fc
      .record({ spec: podSpec, annotations: words, claims: fc.boolean() })
      .map(({ spec, annotations, claims }) => ({
        replicas: 3,
        selector: { matchLabels: { app: 'cart' } },
        template: { metadata: { labels: { app: 'cart' }, annotations }, spec: spec as Json },
        ...(claims && kind === 'StatefulSet'
          ? { volumeClaimTemplates: [{ metadata: { name: 'data' } }] }
          : {}),
      })),
  );
const any = fc.oneof(
  object('v1', 'Service', serviceSpec as fc.Arbitrary<Json>),
  workload('Deployment'),
  workload('StatefulSet'),
  rawObject(),
);

function fieldsIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(fieldsIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([field, item]) => [field, ...fieldsIn(item)]);
}

test('whatever an object is, what a drill makes of it reaches nothing outside, and says what it changed', () => {
  const kinds = new Set<string>(DRILL_KINDS.map(([, kind]) => kind));
  fc.assert(
    fc.property(any.map(cloneJson), (raw) => {
      const before = cloneJson(raw);
      const found = harmless(raw, TERMS);
      assert.deepEqual(raw, before, 'what it is given stays as it is');
      if ('left' in found) return assert.match(found.left, /^not made: /);
      const { object: made, changes } = found;
      assert.ok(kinds.has(String(made.kind)));
      if (made.kind === 'ConfigMap' || made.kind === 'Secret') return;
      assert.deepEqual(
        fieldsIn(made).filter((field) => OUTSIDE.has(field)),
        [],
      );
      assert.deepEqual(dangersBeside([made]), []);
      const again = harmless(made, { ...TERMS, selectors: new Set(['app', DRILL_LABEL]) });
      assert.deepEqual(again, { object: made, changes: [] }, 'there is nothing left to change');
      const isDangerous = dangersBeside([raw]).length > 0;
      assert.ok(!isDangerous || changes.length > 0, 'a danger that goes is named');
      assert.equal((made.metadata as JsonObject & { labels: JsonObject }).labels[DRILL_LABEL], TERMS.id);
    }),
    { numRuns: 400 },
  );
});
