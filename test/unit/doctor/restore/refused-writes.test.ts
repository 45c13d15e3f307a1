import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { causeOfRefusal } from '../../../../src/doctor/restore/refusal.ts';
import { lackingPermissions, refusedWrites } from '../../../../src/doctor/restore/refused-writes.ts';
import { allSpelled, spelled } from '../../spelled.ts';
import { aPlan, aRehearsal, codes, DEPLOYMENT, planned, SERVICE, SUBJECT } from './rehearsals.ts';

/** As Kubernetes 1.34 words them. */
const POD_SECURITY =
  'pods "x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false';
const QUOTA =
  'pods "x" is forbidden: exceeded quota: tight, requested: pods=1, used: pods=1, limited: pods=1';
const RBAC =
  'deployments.apps "cart" is forbidden: User "u" cannot update resource "deployments" in API group "apps" in the namespace "cache"';
const WEBHOOK_DOWN =
  'Internal error occurred: failed calling webhook "w.example.org": failed to call webhook: Post "https://w": dial tcp: connection refused';

describe('a refusal is told by the words of the API server', () => {
  const REFUSALS: [number, string, ReturnType<typeof causeOfRefusal>][] = [
    [403, POD_SECURITY, 'pod-security'],
    [403, QUOTA, 'quota'],
    [403, 'pods "x" is forbidden: failed quota: q: must specify limits.cpu for: c', 'quota'],
    [403, RBAC, 'permission'],
    [403, 'roles "r" is forbidden: user "u" is attempting to grant RBAC permissions not held', 'permission'],
    [403, 'unable to create new content in namespace cache because it is being terminated', 'terminating'],
    [403, 'pods "x" is forbidden: maximum memory usage per Pod is 1Mi. No limit is specified', 'admission'],
    [403, 'pods "x" is forbidden: no PriorityClass with name high was found', 'admission'],
    [400, 'admission webhook "w.example.org" denied the request: no\nreally', 'admission'],
    [
      422,
      "services \"s\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
      'admission',
    ],
    [500, WEBHOOK_DOWN, 'webhook-down'],
    [404, 'the server could not find the requested resource', 'unserved'],
    [422, 'Service "s" is invalid: spec.ports[0].nodePort: provided port is already allocated', 'other'],
  ];
  for (const [status, message, cause] of REFUSALS) {
    test(`${cause}: ${message.slice(0, 60)}`, () => assert.equal(causeOfRefusal({ status, message }), cause));
  }
});

test('a webhook that is down is one failure, however many objects it refuses', () => {
  const refused = [DEPLOYMENT, SERVICE].map((ref) => ({ ref, status: 500, message: WEBHOOK_DOWN }));
  const [finding, ...others] = refusedWrites(aRehearsal({ refused }), SUBJECT);
  assert.deepEqual(others, []);
  assert.equal(finding?.code, 'MB421');
  assert.match(finding?.summary ?? '', /and 1 more$/);
  assert.equal(finding?.evidence.length, 2);
});

test('admission policies are looked at where one refused: a server before 1.30 has none, and shows nothing of what is asked for with them', () => {
  const look = (message: string) =>
    allSpelled(
      refusedWrites(aRehearsal({ refused: [{ ref: SERVICE, status: 422, message }] }), SUBJECT)[0]?.advice,
    );
  const others = [
    'kubectl describe limitrange -n cache',
    'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations',
  ];
  assert.deepEqual(look('admission webhook "w.example.org" denied the request: no'), others);
  assert.deepEqual(
    look("services \"s\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no"),
    ['kubectl get validatingadmissionpolicies', ...others],
  );
});

test('a quota is a failure for pods that are to come, and a warning beside those that run', () => {
  const refusedPods = [{ ref: DEPLOYMENT, status: 403, message: QUOTA }];
  const creating = aPlan({ objects: [planned(DEPLOYMENT, 'create')] });
  assert.deepEqual(codes(refusedWrites(aRehearsal({ refusedPods }), SUBJECT)), ['MB424']);
  assert.deepEqual(codes(refusedWrites(aRehearsal({ refusedPods, plan: creating }), SUBJECT)), ['MB423']);
});

test('what Pod Security refuses is mended by the next lower level', () => {
  const refusedPods = [{ ref: DEPLOYMENT, status: 403, message: POD_SECURITY }];
  const [finding] = refusedWrites(aRehearsal({ refusedPods }), SUBJECT);
  assert.equal(finding?.code, 'MB422');
  assert.deepEqual(allSpelled(finding?.advice), [
    'kubectl label namespace cache --overwrite pod-security.kubernetes.io/enforce=baseline',
  ]);
  assert.match(finding?.evidence[0]?.text ?? '', /^a pod of deployment\.apps\/cart: pods "x"/);
});

test('pods of a workload that is refused itself say nothing more', () => {
  const refused = [{ ref: DEPLOYMENT, status: 422, message: 'spec is invalid' }];
  const refusedPods = [{ ref: DEPLOYMENT, status: 422, message: 'spec is invalid' }];
  assert.deepEqual(codes(refusedWrites(aRehearsal({ refused, refusedPods }), SUBJECT)), ['MB414']);
});

test('what you may not do is one warning, and no refusal of the object', async () => {
  const rehearsal = aRehearsal({
    refused: [{ ref: DEPLOYMENT, status: 403, message: RBAC }],
    refusals: {
      ...aRehearsal().refusals,
      permissions: ['you lack a permission that it needs: create leases'],
    },
  });
  assert.deepEqual(refusedWrites(rehearsal, SUBJECT), []);
  const [finding, ...others] = await lackingPermissions(rehearsal, SUBJECT, async () => 'user:ann');
  assert.deepEqual(others, []);
  assert.equal(finding?.code, 'MB470');
  assert.equal(finding?.evidence.length, 2);
  assert.match(spelled(finding?.advice[0]), /^kubectl memcached-backup permissions restore cart -n cache /);
  assert.deepEqual(await lackingPermissions(aRehearsal(), SUBJECT, assert.fail), []);
});
