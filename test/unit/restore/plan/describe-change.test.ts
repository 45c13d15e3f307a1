import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../../../src/model/json/json.ts';
import { describeChange } from '../../../../src/restore/plan/describe-change.ts';

const describe = (path: string, from: Json | undefined, to: Json | undefined, secretObject = false) =>
  describeChange({ path, from, to }, secretObject);

test('a change is one line with both values', () => {
  assert.equal(describe('spec.replicas', 5, 2), 'spec.replicas: 5 → 2');
  assert.equal(describe('metadata.labels.team', undefined, 'a'), 'metadata.labels.team: (none) → "a"');
  assert.equal(describe('metadata.labels.team', 'a', undefined), 'metadata.labels.team: "a" → (none)');
});

test('of a text of several lines the first that differs is shown', () => {
  const path = 'data["memcached.conf"]';
  assert.equal(describe(path, '-m 64\n-c 10\n', '-m 64\n-c 20\n'), `${path} line 2: "-c 10" → "-c 20"`);
  assert.equal(describe(path, 'a\nb\nc\n', 'x\nb\ny\n'), `${path} line 1: "a" → "x", and 1 more`);
  assert.equal(describe(path, 'a\n', 'a\nb\n'), `${path} line 2: "" → "b", and 1 more`);
  assert.equal(describe(path, 'a\nb', 'a\nb\n'), `${path} line 3: (none) → ""`);
});

test("a Secret's data is named, never shown", () => {
  assert.equal(describe('data.user', 'YQ==', 'Yg==', true), 'data.user: changed');
  assert.equal(describe('data.user', undefined, 'Yg==', true), 'data.user: added');
  assert.equal(describe('stringData.user', 'a', undefined, true), 'stringData.user: removed');
  assert.equal(describe('data', { user: 'YQ==' }, undefined, true), 'data: removed');
  assert.equal(describe('metadata.labels.a', '1', '2', true), 'metadata.labels.a: "1" → "2"');
});

test('a value whose name says that it is secret is named, never shown', () => {
  for (const path of [
    'spec.template.spec.containers[memcached].env[DB_PASSWORD].value',
    'spec.template.spec.containers[memcached].env[API_TOKEN]',
    'data["sasl-password"]',
    'metadata.annotations["example.org/api-token"]',
    'metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]',
  ])
    assert.equal(describe(path, 'hunter22', 'hunter23'), `${path}: changed`);
});

test('where a secret is kept may be shown', () => {
  assert.equal(
    describe('spec.template.spec.volumes[v].secret.secretName', 'old', 'new'),
    'spec.template.spec.volumes[v].secret.secretName: "old" → "new"',
  );
});

test('a flag, or a whole container, that holds a secret is named, never shown', () => {
  const args = 'spec.template.spec.containers[memcached].args[2]';
  assert.equal(describe(args, '--auth-token=hunter22', '-v'), `${args}: changed`);
  const containers = 'spec.template.spec.containers[extra]';
  assert.equal(
    describe(containers, undefined, { name: 'extra', env: [{ name: 'PASSWORD', value: 'x' }] }),
    `${containers}: added`,
  );
  assert.equal(describe(containers, { args: ['--password', 'x'] }, undefined), `${containers}: removed`);
  assert.equal(describe(args, ['sh', '-c', 'PASSWORD=x memcached'], undefined), `${args}: removed`);
  assert.equal(
    describe(containers, undefined, { name: 'extra' }),
    `${containers}: (none) → {"name":"extra"}`,
  );
});
