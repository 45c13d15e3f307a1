import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../src/model/json/json.ts';
import { nameOf } from '../../src/model/kubernetes/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { aCart, cartWorkload } from './support/fixtures/a-cart.ts';
import { type Kubectl, kubectlIn } from './support/kubectl.ts';
import { latencyProxy } from './support/latency-proxy.ts';
import { podsOf, statsSettings } from './support/memcached.ts';
import { aNamespace } from './support/namespace.ts';
import { isGone } from './support/objects.ts';
import { recordingProxy, writesAmong } from './support/recording-proxy.ts';
import { aRelease } from './support/release.ts';
import { resourceVersions } from './support/resource-versions.ts';
import { rolledOut } from './support/rollout.ts';

const cluster = await ensureCluster();

/** "Nothing was written" is worth as much as the means to notice a write. */
describe('the evidence itself', { concurrency: true }, () => {
  test('a write through the recording proxy is noticed, reads, dry runs and exec pass as reads', async () => {
    await using release = await aRelease(cluster, cluster.helms[0]!).installed();
    await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
    const kubectl = kubectlIn(cluster, release.namespace, proxy.kubeconfig);
    const [pod] = await podsOf(kubectl, release.name);
    const stats = await kubectl.ok(
      'exec',
      nameOf(pod!),
      '--',
      'sh',
      '-c',
      'printf "version\\r\\nquit\\r\\n" | nc 127.0.0.1 11211',
    );
    assert.match(stats, /^VERSION /);
    await kubectl.ok('create', 'configmap', 'probe', '--dry-run=server');
    const exec = ({ path }: { path: string }) => !/\/exec\b/.test(path);
    assert.deepEqual(writesAmong(proxy.requests).filter(exec), []);

    await kubectl.ok('create', 'configmap', 'probe');
    await kubectl.ok('annotate', 'configmap', 'probe', 'a=b');
    await kubectl.objects.delete('configmap/probe');
    assert.deepEqual(
      writesAmong(proxy.requests)
        .filter(exec)
        .map(({ method }) => method),
      ['POST', 'PATCH', 'DELETE'],
    );

    proxy.fault = ({ path }) =>
      path.includes('/services') ? { status: 503, body: '{"kind":"Status","code":503}' } : undefined;
    assert.notEqual((await kubectl.run('get', 'services')).code, 0);
  });

  test('memcached says the same to whom asks inside of its pod and outside', async () => {
    await using cart = await aCart(cluster);
    const inside: Kubectl = { ...cart.kubectl, podNetwork: undefined };
    const [said] = await statsSettings(cart.kubectl, 'cart');
    assert.equal(said?.maxbytes, String(8 * 2 ** 20));
    assert.deepEqual(await statsSettings(inside, 'cart'), [said]);

    // Nobody outside reaches one that listens on its own 127.0.0.1.
    const command = ['memcached', '-m', '8', '-l', '127.0.0.1'];
    const probe = ['sh', '-c', 'nc -w 1 127.0.0.1 11211 </dev/null'];
    const readinessProbe = { exec: { command: probe }, periodSeconds: 1 };
    await cart.kubectl.apply(cartWorkload(cluster, { container: { command, readinessProbe } }));
    await rolledOut(cart.kubectl, 'deployment/cart');
    assert.equal((await statsSettings(cart.kubectl, 'cart'))[0]?.inter, '127.0.0.1');
  });

  test('what is read past kubectl is what kubectl prints', async () => {
    const kubectl = kubectlIn(cluster, 'kube-system');
    const printed = async (...args: string[]): Promise<JsonObject> =>
      JSON.parse(await kubectl.ok('get', ...args, '-o', 'json', '--show-managed-fields')) as JsonObject;
    const kinds = 'roles,configmaps,sa,storageclasses,deployments.apps';
    assert.deepEqual(await kubectl.objects.list(kinds), (await printed(kinds)).items);
    const labels = 'kubernetes.io/bootstrapping=rbac-defaults';
    assert.deepEqual(
      await kubectl.objects.list('roles', labels),
      (await printed('roles', '-l', labels)).items,
    );
    for (const object of [
      'namespace/kube-system',
      'cm/kube-root-ca.crt',
      'role.rbac.authorization.k8s.io/extension-apiserver-authentication-reader',
    ]) {
      assert.deepEqual(await kubectl.objects.get(object), await printed(object), object);
    }
    assert.equal(await kubectl.objects.find('configmap/none'), undefined);
    await assert.rejects(kubectl.objects.get('configmap/none'), /configmaps \\"none\\" not found/);
    await assert.rejects(kubectl.objects.list('nonsense'), /the API server has no "nonsense"/);
  });

  test('what is waited for is noticed when it comes and when it goes, and missed when it does not', async () => {
    await using place = await aNamespace(cluster, 'watch');
    const { objects } = place.kubectl;
    const configMap = (name: string): JsonObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
    });
    const comes = objects.until('configmap/late', ([found]) => nameOf(found ?? {}) || assert.fail('not yet'));
    await objects.create(configMap('other'), configMap('late'));
    assert.equal(await comes, 'late');
    const goes = objects.until('configmap/late', isGone);
    await objects.delete('configmap/late');
    await goes;
    await assert.rejects(
      objects.until('configmap/other', isGone, { timeoutMs: 1_000 }),
      /still there: other/,
    );
    await assert.rejects(objects.create(configMap('other')), /already exists/);
    const odd = { ...configMap('odd'), dat: {} };
    await assert.rejects(objects.create(odd), /unknown field \\"dat\\"/);
  });

  test('a moved object, a new one and a lost one change the resource versions', async () => {
    await using release = await aRelease(cluster, cluster.helms[0]!).installed();
    const { kubectl, namespace, fullname } = release;
    const before = await resourceVersions(kubectl, namespace);
    assert.deepEqual(await resourceVersions(kubectl, namespace), before);
    await kubectl.ok('label', 'service', fullname, 'a=b');
    const moved = await resourceVersions(kubectl, namespace);
    assert.notDeepEqual(moved, before);
    await kubectl.apply({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'probe' } });
    const added = await resourceVersions(kubectl, namespace);
    assert.equal(Object.keys(added).length, Object.keys(moved).length + 1);
    await kubectl.objects.delete(`configmap/${fullname}`);
    assert.equal(Object.keys(await resourceVersions(kubectl, namespace)).length, Object.keys(moved).length);
  });

  test('the latency proxy delays every round trip and passes port-forwards', async () => {
    await using release = await aRelease(cluster, cluster.helms[0]!).installed();
    await using faraway = await latencyProxy(cluster.kubectl, cluster.kubeconfig, 300);
    const near = release.kubectl;
    const far = kubectlIn(cluster, release.namespace, faraway.kubeconfig);
    const distant = await far.run('get', '--raw', '/version');
    assert.equal(distant.stdout, await near.ok('get', '--raw', '/version'));
    // A TLS 1.3 handshake and one request: two round trips at least.
    assert.ok(distant.ms >= 4 * 300, `only ${distant.ms} ms`);
    const [pod] = await podsOf(far, release.name);
    assert.match(await far.ok('exec', nameOf(pod!), '--', 'echo', 'hello'), /hello/);
  });
});
