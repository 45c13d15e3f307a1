import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readSource } from '../../../src/backup/source.ts';
import { InterruptedError, ToolError, UnreachableError } from '../../../src/errors/tool-error.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { createMemoryIO } from '../../../src/output/memory-io.ts';
import type { CommandContext } from '../../../src/session/context.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { type Verdict, verdictOf } from '../../../src/verify/verdict.ts';
import { checkAgainstCluster } from '../../../src/verify/verify-cluster.ts';
import { aService } from '../../support/objects.ts';
import { SMALL, writeSmallBackup } from '../../support/small-backup.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { apiError, type StubOptions, stubKube } from './stub-kube.ts';

/** "check what: status why" of each result but the good ones, and the verdict. */
async function ask(
  t: TestContext,
  kube: () => Promise<KubeClient>,
): Promise<{ verdict: Verdict; passed: string[]; others: string[] }> {
  const store = await openStore(await temporaryFolder(t));
  await writeSmallBackup(store);
  const context = { io: createMemoryIO(), kube } as unknown as CommandContext;
  const results = await checkAgainstCluster(await readSource(await store.open(SMALL)), context);
  const named = results.map((result) => ({ ...result, name: `${result.check} ${result.what}` }));
  return {
    verdict: verdictOf(results),
    passed: named.flatMap(({ status, name }) => (status === 'ok' ? [name] : [])),
    others: named.flatMap((result) =>
      result.status === 'ok' ? [] : [`${result.name}: ${result.status}: ${result.why}`],
    ),
  };
}

function asked(t: TestContext, options: StubOptions = {}) {
  return ask(t, () => Promise.resolve(stubKube(options)));
}

test('a cluster that serves and takes everything', async (t) => {
  const { verdict, passed, others } = await asked(t);
  assert.equal(verdict, 'ok');
  assert.deepEqual(others, []);
  assert.deepEqual(passed.sort(), [
    'api-versions apps/v1 Deployment',
    'api-versions v1 ConfigMap',
    'api-versions v1 Secret',
    'api-versions v1 Service',
    'dry-run configmap/cart',
    'dry-run deployment.apps/cart',
    'dry-run secret/cart',
    'dry-run service/cart',
  ]);
});

test('a version that is gone fails, and its objects are not tried', async (t) => {
  const { verdict, passed, others } = await asked(t, {
    served: { '/api/v1': ['ConfigMap', 'Secret', 'Service'] },
  });
  assert.equal(verdict, 'refused');
  assert.deepEqual(others, ['api-versions apps/v1 Deployment: failed: this cluster does not serve it']);
  assert.ok(!passed.includes('dry-run deployment.apps/cart'));
});

test('a kind that is gone from its version fails', async (t) => {
  const { others } = await asked(t, {
    served: { '/api/v1': ['ConfigMap', 'Secret'], '/apis/apps/v1': ['Deployment'] },
  });
  assert.deepEqual(others, ['api-versions v1 Service: failed: this cluster does not serve it']);
});

/** What the server says to the dry run of the Service, and what that says of the backup. */
const REFUSALS: [string, number, string, string, Verdict][] = [
  ['invalid here', 422, 'Invalid', 'Service "cart" is invalid: spec.ports: Required value', 'refused'],
  ['too much for a quota', 403, 'Forbidden', 'services "cart" is forbidden: exceeded quota: q', 'refused'],
  ['against a policy', 403, 'Forbidden', 'admission webhook "x" denied the request: no', 'refused'],
  ['malformed', 400, 'BadRequest', 'Service in version "v1" cannot be handled', 'refused'],
  [
    'not for this user',
    403,
    'Forbidden',
    'services is forbidden: User "u" cannot create resource "services"',
    'ok',
  ],
  [
    'in a namespace that is going',
    403,
    'Forbidden',
    'unable to create: because it is being terminated',
    'ok',
  ],
  ['only by deleting the old one', 422, 'Invalid', 'Service "cart" is invalid: field is immutable', 'ok'],
  ['refused by a server in trouble', 500, 'InternalError', 'failed calling webhook', 'incomplete'],
  ['refused by a busy server', 429, 'TooManyRequests', 'try again', 'incomplete'],
  ['changed meanwhile', 409, 'Conflict', 'the object has been modified', 'incomplete'],
];
for (const [what, status, reason, message, verdict] of REFUSALS) {
  test(`an object that is ${what}: ${verdict}`, async (t) => {
    const refuse: StubOptions['refuse'] = ({ kind }) =>
      kind === 'Service' ? apiError(status, reason, message) : undefined;
    const answer = await asked(t, { refuse });
    assert.equal(answer.verdict, verdict);
    assert.equal(answer.others.length, 1);
    const word = verdict === 'refused' ? 'failed' : 'unchecked';
    assert.match(answer.others[0] ?? '', new RegExp(`^dry-run service/cart: ${word}: .`));
  });
}

