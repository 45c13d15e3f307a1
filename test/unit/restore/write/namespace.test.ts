import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiError } from '../../../../src/kube/api-error.ts';
import type { KubeClient } from '../../../../src/kube/client.ts';
import { PackedObject } from '../../../../src/kube/packed-object.ts';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import { removeNamespace } from '../../../../src/restore/write/namespace.ts';

/** By apiVersion: what discovery answers. */
const SERVED: Record<string, [kind: string, plural: string][]> = {
  v1: [
    ['Pod', 'pods'],
    ['ConfigMap', 'configmaps'],
    ['Secret', 'secrets'],
    ['ServiceAccount', 'serviceaccounts'],
    ['Event', 'events'],
  ],
  'apps/v1': [
    ['ReplicaSet', 'replicasets'],
    ['ControllerRevision', 'controllerrevisions'],
  ],
  'batch/v1': [['CronJob', 'cronjobs']],
  'coordination.k8s.io/v1': [['Lease', 'leases']],
  'metrics.k8s.io/v1beta1': [['PodMetrics', 'pods']],
  'cilium.io/v2': [['CiliumEndpoint', 'ciliumendpoints']],
};

function object(apiVersion: string, kind: string, name: string, metadata: JsonObject = {}): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace: 'shop', ...metadata } };
}

const owned = (apiVersion: string, kind: string, more: JsonObject = {}): JsonObject => ({
  ownerReferences: [{ apiVersion, kind, name: 'x', ...more }],
});

/** A namespace "shop" with uid n1, and whether it was deleted. */
function shop(objects: KubeObject[], { forbidden = [] as string[], down = [] as string[] } = {}) {
  const refuse = (status: number, resource: string): never => {
    throw new ApiError({ status, reason: '', message: 'no' }, { verb: 'list', group: '', resource });
  };
  const deleted: unknown[] = [];
  const kube: Partial<KubeClient> = {
    get: async () => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', uid: 'n1' } }),
    raw: async (path) => {
      const groups = Object.keys(SERVED).filter((version) => version.includes('/'));
      if (path === '/apis')
        return { groups: groups.map((groupVersion) => ({ versions: [{ groupVersion }] })) };
      const apiVersion = path.replace(/^\/apis?\//, '');
      if (down.includes(apiVersion)) refuse(503, path);
      const resources = SERVED[apiVersion]!.flatMap(([kind, name]) => [
        { kind, name, namespaced: true, verbs: ['get', 'list'] },
        { kind, name: `${name}/status`, namespaced: true, verbs: ['get'] },
      ]);
      const clusterWide = { kind: 'Node', name: 'nodes', namespaced: false, verbs: ['list'] };
      return { resources: [...resources, clusterWide] };
    },
    listAs: async (type, _options, keep) => {
      if (forbidden.includes(type.plural)) refuse(403, type.plural);
      return objects
        .filter(({ apiVersion, kind }) => apiVersion === type.apiVersion && kind === type.kind)
        .map((each) => keep(each, PackedObject.of(each)));
    },
    delete: async (ref, options) => deleted.push([ref.name, options]) > 0,
  };
  return { deleted, why: removeNamespace(kube as KubeClient, 'shop', 'n1', 'cart') };
}

describe('the namespace that a restore made', () => {
  test('is deleted with what every namespace holds, what goes with its owner, and what is ours', async () => {
    const replicaSet = owned('apps/v1', 'ReplicaSet', { controller: true });
    const { why, deleted } = shop([
      object('v1', 'ConfigMap', 'kube-root-ca.crt'),
      object('v1', 'ServiceAccount', 'default'),
      object('v1', 'Event', 'cart.1'),
      object('v1', 'Pod', 'cart-1', replicaSet),
      object('v1', 'Pod', 'going', { deletionTimestamp: '2026-11-22T10:15:01Z' }),
      object('cilium.io/v2', 'CiliumEndpoint', 'cart-1', owned('v1', 'Pod')),
      object('metrics.k8s.io/v1beta1', 'PodMetrics', 'cart-1'),
      object('coordination.k8s.io/v1', 'Lease', 'memcached-backup.cart'),
    ]);
    assert.equal(await why, 'deleted');
    assert.deepEqual(deleted, [['shop', { uid: 'n1' }]]);
  });

  const kept: [what: string, there: KubeObject, says: string][] = [
    ['a CronJob', object('batch/v1', 'CronJob', 'nightly'), 'cronjob.batch/nightly'],
    ['a bare pod', object('v1', 'Pod', 'by-hand'), 'pod/by-hand'],
    ['a ReplicaSet without an owner', object('apps/v1', 'ReplicaSet', 'x'), 'replicaset.apps/x'],
    ['a custom resource', object('cilium.io/v2', 'CiliumEndpoint', 'mine'), 'ciliumendpoint.cilium.io/mine'],
    [
      'what belongs to something outside of it',
      object('v1', 'ConfigMap', 'x', owned('example.org/v1', 'Tenant')),
      'configmap/x',
    ],
    [
      'the Lease of another restore',
      object('coordination.k8s.io/v1', 'Lease', 'memcached-backup.other'),
      'lease.coordination.k8s.io/memcached-backup.other',
    ],
    [
      'another release of Helm',
      {
        ...object('v1', 'Secret', 'sh.helm.release.v1.other.v1', {
          labels: { owner: 'helm', name: 'other', version: '1' },
        }),
        data: { release: '' },
      },
      'Helm release other',
    ],
  ];
  for (const [what, there, says] of kept) {
    test(`stays where it holds ${what}`, async () => {
      const { why, deleted } = shop([there]);
      assert.deepEqual(await why, { stays: `it holds ${says}` });
      assert.deepEqual(deleted, []);
    });
  }

  test('stays where a kind may not be listed, or an aggregated API is down', async () => {
    const { why, deleted } = shop([], { forbidden: ['cronjobs'], down: ['cilium.io/v2'] });
    assert.deepEqual(await why, {
      stays: 'it may hold what could not be listed: /apis/cilium.io/v2, cronjobs.batch',
    });
    assert.deepEqual(deleted, []);
  });

  test('goes although nobody measures its pods now', async () => {
    const { why, deleted } = shop([], { down: ['metrics.k8s.io/v1beta1'] });
    assert.equal(await why, 'deleted');
    assert.equal(deleted.length, 1);
  });

  test('names some of what it holds, however much that is', async () => {
    const many = Array.from({ length: 30 }, (_, index) => object('v1', 'ConfigMap', `c${index}`));
    const end = await shop(many).why;
    assert.match(
      typeof end === 'object' ? end.stays : end,
      /^it holds configmap\/c0, .*configmap\/c7 and 22 more$/,
    );
  });
});
