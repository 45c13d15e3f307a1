import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nameOf } from '../../src/model/kubernetes/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { kubectlIn } from './support/kubectl.ts';
import { latencyProxy } from './support/latency-proxy.ts';
import { podsOf } from './support/memcached.ts';
import { recordingProxy, writesAmong } from './support/recording-proxy.ts';
import { aRelease } from './support/release.ts';
import { resourceVersions } from './support/resource-versions.ts';

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
    await kubectl.ok('delete', 'configmap', 'probe');
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
    await kubectl.ok('delete', 'configmap', fullname);
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
