import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { selectorKeys } from '../../../../src/model/drill/harmless-annotations.ts';
import { DRILL_LABEL, type DrillTerms, harmless } from '../../../../src/model/drill/harmless-object.ts';
import { cloneJson, type JsonObject, objectAt } from '../../../../src/model/json/json.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';

const TERMS: DrillTerms = {
  id: '20261130T001330Z',
  namespace: 'shop',
  selectors: new Set(['tier.example.org/name']),
};

const inShop = (apiVersion: string, kind: string, rest: JsonObject = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'cart', namespace: 'shop' },
  ...rest,
});

const cache = (spec: JsonObject = {}, pod: JsonObject = {}, container: JsonObject = {}): KubeObject =>
  inShop('apps/v1', 'Deployment', {
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'cart' } },
      template: {
        metadata: { labels: { app: 'cart' } },
        spec: { containers: [{ name: 'memcached', image: 'memcached:1.6', ...container }], ...pod },
      },
      ...spec,
    },
  });

/** What is made of it, and what is said of that. */
function made(
  object: KubeObject,
  terms: Partial<DrillTerms> = {},
): { object: KubeObject; changes: string[] } {
  const before = cloneJson(object);
  const found = harmless(object, { ...TERMS, ...terms });
  assert.deepEqual(object, before, 'what it is given stays as it is');
  assert.ok('object' in found, `left: ${'left' in found ? found.left : ''}`);
  return found;
}

const left = (object: KubeObject): string | undefined => {
  const found = harmless(object, TERMS);
  return 'left' in found ? found.left : undefined;
};

