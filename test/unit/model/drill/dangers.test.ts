import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dangersBeside } from '../../../../src/model/drill/dangers.ts';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';

const named = (
  apiVersion: string,
  kind: string,
  spec: JsonObject,
  annotations: JsonObject = {},
): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'cart', namespace: 'shop', annotations },
  spec,
});

test('what a copy does beside the original is said, a sentence for each kind of harm', () => {
  const told = dangersBeside([
    named(
      'v1',
      'Service',
      { type: 'LoadBalancer', loadBalancerIP: '192.0.2.10', externalIPs: ['192.0.2.77'] },
      {
        'external-dns.alpha.kubernetes.io/hostname': 'cache.example.com',
        'service.beta.kubernetes.io/x': 'y',
      },
    ),
    named('networking.k8s.io/v1', 'Ingress', { rules: [{ host: 'cache.example.com' }] }),
    named('gateway.networking.k8s.io/v1', 'HTTPRoute', { hostnames: ['cart.example.com'] }),
    named('monitoring.coreos.com/v1', 'ServiceMonitor', {}),
    named('policy/v1', 'PodDisruptionBudget', {}),
    named('autoscaling/v2', 'HorizontalPodAutoscaler', {}),
    named('batch/v1', 'CronJob', {}),
    named('apps/v1', 'DaemonSet', {
      template: {
        spec: {
          hostNetwork: true,
          priorityClassName: 'critical',
          containers: [{ ports: [{ containerPort: 11211, hostPort: 11211 }] }],
        },
      },
    }),
  ]);
  assert.deepEqual(told, [
    "service/cart (loadBalancerIP 192.0.2.10): the cloud gives the copy a load balancer of its own, or the original's address",
    'service/cart (externalIPs 192.0.2.77): the copy takes requests that are meant for the original',
    "service/cart (cache.example.com): external-dns points the original's name at the copy",
    'service/cart (service.beta.kubernetes.io/x): a controller outside the namespace acts on that for the copy, too',
    "ingress.networking.k8s.io/cart (cache.example.com), httproute.gateway.networking.k8s.io/cart (cart.example.com): the copy answers for the original's host",
    'servicemonitor.monitoring.coreos.com/cart: Prometheus counts the copy in dashboards and alerts, too',
    'poddisruptionbudget.policy/cart: whoever drains a node waits for the copy, too',
    'horizontalpodautoscaler.autoscaling/cart: the copy is scaled as well, and takes the room for it',
    'cronjob.batch/cart: it runs for the copy as well',
    'daemonset.apps/cart (hostPort 11211): on a node where the original runs the pods of the copy find the port taken, and stay Pending',
    "daemonset.apps/cart: the copy's pods are in the network of their node, as the original's are",
    'daemonset.apps/cart (critical): its priority lets the copy push other pods off a node',
  ]);
});

test('of what can do no harm nothing is said', () => {
  const pod = { spec: { containers: [{ ports: [{ containerPort: 11211 }] }] } };
  assert.deepEqual(
    dangersBeside([
      named('v1', 'Service', { type: 'ClusterIP' }, { 'meta.helm.sh/release-name': 'cart' }),
      named('apps/v1', 'Deployment', { template: pod }),
      named('v1', 'ConfigMap', {}),
    ]),
    [],
  );
});
