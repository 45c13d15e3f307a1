import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayName, type KubeObject, refOf } from '../../../../src/model/kubernetes/object.ts';
import { whyNeverThere, whyNeverWritten } from '../../../../src/model/release/writable-object.ts';
import { aRecord } from '../../../support/helm-records.ts';
import { aConfigMap, anObject, aSecret, aServiceAccount, NAMESPACE } from '../../../support/objects.ts';

/** apiVersion/Kind of what charts of memcached hold: bitnami's, and what people add to their own. */
const WRITABLE = [
  'v1/ConfigMap',
  'v1/Secret',
  'v1/Service',
  'v1/ServiceAccount',
  'v1/PersistentVolumeClaim',
  'apps/v1/Deployment',
  'apps/v1/StatefulSet',
  'apps/v1/DaemonSet',
  'autoscaling/v2/HorizontalPodAutoscaler',
  'batch/v1/CronJob',
  'networking.k8s.io/v1/Ingress',
  'networking.k8s.io/v1/NetworkPolicy',
  'policy/v1/PodDisruptionBudget',
  'rbac.authorization.k8s.io/v1/Role',
  'rbac.authorization.k8s.io/v1/RoleBinding',
  'autoscaling.k8s.io/v1/VerticalPodAutoscaler',
  'bitnami.com/v1alpha1/SealedSecret',
  'cert-manager.io/v1/Certificate',
  'cilium.io/v2/CiliumNetworkPolicy',
  'external-secrets.io/v1/ExternalSecret',
  'gateway.networking.k8s.io/v1/TCPRoute',
  'keda.sh/v1alpha1/ScaledObject',
  'monitoring.coreos.com/v1/PodMonitor',
  'monitoring.coreos.com/v1/PrometheusRule',
  'monitoring.coreos.com/v1/ServiceMonitor',
  'argoproj.io/v1alpha1/Rollout',
  'e2e.example.org/v1/Exact',
];

const NEVER = [
  'v1/Pod',
  'v1/Endpoints',
  'v1/Event',
  'v1/PodTemplate',
  'v1/ReplicationController',
  'v1/Binding',
  'v1/List',
  'apps/v1/ReplicaSet',
  'apps/v1/ControllerRevision',
  'batch/v1/Job',
  'coordination.k8s.io/v1/Lease',
  'discovery.k8s.io/v1/EndpointSlice',
  'events.k8s.io/v1/Event',
  'authorization.k8s.io/v1/LocalSubjectAccessReview',
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding',
  'resource.k8s.io/v1/ResourceClaim',
  'batch.volcano.sh/v1alpha1/Job',
  'cilium.io/v2/CiliumEndpoint',
  'argoproj.io/v1alpha1/Application',
  'argoproj.io/v1alpha1/Workflow',
  'helm.cattle.io/v1/HelmChart',
  'helm.toolkit.fluxcd.io/v2/HelmRelease',
  'kustomize.toolkit.fluxcd.io/v1/Kustomization',
  'operators.coreos.com/v1alpha1/Subscription',
  'tekton.dev/v1/PipelineRun',
  'velero.io/v1/Restore',
];

function kind(text: string, namespace?: string): KubeObject {
  const at = text.lastIndexOf('/');
  return anObject(text.slice(0, at), text.slice(at + 1), 'x', namespace).object;
}

test('what charts of memcached hold may be written', () => {
  for (const text of WRITABLE) assert.equal(whyNeverWritten(kind(text), NAMESPACE), undefined, text);
});

test('what runs once, belongs to a controller, or has others apply what it says, is never written', () => {
  for (const text of NEVER) assert.match(whyNeverWritten(kind(text), NAMESPACE) ?? '', /^a restore /, text);
});

test('a kind is judged by its group: a custom resource may bear the name of one of Kubernetes', () => {
  assert.equal(whyNeverWritten(kind('a.example.org/v1/ClusterRoleBinding'), NAMESPACE), undefined);
  assert.match(whyNeverWritten(kind('policy/v1/Role'), NAMESPACE) ?? '', /writes no Role/);
  assert.match(whyNeverWritten(kind('constructor/v1/Role'), NAMESPACE) ?? '', /writes no Role/);
});

test('nothing outside the namespace is written, and nothing without one', () => {
  for (const text of [...WRITABLE, ...NEVER]) {
    assert.equal(whyNeverWritten(kind(text, 'other'), NAMESPACE), 'in namespace other');
    const { namespace: _, ...ref } = refOf(kind(text));
    assert.equal(whyNeverThere(ref, NAMESPACE), 'cluster-wide');
  }
});

test('of Secrets, ConfigMaps and ServiceAccounts some are the cluster’s, or Helm’s', () => {
  const cases: [KubeObject, string | undefined][] = [
    [aSecret('x', {}).object, undefined],
    [aSecret('x', {}, 'kubernetes.io/tls').object, undefined],
    [aSecret('x', {}, 'kubernetes.io/service-account-token').object, 'a ServiceAccount token'],
    [aSecret('x', {}, 'bootstrap.kubernetes.io/token').object, 'a bootstrap token'],
    [aSecret('x', {}, 'helm.sh/release.v1').object, "a record of Helm's"],
    [aSecret('sh.helm.release.v1.other.v1', {}).object, "a record of Helm's"],
    [aRecord(1, 'deployed', { driver: 'configmap' }), "a record of Helm's"],
    [aConfigMap('kube-root-ca.crt').object, 'made by the cluster'],
    [aServiceAccount('default').object, 'made by the cluster'],
    [anObject('a.example.org/v1', 'ServiceAccount', 'default').object, undefined],
  ];
  for (const [object, why] of cases)
    assert.equal(whyNeverWritten(object, NAMESPACE), why, displayName(refOf(object)));
});

test('a name that no cluster gives is no name', () => {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: NAMESPACE, name: 'x' };
  assert.equal(whyNeverThere({ ...ref, name: 'system:x' }, NAMESPACE), undefined);
  for (const odd of [
    { name: '' },
    { name: '..' },
    { name: 'x/../../secrets/y' },
    { name: 'x%2f' },
    { name: 'x\ny' },
    { kind: 'ConfigMap/x' },
    { kind: '' },
    { apiVersion: 'v1/../x' },
    { apiVersion: '' },
  ]) {
    assert.match(whyNeverThere({ ...ref, ...odd }, NAMESPACE) ?? '', /none that the cluster gives/);
  }
});
