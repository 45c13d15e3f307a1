import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import {
  secretDigest,
  withSecretDigests,
  withSecretValueDigests,
} from '../../../../src/model/secrets/secret-digest.ts';

const HIDDEN = 'hunter22';
const DIGEST = secretDigest(HIDDEN);

/** Both: the secret is gone, and nothing else moved. */
function assertDigested(object: JsonObject, expected: JsonObject): void {
  const before = JSON.stringify(object);
  assert.deepEqual(withSecretDigests(object), expected);
  assert.equal(JSON.stringify(object), before, 'the object itself stays as it was');
}

test('a digest is the beginning of sha256 and differs with the value', () => {
  assert.match(DIGEST, /^sha256:[0-9a-f]{8}$/);
  assert.notEqual(secretDigest('hunter23'), DIGEST);
});

test('a Secret: every value, of the decoded bytes', () => {
  const data = Buffer.from(HIDDEN).toString('base64');
  assertDigested(
    { apiVersion: 'v1', kind: 'Secret', data: { user: data }, stringData: { p: HIDDEN } },
    { apiVersion: 'v1', kind: 'Secret', data: { user: DIGEST }, stringData: { p: DIGEST } },
  );
});

test('env entries and flags whose name says so, references and the rest as they are', () => {
  const container = (secret: string): JsonObject => ({
    env: [
      { name: 'CACHE_PASSWORD', value: secret },
      { name: 'REGION', value: 'north' },
      { name: 'API_TOKEN', valueFrom: { secretKeyRef: { name: 'a', key: 'token' } } },
    ],
    args: ['-m', '64', `--auth-token=${secret}`, '--password', secret],
  });
  const pod = (secret: string): JsonObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    spec: { template: { spec: { containers: [container(secret)], imagePullSecrets: [{ name: 'pull' }] } } },
  });
  assertDigested(pod(HIDDEN), pod(DIGEST));
});

test('ConfigMap keys and annotations whose name says so', () => {
  const object = (secret: string): JsonObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { annotations: { 'example.org/api-token': secret, note: 'x' } },
    data: { 'sasl-password': secret, 'memcached.conf': '-m 64' },
  });
  assertDigested(object(HIDDEN), object(DIGEST));
});

test('a custom resource: what lies below a secret-looking field', () => {
  const object = (secret: string): JsonObject => ({
    apiVersion: 'example.org/v1',
    kind: 'Thing',
    spec: { credentials: { user: secret }, size: 3 },
  });
  assertDigested(object(HIDDEN), object(DIGEST));
});

test("a chart's values, lists too", () => {
  assert.deepEqual(withSecretValueDigests({ auth: { password: HIDDEN }, tokens: [HIDDEN], port: 11211 }), {
    auth: { password: DIGEST },
    tokens: [DIGEST],
    port: 11211,
  });
});
