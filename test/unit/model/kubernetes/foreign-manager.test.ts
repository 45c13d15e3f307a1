import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { foreignManager } from '../../../../src/model/kubernetes/foreign-manager.ts';
import { spelled } from '../../spelled.ts';

const objectWith = (metadata: JsonObject) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'cart', ...metadata },
});
const CONTROLLER = [{ kind: 'Memcached', name: 'cart', uid: 'u', controller: true }];

describe('who else manages an object', () => {
  const known: [string, JsonObject, string, string][] = [
    [
      'Argo CD by its tracking annotation',
      { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/cart' } },
      'Argo CD application "shop"',
      'argocd app set shop --sync-policy none',
    ],
    [
      'Argo CD by its label',
      { labels: { 'argocd.argoproj.io/instance': 'shop' } },
      'Argo CD application "shop"',
      'argocd app set shop --sync-policy none',
    ],
    [
      'a Flux Kustomization',
      {
        labels: {
          'kustomize.toolkit.fluxcd.io/name': 'apps',
          'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
        },
      },
      'Flux Kustomization "apps"',
      'flux suspend kustomization apps -n flux-system',
    ],
    [
      'a Flux HelmRelease',
      { labels: { 'helm.toolkit.fluxcd.io/name': 'cart' } },
      'Flux HelmRelease "cart"',
      'flux suspend helmrelease cart',
    ],
    [
      'an operator',
      { labels: { 'app.kubernetes.io/managed-by': 'cache-operator' }, ownerReferences: CONTROLLER },
      'operator "cache-operator" (memcached/cart)',
      'stop the operator, or change memcached/cart instead',
    ],
  ];
  for (const [what, metadata, name, suspend] of known) {
    test(`is ${what}`, () => {
      const found = foreignManager(objectWith(metadata));
      assert.deepEqual([found?.name, spelled(found?.suspend)], [name, suspend]);
    });
  }

  test('a name that a shell would run is quoted', () => {
    const labels = { 'argocd.argoproj.io/instance': '$(reboot)' };
    const found = foreignManager(objectWith({ labels }));
    assert.equal(spelled(found?.suspend), "argocd app set '$(reboot)' --sync-policy none");
  });

  const nobody: [string, JsonObject][] = [
    ['Helm', { labels: { 'app.kubernetes.io/managed-by': 'Helm' }, ownerReferences: CONTROLLER }],
    ['a label alone', { labels: { 'app.kubernetes.io/managed-by': 'cache-operator' } }],
    ['an owner that is no controller', { ownerReferences: [{ kind: 'X', name: 'x', uid: 'u' }] }],
    ["the instance label that is Helm's too", { labels: { 'app.kubernetes.io/instance': 'cart' } }],
  ];
  for (const [what, metadata] of nobody) {
    test(`is nobody for ${what}`, () => assert.equal(foreignManager(objectWith(metadata)), undefined));
  }
});
