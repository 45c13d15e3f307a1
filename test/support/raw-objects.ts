import fc from 'fast-check';
import { type Json, type JsonObject, parseJson } from '../../src/model/json/json.ts';
import type { KubeObject } from '../../src/model/kubernetes/object.ts';
import { jsonText } from './json-text.ts';
import {
  aClaim,
  aConfigMap,
  aContainer,
  aDeployment,
  anAutoscaler,
  anObject,
  aSecret,
  aService,
  aServiceAccount,
  controlledBy,
  type Fixture,
} from './objects.ts';

const anyJson: fc.Arbitrary<Json> = jsonText.map(parseJson);
const present = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

/** Objects as a server may send them: some system fields there, some not, unknown fields and odd values included. */
export function rawObject(
  names: fc.Arbitrary<string> = fc.constantFrom('x', 'y', 'z'),
): fc.Arbitrary<KubeObject> {
  return fc
    .record({
      base: fc.oneof(
        names.map((name) => aDeployment(name)),
        names.chain((name) => service(name)),
        names.map((name) => aConfigMap(name)),
        names.map((name) => aServiceAccount(name)),
        names.map((name) => aClaim(name)),
        names.map((name) => aJob(name)),
        names.map((name) => anAutoscaler(`${name}-hpa`, name)),
        names.map((name) => aWorkloadWithVolumes('StatefulSet', name)),
        names.map((name) => aWorkloadWithVolumes('DaemonSet', name)),
        names.map((name) => aSecret(name, { password: 'p"w' })),
        names.map((name) => aPolicyForEverybody(name)),
        names.map((name) => aBudget(name)),
        names.map((name) => aRole(name)),
        names.map((name) => aRoleBinding(name)),
        names.map((name) => aCronJob(name)),
        names.map((name) => anObject('example.com/v1', 'Cache', name).with({ spec: ODD_NUMBERS })),
      ),
      served: fc.boolean(),
      annotations: present(annotations),
      finalizers: present(finalizers),
      owners: present(fc.constant<Json[]>([AN_OWNER])),
      labels: present(fc.dictionary(fc.constantFrom('app', 'team'), fc.string({ maxLength: 3 }))),
      status: present(anyJson),
      extra: present(fc.tuple(fc.constantFrom('spec', 'data', 'extension'), anyJson)),
      owner: fc.constantFrom('helm', 'kubectl-client-side-apply', undefined),
    })
    .map(({ base, served, annotations, finalizers, owners, labels, status, extra, owner }) => {
      let fixture = served ? base.served() : base;
      const metadata: JsonObject = {};
      if (annotations !== undefined) metadata.annotations = annotations;
      if (finalizers !== undefined) metadata.finalizers = finalizers;
      if (owners !== undefined) metadata.ownerReferences = owners;
      if (labels !== undefined) metadata.labels = labels;
      fixture = fixture.with({ metadata });
      if (status !== undefined) fixture = fixture.with({ status });
      // A Secret's data are strings, whatever else the server lets through.
      const isRefused = base.object.kind === 'Secret' && extra?.[0] === 'data';
      if (extra !== undefined && !isRefused)
        fixture = fixture.with({ [extra[0]]: { unknownField: extra[1] } });
      return (owner === undefined ? fixture : fixture.ownedBy(owner, ownedFields(fixture))).object;
    });
}

const annotations = fc.dictionary(
  fc.constantFrom(
    'note',
    'deployment.kubernetes.io/revision',
    'kubectl.kubernetes.io/last-applied-configuration',
    'pv.kubernetes.io/bind-completed',
    '__proto__',
  ),
  fc.constantFrom('1', '{}', ''),
);
const finalizers = fc.subarray([
  'kubernetes.io/pvc-protection',
  'example.com/own',
  'foregroundDeletion',
  'orphan',
]);

/** Whose end is the object's end too; a controller's objects are never part of a release. */
const AN_OWNER: JsonObject = {
  ...controlledBy(aDeployment('owner').served().object),
  controller: false,
};

/** Numbers whose text JavaScript would change. */
const ODD_NUMBERS = parseJson(
  '{"ratio":1.0,"limit":1152921504606846977,"zero":-0,"tiny":1e-7}',
) as JsonObject;