describe('what a drill makes of an object', () => {
  test('everything that is made bears its id, pods too', () => {
    const { object } = made(cache());
    assert.equal(objectAt(object, 'metadata', 'labels')?.[DRILL_LABEL], TERMS.id);
    assert.equal(objectAt(object, 'spec', 'template', 'metadata', 'labels')?.[DRILL_LABEL], TERMS.id);
    assert.deepEqual(
      objectAt(object, 'spec', 'selector'),
      { matchLabels: { app: 'cart' } },
      'its selector stays',
    );
  });

  test('a Service asks for nothing outside its namespace', () => {
    const { object, changes } = made(
      inShop('v1', 'Service', {
        spec: {
          type: 'LoadBalancer',
          clusterIP: '10.0.0.7',
          clusterIPs: ['10.0.0.7'],
          loadBalancerIP: '192.0.2.10',
          loadBalancerClass: 'x',
          loadBalancerSourceRanges: ['10.0.0.0/8'],
          externalIPs: ['192.0.2.77'],
          externalTrafficPolicy: 'Local',
          healthCheckNodePort: 31000,
          allocateLoadBalancerNodePorts: true,
          selector: { app: 'cart' },
          ports: [{ port: 11211, nodePort: 31888 }],
        },
      }),
    );
    assert.deepEqual(object.spec, { type: 'ClusterIP', selector: { app: 'cart' }, ports: [{ port: 11211 }] });
    assert.deepEqual(changes, [
      'type ClusterIP instead of LoadBalancer',
      'without loadBalancerIP 192.0.2.10',
      'without loadBalancerClass x',
      'without externalIPs 192.0.2.77',
    ]);
  });

  test('a headless Service stays so, and nothing is said of what is as it was', () => {
    const spec = { clusterIP: 'None', selector: { app: 'cart' }, ports: [{ port: 11211 }] };
    const { object, changes } = made(inShop('v1', 'Service', { spec }));
    assert.deepEqual(object.spec, spec);
    assert.deepEqual(changes, []);
  });

  test('annotations and labels that a controller may act on are taken out, wherever they stand', () => {
    const metadata = {
      labels: {
        app: 'cart',
        'app.kubernetes.io/managed-by': 'Helm',
        'tier.example.org/name': 'x',
        'argocd.argoproj.io/instance': 'shop',
      },
      annotations: {
        'meta.helm.sh/release-name': 'cart',
        'checksum/config': 'abc',
        'external-dns.alpha.kubernetes.io/hostname': 'cache.example.com',
        'prometheus.io/scrape': 'true',
        'sidecar.istio.io/inject': 'true',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
      },
    };
    const workload = cache();
    Object.assign(workload.metadata as JsonObject, cloneJson(metadata));
    Object.assign(objectAt(workload, 'spec', 'template')!, { metadata: cloneJson(metadata) });
    const { object, changes } = made(workload);
    for (const place of [object, objectAt(object, 'spec', 'template')!]) {
      assert.deepEqual(Object.keys(objectAt(place, 'metadata', 'annotations') ?? {}), [
        'meta.helm.sh/release-name',
        'checksum/config',
      ]);
      assert.deepEqual(Object.keys(objectAt(place, 'metadata', 'labels') ?? {}), [
        'app',
        'app.kubernetes.io/managed-by',
        'tier.example.org/name',
        DRILL_LABEL,
      ]);
    }
    assert.deepEqual(
      new Set(changes),
      new Set([
        'without annotation external-dns.alpha.kubernetes.io/hostname',
        'without annotation prometheus.io/scrape',
        'without annotation sidecar.istio.io/inject',
        'without label argocd.argoproj.io/instance',
      ]),
    );
  });

  test('pods take nothing of their node, push nobody away, and hold no data of the original', () => {
    const { object, changes } = made(
      cache(
        {},
        {
          hostNetwork: true,
          hostPID: false,
          nodeName: 'node-1',
          priorityClassName: 'critical',
          priority: 1000,
          preemptionPolicy: 'PreemptLowerPriority',
          volumes: [
            { name: 'disk', hostPath: { path: '/var/cache' } },
            { name: 'claim', persistentVolumeClaim: { claimName: 'cart' } },
            { name: 'conf', configMap: { name: 'cart' } },
          ],
        },
        { ports: [{ containerPort: 11211, hostPort: 11211, hostIP: '10.0.0.1' }] },
      ),
    );
    const pod = objectAt(object, 'spec', 'template', 'spec')!;
    assert.deepEqual(pod, {
      containers: [{ name: 'memcached', image: 'memcached:1.6', ports: [{ containerPort: 11211 }] }],
      volumes: [
        { name: 'disk', emptyDir: {} },
        { name: 'claim', emptyDir: {} },
        { name: 'conf', configMap: { name: 'cart' } },
      ],
    });
    assert.deepEqual(changes, [
      'without hostNetwork',
      'without nodeName',
      'without priorityClassName critical',
      'without hostPort 11211',
      'an empty directory instead of the hostPath of volume disk',
      'an empty directory instead of the persistentVolumeClaim of volume claim',
    ]);
  });

  test("a StatefulSet's claims become empty directories", () => {
    const workload = {
      ...cache({ volumeClaimTemplates: [{ metadata: { name: 'data' } }] }),
      kind: 'StatefulSet',
    };
    const { object, changes } = made(workload);
    assert.equal(objectAt(object, 'spec')?.volumeClaimTemplates, undefined);
    assert.deepEqual(objectAt(object, 'spec', 'template', 'spec')?.volumes, [{ name: 'data', emptyDir: {} }]);
    assert.deepEqual(changes, ['an empty directory for each pod instead of its claim data']);
  });

  test('pods are as many as the drill says, and a DaemonSet one a node', () => {
    assert.deepEqual(made(cache(), { replicas: 1 }).changes, ['replicas 1 instead of 3']);
    assert.deepEqual(made(cache(), { replicas: 3 }).changes, []);
    assert.deepEqual(made({ ...cache(), kind: 'DaemonSet' }, { replicas: 1 }).changes, []);
  });

  test('a RoleBinding gives rights to the own accounts alone', () => {
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'cart' };
    const own = { kind: 'ServiceAccount', name: 'cart', namespace: 'shop' };
    const strangers = [
      { kind: 'ServiceAccount', name: 'ci', namespace: 'ci' },
      { kind: 'Group', name: 'devs', apiGroup: 'rbac.authorization.k8s.io' },
    ];
    const binding = inShop('rbac.authorization.k8s.io/v1', 'RoleBinding', {
      roleRef,
      subjects: [own, ...strangers],
    });
    const { object, changes } = made(binding);
    assert.deepEqual(object.subjects, [own]);
    assert.deepEqual(changes, ['without its ServiceAccount ci', 'without its Group devs']);
    assert.match(left({ ...binding, subjects: strangers }) ?? '', /rights to others/);
  });

  test('what acts outside the namespace, or on it, is left out', () => {
    for (const [apiVersion, kind] of [
      ['networking.k8s.io/v1', 'Ingress'],
      ['networking.k8s.io/v1', 'NetworkPolicy'],
      ['policy/v1', 'PodDisruptionBudget'],
      ['autoscaling/v2', 'HorizontalPodAutoscaler'],
      ['batch/v1', 'CronJob'],
      ['v1', 'PersistentVolumeClaim'],
      ['v1', 'ResourceQuota'],
      ['gateway.networking.k8s.io/v1', 'HTTPRoute'],
      ['monitoring.coreos.com/v1', 'ServiceMonitor'],
      ['external-secrets.io/v1', 'ExternalSecret'],
      ['example.org/v1', 'Service'],
    ] as const) {
      assert.match(left(inShop(apiVersion, kind)) ?? 'made', /^not made: /, `${apiVersion} ${kind}`);
    }
    assert.match(
      left(inShop('v1', 'Service', { spec: { type: 'ExternalName', externalName: 'x' } })) ?? '',
      /outside/,
    );
    const other = cache();
    objectAt(other, 'spec', 'template', 'spec')!.containers = [{ name: 'web', image: 'nginx' }];
    assert.match(left(other) ?? '', /does not run memcached/);
  });

  test('labels that something is chosen by are found in selectors of every form', () => {
    const keys = selectorKeys({
      spec: {
        selector: { a: '1', matchLabels: { b: '2' }, matchExpressions: [{ key: 'c', operator: 'Exists' }] },
        template: {
          spec: { affinity: { podAntiAffinity: { x: [{ labelSelector: { matchLabels: { d: '3' } } }] } } },
        },
      },
    });
    assert.deepEqual(new Set(keys), new Set(['a', 'b', 'c', 'd']));
  });
});
