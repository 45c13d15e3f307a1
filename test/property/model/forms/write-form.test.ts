import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clean } from '../../../../src/model/forms/clean.ts';
import { creationForm, replacementForm } from '../../../../src/model/forms/write-form.ts';
import { arrayAt, type JsonObject, jsonEqual, valueAt } from '../../../../src/model/json/json.ts';
import { keyOf, refOf } from '../../../../src/model/kubernetes/object.ts';
import { rawObject } from '../../../support/raw-objects.ts';

const oneName = () => rawObject(fc.constant('x'));
const pair = fc.tuple(oneName(), oneName()).filter(([raw, live]) => keyOf(refOf(raw)) === keyOf(refOf(live)));

test("a replacement keeps the live object's identity and what the cluster allocated", () => {
  fc.assert(
    fc.property(pair, ([raw, live]) => {
      const form = replacementForm(raw, live);
      for (const field of ['uid', 'resourceVersion', 'finalizers', 'ownerReferences'])
        assert.deepEqual(valueAt(form, 'metadata', field), valueAt(live, 'metadata', field));
      if (raw.kind !== 'Service') return;
      assert.deepEqual(
        valueAt(form, 'spec', 'healthCheckNodePort'),
        valueAt(live, 'spec', 'healthCheckNodePort'),
      );
      const isNone = [raw, live].some((service) => valueAt(service, 'spec', 'clusterIP') === 'None');
      const address = isNone ? raw : live;
      assert.deepEqual(valueAt(form, 'spec', 'clusterIP'), valueAt(address, 'spec', 'clusterIP'));
    }),
    { numRuns: 300 },
  );
});

test('replacing an object by its own copy sends it as it is, bookkeeping aside', () => {
  fc.assert(
    fc.property(oneName(), (raw) => {
      const { object } = clean(raw);
      assert.ok(
        jsonEqual(
          clean(creationFormOf(replacementForm(raw, raw))).object,
          clean(creationFormOf(object)).object,
        ),
      );
    }),
    { numRuns: 300 },
  );
});

test('a form never carries what only the server may write', () => {
  fc.assert(
    fc.property(pair, ([raw, live]) => {
      for (const form of [creationForm(raw), replacementForm(raw, live)]) {
        assert.equal('status' in form, false);
        for (const field of ['managedFields', 'generation', 'creationTimestamp', 'selfLink'])
          assert.equal(valueAt(form, 'metadata', field), undefined, field);
      }
    }),
  );
});

test('a created object is what a person would apply, but for what kubectl remembers of it', () => {
  fc.assert(
    fc.property(oneName(), (raw) => {
      assert.ok(jsonEqual(clean(creationForm(raw)).object, cleanOnceMore(raw)));
    }),
    { numRuns: 300 },
  );
});

/** Without managedFields, as a form is, nobody can tell any more what was allocated. */
function creationFormOf(form: JsonObject): JsonObject {
  const {
    clusterIP: _ip,
    clusterIPs: _ips,
    healthCheckNodePort: _port,
    ...spec
  } = (form.spec ?? {}) as JsonObject;
  const ports = arrayAt(spec, 'ports').map((port) => {
    const { nodePort: _nodePort, ...rest } = port as JsonObject;
    return rest;
  });
  return creationForm({ ...form, spec: 'ports' in spec ? { ...spec, ports } : spec });
}

/** The clean form without empty maps and lists in metadata, which a form does not send. */
function cleanOnceMore(raw: JsonObject): JsonObject {
  const { object } = clean(raw);
  const metadata = Object.fromEntries(
    Object.entries(object.metadata as JsonObject).filter(
      ([key, value]) => !(['annotations', 'finalizers'].includes(key) && JSON.stringify(value).length === 2),
    ),
  );
  return { ...object, metadata };
}
