import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../../src/model/json/json.ts';
import { hideAllInData, hideAllSecrets } from '../../../../src/model/secrets/hide-all-secrets.ts';
import { secretDigest } from '../../../../src/model/secrets/secret-digest.ts';
import { aConfigMap, aDeployment, anObject, aSecret, withContainer } from '../../../support/objects.ts';

const HIDDEN = 'hunter22';
const DIGEST = secretDigest(HIDDEN);
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const hidden = (object: JsonObject): JsonObject => hideAllSecrets(object, secretDigest);

test('what kubectl last applied is hidden like the object itself, a Secret as digests of its bytes', () => {
  const env = (value: string) => withContainer(aDeployment('db'), { env: [{ name: 'DB_PASSWORD', value }] });
  const workload = (value: string) =>
    env(value).annotated({ [LAST_APPLIED]: JSON.stringify(env(value).object) }).object;
  assert.deepEqual(hidden(workload(HIDDEN)), workload(DIGEST));

  const secret = aSecret('s', { password: HIDDEN }).object;
  const shown = hidden(aSecret('s', {}).annotated({ [LAST_APPLIED]: JSON.stringify(secret) }).object);
  assert.ok(JSON.stringify(shown).includes(DIGEST));
  assert.ok(!JSON.stringify(shown).includes(Buffer.from(HIDDEN).toString('base64')));
});

test('scripts, hooks and headers, wherever they stand', () => {
  const shown = hidden(
    withContainer(aDeployment('db'), {
      command: ['sh', '-c', `export AWS_SECRET_ACCESS_KEY=${HIDDEN}\naws s3 ls`],
      lifecycle: { preStop: { exec: { command: ['ctl', '--password', HIDDEN] } } },
      livenessProbe: { httpGet: { httpHeaders: [{ name: 'X-Api-Token', value: HIDDEN }] } },
    }).object,
  );
  assert.ok(!JSON.stringify(shown).includes(HIDDEN), JSON.stringify(shown));
  assert.match(JSON.stringify(shown), /export AWS_SECRET_ACCESS_KEY=\*\*\*\\naws s3 ls/);
});

test('configuration files within a ConfigMap, and JSON in its own form where nothing is hidden', () => {
  const data = (password: string) => ({
    'application.properties': `db.user=app\ndb.password=${password}\n`,
    'dashboard.json': '{ "title": "caches" }',
    'users.json': '[{"name":"anna","password":"hunter22"}]',
  });
  const { 'users.json': users, ...rest } = hidden(aConfigMap('c', data(HIDDEN)).object).data as JsonObject;
  const { 'users.json': _, ...expected } = data('***');
  assert.deepEqual(rest, expected);
  assert.equal(users, `[{"name":"anna","password":"${DIGEST}"}]`);
});

test("an event's message, and data of no kind", () => {
  const event = anObject('v1', 'Event', 'e').with({
    message: `exec ["db" "--password=${HIDDEN}"]: not found`,
  });
  assert.match(String(hidden(event.object).message), /--password=\*\*\*/);
  assert.deepEqual(hideAllInData({ args: ['-m', '64', '--auth-token', HIDDEN] }, secretDigest), {
    args: ['-m', '64', '--auth-token', DIGEST],
  });
});

test('what is no secret stays as it is', () => {
  const object = withContainer(aDeployment('db'), {
    env: [{ name: 'API_TOKEN', valueFrom: { secretKeyRef: { name: 'a', key: 'token' } } }],
    command: ['memcached', '-m', '64'],
  }).object;
  assert.deepEqual(hidden(object), object);
});
