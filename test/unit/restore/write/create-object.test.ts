import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../../../../src/kube/api-error.ts';
import { addressWords } from '../../../../src/model/forms/old-addresses.ts';
import { arrayAt, type JsonObject, numberAt, stringAt } from '../../../../src/model/json/json.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import { createObject } from '../../../../src/restore/write/create-object.ts';
import { aConfigMap, aService, type Fixture } from '../../../support/objects.ts';
import { aSource } from '../../../support/restore-source.ts';

const SOURCE = aSource([]);
const CHOSEN_PORT = {
  'f:spec': { 'f:ports': { 'k:{"port":11211,"protocol":"TCP"}': { 'f:nodePort': {} } } },
};
const DOOR = aService('door')
  .with({
    spec: {
      type: 'LoadBalancer',
      clusterIP: '10.96.0.7',
      clusterIPs: ['10.96.0.7', 'fd00::7'],
      healthCheckNodePort: 32000,
      ports: [
        { name: 'a', port: 11211, protocol: 'TCP', nodePort: 31211 },
        { name: 'b', port: 11212, protocol: 'TCP', nodePort: 31212 },
      ],
    },
  })
  .ownedBy('helm', { 'f:spec': {} });

/** The messages of pkg/registry/core/service, as a 1.34 API server words them. */
function invalid(field: string, value: string, why: string): ApiError {
  const cause = { reason: 'FieldValueInvalid', message: `Invalid value: ${value}: ${why}`, field };
  const message = `Service "door" is invalid: ${field}: ${cause.message}`;
  const body = { kind: 'Status', code: 422, reason: 'Invalid', message, details: { causes: [cause] } };
  return ApiError.fromReply(422, JSON.stringify(body), { verb: 'create', group: '', resource: 'services' });
}

const IP_TAKEN = invalid(
  'spec.clusterIPs',
  '["10.96.0.7","fd00::7"]',
  'failed to allocate IP 10.96.0.7: provided IP is already allocated',
);
const PORT_TAKEN = invalid('spec.ports[1].nodePort', '31212', 'provided port is already allocated');

/** What a server that refuses some addresses is sent, and what becomes of it. */
async function created(fixture: Fixture, refusals: ApiError[], newAddresses = false) {
  const sent: KubeObject[] = [];
  const left = [...refusals];
  const source = newAddresses ? { ...SOURCE, newAddresses: true as const } : SOURCE;
  const result = await createObject(fixture.object, source, async (form) => {
    sent.push(form);
    const refusal = left.shift();
    if (refusal !== undefined) throw refusal;
    const spec = form.spec as JsonObject;
    const ports = arrayAt(form, 'spec', 'ports').map((port) => ({
      nodePort: 30001,
      ...(port as JsonObject),
    }));
    return { ...form, spec: { clusterIP: '10.96.9.9', healthCheckNodePort: 30002, ...spec, ports } };
  });
  return { ...result, sent };
}

const asked = (form: KubeObject | undefined) => [
  stringAt(form, 'spec', 'clusterIP'),
  numberAt(form, 'spec', 'healthCheckNodePort'),
  ...arrayAt(form, 'spec', 'ports').map((port) => numberAt(port, 'nodePort')),
];

test('a Service that is created asks for all that the cluster had given to it', async () => {
  const { sent, regained, lost } = await created(DOOR, []);
  assert.deepEqual(sent.map(asked), [['10.96.0.7', 32000, 31211, 31212]]);
  assert.deepEqual(arrayAt(sent[0], 'spec', 'clusterIPs'), ['10.96.0.7', 'fd00::7']);
  assert.deepEqual(lost, []);
  assert.equal(
    addressWords(regained),
    'clusterIP 10.96.0.7,fd00::7, nodePort 31211, nodePort 31212, healthCheckNodePort 32000',
  );
});

test('what somebody else has by now is given up alone, in the words of the server', async () => {
  const { sent, regained, lost } = await created(DOOR, [IP_TAKEN, PORT_TAKEN]);
  assert.deepEqual(sent.map(asked), [
    ['10.96.0.7', 32000, 31211, 31212],
    [undefined, 32000, 31211, 31212],
    [undefined, 32000, 31211, undefined],
  ]);
  assert.deepEqual(lost, [
    {
      field: 'clusterIP',
      value: '10.96.0.7,fd00::7',
      is: '10.96.9.9',
      why: 'provided IP is already allocated',
    },
    { field: 'nodePort', value: '31212', index: 1, is: '30001', why: 'provided port is already allocated' },
  ]);
  assert.equal(addressWords(regained), 'nodePort 31211, healthCheckNodePort 32000');
});

test('any other refusal stands, and one that repeats itself ends it', async () => {
  const other = invalid('spec.selector', 'x', 'no');
  await assert.rejects(created(DOOR, [other]), other);
  await assert.rejects(created(DOOR, [IP_TAKEN, IP_TAKEN]), IP_TAKEN);
});

test('what the author chose is his: it is sent, and a refusal of it stands', async () => {
  const chosen = aService('door')
    .with({ spec: { type: 'NodePort', ports: [{ port: 11211, protocol: 'TCP', nodePort: 31211 }] } })
    .ownedBy('helm', CHOSEN_PORT);
  const taken = invalid('spec.ports[0].nodePort', '31211', 'provided port is already allocated');
  await assert.rejects(created(chosen, [taken]), taken);
});

test('new addresses where they are asked for; headless and anything else asks for none', async () => {
  assert.deepEqual((await created(DOOR, [], true)).sent.map(asked), [
    [undefined, undefined, undefined, undefined],
  ]);
  const headless = aService('door')
    .with({ spec: { clusterIP: 'None', clusterIPs: ['None'] } })
    .ownedBy('helm', {});
  const { sent, regained, lost } = await created(headless, []);
  assert.deepEqual([stringAt(sent[0], 'spec', 'clusterIP'), regained, lost], ['None', [], []]);
  assert.deepEqual((await created(aConfigMap('x'), [])).regained, []);
});
