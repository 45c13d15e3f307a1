import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeExposure } from '../../../../src/doctor/cache/exposure.ts';
import { judgeAutoscalers, judgeReplicas } from '../../../../src/doctor/cache/topology.ts';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import { anAutoscaler, anObject, aService } from '../../../support/objects.ts';
import { aCachedPod, type Said } from './a-cached-pod.ts';

const labelled: JsonObject = { metadata: { labels: { app: 'cart' } } };

function codes(services: KubeObject[], policies: KubeObject[] | undefined, said: Said = {}): string[] {
  const pod = aCachedPod({ pod: labelled, settings: { inter: 'NULL', auth_enabled_ascii: 'no' }, ...said });
  return judgeExposure([pod], services, policies).map(({ code }) => code);
}

const policy = (spec: JsonObject): KubeObject =>
  anObject('networking.k8s.io/v1', 'NetworkPolicy', 'p').with({ spec: { podSelector: {}, ...spec } }).object;
const service = (spec: JsonObject): KubeObject => aService('cart').with({ spec }).object;
const NODE_PORT = service({ type: 'NodePort' });

describe('who may talk to memcached', () => {
  const cases: [name: string, found: string[], expected: string[]][] = [
    ['any pod', codes([service({})], []), ['MB651']],
    ['nobody knows', codes([NODE_PORT], undefined), []],
    ['anybody, by NodePort', codes([NODE_PORT], []), ['MB650']],
    ['anybody, by externalIPs', codes([service({ externalIPs: ['192.0.2.1'] })], []), ['MB650']],
    ['anybody, by a load balancer', codes([service({ type: 'LoadBalancer' })], []), ['MB650']],
    [
      'those whom a load balancer names',
      codes([service({ type: 'LoadBalancer', loadBalancerSourceRanges: ['192.0.2.0/24'] })], []),
      ['MB651'],
    ],
    [
      'anybody, of another port of the pod',
      codes([service({ type: 'NodePort', ports: [{ port: 9150, targetPort: 9150 }] })], []),
      ['MB651'],
    ],
    [
      'anybody, by the network of the node',
      codes([], [], { pod: { ...labelled, spec: { hostNetwork: true } } }),
      ['MB650'],
    ],
    ['whoever has a password', codes([NODE_PORT], [], { settings: { auth_enabled_ascii: '/users' } }), []],
    ['whoever is in the pod', codes([NODE_PORT], [], { settings: { inter: '127.0.0.1,::1' } }), []],
    ['nobody, by a policy', codes([NODE_PORT], [policy({ policyTypes: ['Ingress'] })]), []],
    [
      'pods that a policy names',
      codes([NODE_PORT], [policy({ ingress: [{ from: [{ podSelector: { matchLabels: { a: 'b' } } }] }] })]),
      [],
    ],
    ['anybody, by a policy for everybody', codes([NODE_PORT], [policy({ ingress: [{}] })]), ['MB650']],
    [
      'every namespace, by a policy',
      codes([NODE_PORT], [policy({ ingress: [{ from: [{ namespaceSelector: {} }] }] })]),
      ['MB651'],
    ],
    [
      'anybody, by an address block of all',
      codes([NODE_PORT], [policy({ ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }] })]),
      ['MB650'],
    ],
    [
      'nobody: the rule for everybody is about another port',
      codes([NODE_PORT], [policy({ ingress: [{ ports: [{ port: 9150 }] }] })]),
      [],
    ],
    [
      'anybody: a policy of other pods does not count',
      codes([NODE_PORT], [policy({ podSelector: { matchLabels: { app: 'other' } } })]),
      ['MB650'],
    ],
    [
      'anybody: a policy of what leaves the pods does not count',
      codes([NODE_PORT], [policy({ policyTypes: ['Egress'] })]),
      ['MB650'],
    ],
  ];
  for (const [name, found, expected] of cases) test(name, () => assert.deepEqual(found, expected));
});

test('several caches behind one address, unless the Service is headless or leads elsewhere', () => {
  const pod = aCachedPod({ pod: labelled });
  const found = (pods: number, spec: JsonObject, of = pod) =>
    judgeReplicas(Array(pods).fill(of), [service(spec)]).map(({ code }) => code);
  assert.deepEqual(found(2, {}), ['MB660']);
  assert.deepEqual(found(1, {}), []);
  assert.deepEqual(found(2, { clusterIP: 'None' }), []);
  assert.deepEqual(found(2, { ports: [{ name: 'metrics', port: 9150, targetPort: 9150 }] }), []);
  const one = { ...pod, workload: { ...pod.workload, spec: { replicas: 1 } } };
  assert.deepEqual(found(2, {}, one), [], 'one is on its way out');
});

test('an HPA on memory, of this workload', () => {
  const pod = aCachedPod();
  const on = (name: string, target = 'cart') =>
    judgeAutoscalers(
      [pod],
      [
        anAutoscaler('h', target).with({ spec: { metrics: [{ type: 'Resource', resource: { name } }] } })
          .object,
      ],
    ).map(({ code }) => code);
  assert.deepEqual(on('memory'), ['MB661']);
  assert.deepEqual(on('cpu'), []);
  assert.deepEqual(on('memory', 'other'), []);
});