test('a webhook that knows no dry run leaves its object unchecked', async (t) => {
  const refuse: StubOptions['refuse'] = ({ kind }) =>
    kind === 'Secret'
      ? apiError(400, 'BadRequest', 'admission webhook "x" does not support dry run')
      : undefined;
  const { verdict, others } = await asked(t, { refuse });
  assert.equal(verdict, 'ok');
  assert.deepEqual(others, ['dry-run secret/cart: unchecked: an admission webhook does not support dry run']);
});

test('an object that exists is replaced in the dry run, not created', async (t) => {
  const replaced: string[] = [];
  const kube = stubKube({ objects: [aService('cart').served().object] });
  kube.replace = (object) => {
    replaced.push(String(object.kind));
    return Promise.resolve(object);
  };
  assert.equal((await ask(t, () => Promise.resolve(kube))).verdict, 'ok');
  assert.deepEqual(replaced, ['Service']);
});

test('a cluster that can not be reached, or named, makes it incomplete', async (t) => {
  for (const error of [
    new UnreachableError('the connection to the server was refused'),
    new ToolError('no cluster is configured'),
  ]) {
    const { verdict, passed, others } = await ask(t, () => Promise.reject(error));
    assert.equal(verdict, 'incomplete');
    assert.deepEqual(passed, []);
    assert.deepEqual(others, [
      `api-versions the cluster: unchecked: ${error.message}`,
      `dry-run the cluster: unchecked: ${error.message}`,
    ]);
  }
});

test('a cluster that goes away after the first question keeps what it said', async (t) => {
  const kube = stubKube();
  kube.listAs = () => Promise.reject(new UnreachableError('gone'));
  const { verdict, passed, others } = await ask(t, () => Promise.resolve(kube));
  assert.equal(verdict, 'incomplete');
  assert.equal(passed.length, 4);
  assert.deepEqual(others, ['dry-run the cluster: unchecked: gone']);
});

test('one who may not ask is not blamed for it', async (t) => {
  const { verdict, others } = await asked(t, {
    refuseDiscovery: (path) => (path === '/apis/apps/v1' ? apiError(403, 'Forbidden', 'no') : undefined),
  });
  assert.equal(verdict, 'ok');
  assert.deepEqual(others, ['api-versions apps/v1 Deployment: unchecked: Error from server (Forbidden): no']);
});

test('one who may not list Secrets has everything else tried', async (t) => {
  const { verdict, passed, others } = await asked(t, { unlisted: ['Secret'] });
  assert.equal(verdict, 'ok');
  assert.deepEqual(others, []);
  assert.ok(passed.includes('dry-run deployment.apps/cart'));
});

test('what may not be looked for and is there is no conflict', async (t) => {
  const refuse: StubOptions['refuse'] = ({ kind }) =>
    kind === 'Secret' ? apiError(409, 'AlreadyExists', 'secrets "cart" already exists') : undefined;
  const { verdict, others } = await asked(t, { unlisted: ['Secret'], refuse });
  assert.equal(verdict, 'ok');
  assert.deepEqual(others, [
    'dry-run secret/cart: unchecked: it exists, and may not be read to try a replacement',
  ]);
});

test('defects and interruptions are not taken for answers', async (t) => {
  for (const error of [new TypeError('defect'), new InterruptedError()]) {
    await assert.rejects(
      ask(t, () => Promise.reject(error)),
      error,
    );
  }
});