/** With an empty map that means something, and what the API server adds to templates. */
function aWorkloadWithVolumes(kind: 'StatefulSet' | 'DaemonSet', name: string): Fixture {
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', creationTimestamp: null },
    spec: { accessModes: ['ReadWriteOnce'] },
    status: { phase: 'Pending' },
  };
  return anObject('apps/v1', kind, name).with({
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name }, creationTimestamp: null },
        spec: { containers: [aContainer()], securityContext: {}, volumes: [{ name: 'tmp', emptyDir: {} }] },
      },
      ...(kind === 'StatefulSet' ? { serviceName: name, volumeClaimTemplates: [claim] } : {}),
    },
  });
}

/** Without its empty selector it would be another policy. */
function aPolicyForEverybody(name: string): Fixture {
  const spec = { podSelector: {}, ingress: [{}], egress: [], policyTypes: ['Ingress'] };
  return anObject('networking.k8s.io/v1', 'NetworkPolicy', name).with({ spec });
}

function aBudget(name: string): Fixture {
  return anObject('policy/v1', 'PodDisruptionBudget', name).with({
    spec: { maxUnavailable: 1, selector: {} },
    status: { disruptionsAllowed: 1 },
  });
}

function aRole(name: string): Fixture {
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
  return anObject('rbac.authorization.k8s.io/v1', 'Role', name).with({ rules });
}

function aRoleBinding(name: string): Fixture {
  return anObject('rbac.authorization.k8s.io/v1', 'RoleBinding', name).with({
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [],
  });
}

function aCronJob(name: string): Fixture {
  const metadata = { creationTimestamp: null };
  const template = { metadata, spec: { containers: [aContainer()], restartPolicy: 'Never' } };
  return anObject('batch/v1', 'CronJob', name).with({
    spec: { schedule: '* * * * *', jobTemplate: { metadata, spec: { template } } },
    status: {},
  });
}

/** A Job that finds its pods by its uid, as the API server makes it. */
function aJob(name: string): Fixture {
  const labels = { 'batch.kubernetes.io/controller-uid': `uid-of-Job-${name}` };
  return anObject('batch/v1', 'Job', name).with({
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } },
  });
}

function service(name: string): fc.Arbitrary<Fixture> {
  const port = fc.record(
    {
      port: fc.constantFrom(11211, 11212),
      protocol: fc.constantFrom('TCP', 'UDP'),
      nodePort: fc.constant(31211),
    },
    { requiredKeys: ['port'] },
  );
  return fc
    .record({
      type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
      clusterIP: fc.constantFrom('None', '10.96.0.7', '10.96.0.8', undefined),
      healthCheckNodePort: present(fc.constant(32000)),
      ports: fc.uniqueArray(port, {
        selector: ({ port, protocol = 'TCP' }) => `${port}/${protocol}`,
        maxLength: 3,
      }),
    })
    .map(({ type, clusterIP, healthCheckNodePort, ports }) => {
      const fixture = aService(name).without('spec', 'clusterIP').without('spec', 'clusterIPs');
      return fixture.with({
        spec: {
          type,
          ports: ports as JsonObject[],
          ...(clusterIP === undefined ? {} : { clusterIP, clusterIPs: [clusterIP] }),
          ...(healthCheckNodePort === undefined ? {} : { healthCheckNodePort }),
        },
      });
    });
}

/** Field sets in which every other port's nodePort was chosen, and the address where it ends in 8. */
function ownedFields({ object }: Fixture): JsonObject {
  const spec = (object.spec ?? {}) as JsonObject;
  const ports = ((spec.ports ?? []) as JsonObject[]).map((port, index): [string, Json] => [
    `k:${JSON.stringify({ port: port.port, protocol: port.protocol ?? 'TCP' })}`,
    index % 2 === 0 ? { 'f:port': {}, 'f:nodePort': {} } : { 'f:port': {} },
  ]);
  return {
    'f:spec': {
      'f:ports': Object.fromEntries(ports) as JsonObject,
      ...(spec.clusterIP === '10.96.0.8' ? { 'f:clusterIP': {} } : {}),
    },
  };
}
