import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { ExitCode } from '../../src/errors/exit-code.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { type ConnectOptions, connectKube } from '../../src/kube/connect.ts';
import type { ConnectionFlags } from '../../src/kube/connection-flags.ts';
import { cloneJson, type JsonObject, objectAt, parseJson, stringAt } from '../../src/model/json/json.ts';
import { type KubeObject, nameOf, refOf, uidOf } from '../../src/model/kubernetes/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { kubectlIn } from './support/kubectl.ts';
import { hasCondition } from './support/wait-for.ts';

const cluster = await ensureCluster();
const namespace = `mb-e2e-kube-${randomBytes(4).toString('hex')}`;
const kubectl = kubectlIn(cluster, namespace);
const WRITE = { fieldManager: 'memcached-backup' };
const clients: KubeClient[] = [];

async function connect(flags: Partial<ConnectionFlags> = {}, options?: ConnectOptions): Promise<KubeClient> {
  const all = { asGroups: [], asUserExtra: {}, kubeconfig: cluster.kubeconfig, namespace, ...flags };
  const client = await connectKube(all, options);
  clients.push(client);
  return client;
}

function configMap(name: string, data: JsonObject = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

function isRefusal(reason: string) {
  return (error: unknown) => error instanceof ApiError && error.reason === reason;
}

before(() => kubectl.ok('create', 'namespace', namespace));
after(async () => {
  for (const client of clients) client.close();
  await kubectl.run('delete', 'namespace', namespace, '--wait=false');
});

describe('the REST client on a real API server', { concurrency: true }, () => {
  test('create, get, replace, patch and delete do what kubectl then sees', async () => {
    const kube = await connect();
    const made = await kube.create(configMap('life', { a: '1' }), WRITE);
    const ref = refOf(made);
    assert.deepEqual(await kube.get(ref), made);

    const changed = cloneJson(made);
    changed.data = { b: 'é\u0000' };
    const replaced = await kube.replace(changed, WRITE);
    assert.deepEqual((await kubectl.objects.get('configmap/life')).data, { b: 'é\u0000' });
    await assert.rejects(kube.replace(changed, WRITE), isRefusal('Conflict'), 'the old resourceVersion');

    const version = stringAt(replaced, 'metadata', 'resourceVersion') ?? '';
    await kube.patch(
      ref,
      [
        { op: 'test', path: '/metadata/resourceVersion', value: version },
        { op: 'add', path: '/metadata/annotations', value: { 'a/b': '2' } },
      ],
      WRITE,
    );
    const patched = await kubectl.objects.get('configmap/life');
    assert.deepEqual(objectAt(patched, 'metadata', 'annotations'), { 'a/b': '2' });

    await assert.rejects(kube.delete(ref, { uid: 'another' }), isRefusal('Conflict'));
    assert.equal(await kube.delete(ref, { uid: uidOf(made)! }), true);
    assert.equal(await kube.delete(ref, { uid: uidOf(made)! }), false);
    assert.equal(await kube.get(ref), undefined);
  });

  test('a dry run answers as the write would, and leaves nothing', async () => {
    const kube = await connect();
    const dryRun = { ...WRITE, dryRun: true };
    const answer = await kube.create(configMap('dry'), dryRun);
    assert.ok(uidOf(answer));
    assert.equal(await kube.get(refOf(answer)), undefined);
    const made = await kube.create(configMap('dry'), WRITE);
    assert.equal(await kube.delete(refOf(made), { uid: uidOf(made)!, dryRun: true }), true);
    assert.equal(uidOf((await kube.get(refOf(made)))!), uidOf(made));
  });

  test('a list of more than one page holds every object once, each with apiVersion and kind first', async () => {
    const kube = await connect();
    const names = Array.from({ length: 620 }, (_, i) => `page-${String(i).padStart(3, '0')}`);
    const list = names.map((name) => {
      const object = configMap(name);
      return { ...object, metadata: { ...objectAt(object, 'metadata'), labels: { test: 'paging' } } };
    });
    for (let at = 0; at < list.length; at += 40) {
      await Promise.all(list.slice(at, at + 40).map((object) => kube.create(object, WRITE)));
    }
    const type = (await kube.resourceType('v1', 'ConfigMap'))!;
    const found = await kube.list(type, { namespace, labelSelector: 'test=paging' });
    assert.deepEqual(found.map(nameOf), names);
    for (const object of found) assert.deepEqual(Object.keys(object).slice(0, 2), ['apiVersion', 'kind']);
    const one = await kube.list(type, { namespace, fieldSelector: 'metadata.name=page-007' });
    assert.deepEqual(one.map(nameOf), ['page-007']);
    const everywhere = await kube.list(type, { labelSelector: 'test=paging' });
    assert.equal(everywhere.length, names.length);
  });

  test('numbers of a custom resource keep their digits', async () => {
    const kube = await connect();
    const group = `${namespace}.example.com`;
    const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const definition: KubeObject = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `probes.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'probes', singular: 'probe', kind: 'Probe', listKind: 'ProbeList' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    };
    const probe = { apiVersion: `${group}/v1`, kind: 'Probe', metadata: { name: 'p', namespace } };
    assert.equal(await kube.get(refOf(probe)), undefined, 'a kind the cluster does not know');
    const made = await kube.create(definition, WRITE);
    try {
      await hasCondition(kubectl, `crd/probes.${group}`, 'Established', 30_000);
      const fresh = await connect();
      const text = JSON.stringify({ ...probe, big: 0 }).replace(
        '"big":0',
        '"big":9007199254740993,"small":0.5',
      );
      const created = await fresh.create(parseJson(text) as KubeObject, WRITE);
      assert.match(JSON.stringify(created), /"big":9007199254740993,/);
      assert.match(await kubectl.ok('get', `probes.${group}`, 'p', '-o', 'json'), /"big": 9007199254740993,/);
    } finally {
      await kube.delete(refOf(made), { uid: uidOf(made)! });
    }
  });

  test("--as is subject to that user's permissions, and the error names the check to make", async () => {
    const kube = await connect({ as: 'jane', asGroups: ['dev', 'ops'] });
    const review = await kube.create(
      { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} },
      WRITE,
    );
    const user = objectAt(review, 'status', 'userInfo');
    assert.equal(user?.username, 'jane');
    assert.deepEqual(user?.groups, ['dev', 'ops', 'system:authenticated']);
    const type = (await kube.resourceType('v1', 'Secret'))!;
    await assert.rejects(kube.list(type, { namespace }), {
      message: `Error from server (Forbidden): secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "${namespace}"`,
      next: { program: 'kubectl', words: ['auth', 'can-i', 'list', 'secrets', '-n', namespace] },
    });
  });

  test("the server's warnings are handed on", async () => {
    const warnings: string[] = [];
    const kube = await connect({}, { onWarning: (text) => warnings.push(text) });
    await kube.create({ ...configMap('warned'), surprise: 1 }, { ...WRITE, dryRun: true });
    assert.deepEqual(warnings, ['unknown field "surprise"']);
  });

  test('a server whose certificate another CA signed is not trusted', async (context) => {
    const kubeconfig = await kubectl.json('config', 'view', '--raw', '--flatten', '--minify');
    if (!JSON.stringify(kubeconfig).includes('certificate-authority-data'))
      return context.skip('no CA in use');
    const kube = await connect({ certificateAuthority: '/dev/null' });
    await assert.rejects(kube.raw('/version'), (error: { exitCode: number; message: string }) => {
      assert.equal(error.exitCode, ExitCode.unreachable);
      assert.match(error.message, /the certificate of https:.* is not trusted/);
      return true;
    });
    const careless = await connect({ insecureSkipTlsVerify: true });
    assert.match(String((await careless.raw('/version')).gitVersion), /^v1\./);
  });
});
