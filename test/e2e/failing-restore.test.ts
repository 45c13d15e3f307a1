import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type JsonObject, objectAt } from '../../src/model/json/json.ts';
import { nameOf } from '../../src/model/kubernetes/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { cliFor } from './support/cli.ts';
import { cutOffAtWrite } from './support/cut-off.ts';
import {
  aCart as aCartIn,
  type CartWish,
  cartWorkload,
  CART_LABELS as LABELS,
} from './support/fixtures/a-cart.ts';
import { applied } from './support/fixtures/plain-yaml.ts';
import { ask, podsOf, statsSettings } from './support/memcached.ts';
import { expectCode } from './support/process.ts';
import { recordingProxy, refusal } from './support/recording-proxy.ts';
import { aRelease } from './support/release.ts';
import { rolledOut } from './support/rollout.ts';
import { assertStillUnproven } from './support/still-unproven.ts';
import { hasField } from './support/wait-for.ts';

const cluster = await ensureCluster();
const workload = (wish?: CartWish) => cartWorkload(cluster, wish);
const aCart = (wish?: CartWish) => aCartIn(cluster, wish);
const QUOTA: JsonObject = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'small' },
  spec: { hard: { 'requests.memory': '12Mi' } },
};

const LIMIT_RANGE: JsonObject = {
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'narrow' },
  spec: { limits: [{ type: 'Container', min: { memory: '16Mi' } }] },
};

describe('a restore whose pods do not come up says why, and undo takes it back', { concurrency: 3 }, () => {
  const failures: {
    what: string;
    wish: CartWish;
    /** What the namespace gets before the restore. */
    limit?: JsonObject;
    /** What the plan says before it asks. */
    warns?: RegExp;
    says: RegExp;
  }[] = [
    {
      what: 'an image that is not there and may not be pulled',
      wish: { container: { image: 'docker.io/library/memcached:no-such-tag', imagePullPolicy: 'Never' } },
      says: /pod\/cart-\S+: ErrImageNeverPull/,
    },
    {
      what: "an image that can't be pulled",
      wish: { container: { image: 'registry.invalid/memcached:no-such-tag', imagePullPolicy: 'Always' } },
      says: /pod\/cart-\S+: (ImagePullBackOff|ErrImagePull): .*registry\.invalid\/memcached:no-such-tag/,
    },
    {
      what: 'a probe that fails',
      wish: { container: { readinessProbe: { tcpSocket: { port: 4444 }, periodSeconds: 1 } } },
      says: /its container runs, and its readiness probe has not succeeded/,
    },
    {
      what: 'settings that memcached refuses',
      wish: { container: { command: ['memcached', '-m', '8', '-c', '16'] } },
      says: /CrashLoopBackOff|its container ended with exit code \d+/,
    },
    {
      what: 'no node with that much memory',
      wish: { container: { resources: { requests: { memory: '4Ti' } } } },
      says: /pod\/cart-\S+: Unschedulable: .*Insufficient memory/,
    },
    {
      what: 'a quota without room for the pod beside the old one',
      wish: { container: { command: ['memcached', '-m', '16'] } },
      limit: QUOTA,
      warns:
        /Note: resourcequota\/small has 4Mi of requests.memory left, no room for one more pod of deployment.apps\/cart \(8Mi\), and its strategy lets no old pod go before/,
      says: /exceeded quota: small, requested: requests.memory=8Mi, used: requests.memory=8Mi, limited: requests.memory=12Mi/,
    },
    {
      what: 'a quota without room for the pod of a StatefulSet, which has no condition for it',
      wish: { kind: 'StatefulSet', container: { resources: { requests: { memory: '16Mi' } } } },
      limit: QUOTA,
      warns:
        /Note: resourcequota\/small has 4Mi of requests.memory left and statefulset.apps\/cart needs 8Mi more/,
      says: /statefulset.apps\/cart: .*exceeded quota: small, requested: requests.memory=16Mi/,
    },
    {
      what: 'a limit range that the pods are outside of',
      wish: { container: { command: ['memcached', '-m', '16'] } },
      limit: LIMIT_RANGE,
      warns:
        /Note: limitrange\/narrow allows at least 16Mi of memory \(there is a request of 8Mi\), which container memcached of deployment.apps\/cart breaks/,
      says: /minimum memory usage per Container is 16Mi, but request is 8Mi/,
    },
  ];
  for (const { what, wish, limit, warns = /^Plan: /m, says } of failures) {
    test(what, async () => {
      const { kind = 'Deployment' } = wish;
      await using cart = await aCart({ kind });
      const { cli, kubectl } = cart;
      await kubectl.apply(workload(wish));
      await cli.run('backup', 'cart');
      await kubectl.apply(workload({ kind }));
      await rolledOut(kubectl, `${kind.toLowerCase()}/cart`);
      if (limit !== undefined) await kubectl.apply(limit);
      if (limit?.kind === 'ResourceQuota') {
        // The old pod counts until it is gone.
        const used = String.raw`--for=jsonpath={.status.used.requests\.memory}=8Mi`;
        await kubectl.ok('wait', used, 'resourcequota/small', '--timeout=60s');
      }

      const failed = expectCode(await cli.run('restore', 'cart', '--yes', '--timeout=20s'), 1);
      assert.match(failed.stderr, warns);
      assert.match(failed.stderr, says);
      assert.match(failed.stderr, new RegExp(`To go back: .*undo cart -n \\S+ --store ${cli.store}`));

      expectCode(await cli.run('undo', 'cart', '--yes', '--timeout=60s'));
      assert.equal((await statsSettings(kubectl, 'cart'))[0]?.maxbytes, String(8 * 1024 * 1024));
    });
  }

  test('an undo that leads back to pods that never came up is over, and says so', async () => {
    await using cart = await aCart();
    const { cli, kubectl } = cart;
    await cli.ok('backup', 'cart');
    const refusing = ['memcached', '-m', '8', '-c', '16'];
    await kubectl.apply(workload({ container: { command: refusing } }));
    await hasField(kubectl, 'deployment/cart', { path: '.status.updatedReplicas', value: '1' }, 30_000);
    await cli.ok('restore', 'cart', '--yes');

    const undone = expectCode(await cli.run('undo', 'cart', '--yes', '--timeout=3s'), 5);

    assert.match(undone.stderr, /is as it was before the restore in .*: these pods were not up then either/);
    const command = '{.spec.template.spec.containers[0].command}';
    const live = await kubectl.ok('get', 'deployment', 'cart', '-o', `jsonpath=${command}`);
    assert.deepEqual(JSON.parse(live), refusing);
    assert.match(expectCode(await cli.run('undo', 'cart', '--yes'), 1).stderr, /was undone already/);
  });

  for (const binary of [cluster.helms[0]!, cluster.helms.at(-1)!]) {
    test(`undone by itself, back to pods that were not up: for Helm its record counts (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary).withValues({ replicaCount: 1 }).installed();
      await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
      using through = cliFor(cluster, { ...release, kubeconfig: proxy.kubeconfig });
      const { cli, name, helm, kubectl, values } = release;
      await cli.ok('backup', name);
      const image = { ...objectAt(values, 'image'), tag: 'no-such-tag' };
      await release.upgradeBadly({ ...values, image });
      await kubectl.objects.delete(`service/${name}`);
      proxy.fault = ({ method, path }) =>
        method === 'PUT' && /\/deployments\/[^?]*\?(?!.*dryRun)/.test(path)
          ? refusal(403, 'Forbidden')
          : undefined;

      const failed = await through.run('restore', name, '--yes', '--timeout=3s', '--store', cli.store);

      assert.match(expectCode(failed, 1).stderr, /failed and was undone.*\n.*not up, as they were not then/);
      const statuses = (await helm.history(name)).map(({ status }) => status);
      assert.deepEqual(statuses, ['superseded', 'superseded', 'failed', 'deployed']);
      assert.match(await helm.ok('status', name), /^STATUS: deployed\nREVISION: 4$/m);
      await release.upgrade(values);
      assert.equal((await helm.history(name)).at(-1)?.status, 'deployed');
    });
  }

  test('--on-failure=undo does so by itself', async () => {
    await using cart = await aCart();
    const { cli, kubectl } = cart;
    await kubectl.apply(workload({ container: { command: ['memcached', '-m', '8', '-c', '1'] } }));
    await cli.run('backup', 'cart');
    await kubectl.apply(workload());
    await rolledOut(kubectl, 'deployment/cart');

    const failed = await cli.run('restore', 'cart', '--yes', '--timeout=8s', '--on-failure=undo');

    assert.match(expectCode(failed, 1).stderr, /failed and was undone/);
    assert.equal((await statsSettings(kubectl, 'cart'))[0]?.maxconns, '1024');
  });
});

describe('a restore with rules of its own', { concurrency: 3 }, () => {
  test('an immutable selector: only that object is made again, and the plan says so', async () => {
    await using cart = await aCart();
    const { cli, kubectl } = cart;
    await cli.ok('backup', 'cart');
    const more = { ...LABELS, tier: 'x' };
    const other = workload({ spec: { selector: { matchLabels: more } } });
    (other.spec as { template: { metadata: JsonObject } }).template.metadata.labels = more;
    await kubectl.objects.delete('deployment/cart');
    await kubectl.apply(other);
    await rolledOut(kubectl, 'deployment/cart');

    const restored = expectCode(await cli.run('restore', 'cart', '--yes'));

    assert.match(restored.stderr, /recreate deployment.apps\/cart: a field that can't be changed differs/);
    const selector = await kubectl.objects.field('deployment/cart', '.spec.selector');
    assert.deepEqual(JSON.parse(selector), { matchLabels: LABELS });
    expectCode(await cli.run('undo', 'cart', '--yes'));
    const back = await kubectl.objects.field('deployment/cart', '.spec.selector');
    assert.deepEqual(JSON.parse(back), { matchLabels: more });
  });

  test('what Argo CD manages is refused with the command that suspends it, unless --force', async () => {
    await using cart = await aCart();
    const { cli, kubectl } = cart;
    await cli.ok('backup', 'cart');
    await kubectl.ok(
      'annotate',
      'deployment',
      'cart',
      'argocd.argoproj.io/tracking-id=shop:apps/Deployment:x/cart',
    );
    await kubectl.ok('set', 'env', 'deployment/cart', 'A=b');

    const refused = expectCode(await cli.run('restore', 'cart', '--yes'), 1);

    assert.match(refused.stderr, /Argo CD application "shop" manages deployment.apps\/cart/);
    assert.match(refused.stderr, /argocd app set shop --sync-policy none/);
    expectCode(await cli.run('restore', 'cart', '--yes', '--force'));
    expectCode(await cli.run('undo', 'cart', '--yes'));
  });

  test('OnDelete: applied, not proven, exit 5; --restart brings the pods there', async () => {
    const onDelete: CartWish = { kind: 'StatefulSet', spec: { updateStrategy: { type: 'OnDelete' } } };
    await using cart = await applied(cluster, { name: 'cart', objects: [workload(onDelete)] });
    const { cli, kubectl } = cart;
    await hasField(kubectl, 'statefulset/cart', { path: '.status.readyReplicas', value: '1' });
    await cli.ok('backup', 'cart');
    const other = workload({ ...onDelete, container: { command: ['memcached', '-m', '16'] } });
    await kubectl.apply(other);
    await kubectl.objects.delete('pod/cart-0');
    await hasField(kubectl, 'statefulset/cart', { path: '.status.readyReplicas', value: '1' });

    const applied5 = expectCode(await cli.run('restore', 'cart', '--yes'), 5);

    const said = `${applied5.stdout}\n${applied5.stderr}`;
    assert.match(said, /keeps? (their|its) old settings, because its update strategy is OnDelete/);
    assert.equal((await statsSettings(kubectl, 'cart'))[0]?.maxbytes, String(16 * 1024 * 1024));
    await assertStillUnproven(cart, /its update strategy is OnDelete/);
    expectCode(await cli.run('restore', 'cart', '--yes', '--restart'));
    expectCode(await cli.run('restore', 'cart', '--yes'));
    assert.equal((await statsSettings(kubectl, 'cart'))[0]?.maxbytes, String(8 * 1024 * 1024));

    const rolling = {
      ...other,
      spec: { ...(other.spec as JsonObject), updateStrategy: { type: 'RollingUpdate' } },
    };
    await kubectl.apply(rolling);
    await rolledOut(kubectl, 'statefulset/cart');
    expectCode(await cli.run('restore', 'cart', '--yes', '--restart'));
    assert.equal((await statsSettings(kubectl, 'cart'))[0]?.maxbytes, String(8 * 1024 * 1024));
  });

  test('a budget that allows no restart: named, not undone; Ctrl-C meanwhile ends with 130', async () => {
    const budget: JsonObject = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'cart', labels: LABELS },
      spec: { minAvailable: 1, selector: { matchLabels: LABELS } },
    };
    await using cart = await aCartIn(cluster, {}, [budget]);
    await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
    const { cli, kubectl } = cart;
    await hasField(kubectl, 'poddisruptionbudget/cart', { path: '.status.currentHealthy', value: '1' });
    await cli.ok('backup', 'cart');
    const [pod] = await podsOf(kubectl, 'cart');
    await ask(kubectl, pod!, 'cache_memlimit 16');

    const blocked = expectCode(await cli.run('restore', 'cart', '--yes', '--timeout=2s'), 1);

    assert.match(blocked.stderr, /restart +deployment\.apps\/cart: its pods do not run with its settings/);
    assert.match(
      blocked.stderr,
      /Not finished: deployment\.apps\/cart: pod\/\S+ could not be restarted in time/,
    );
    assert.match(blocked.stderr, /The disruption budget cart needs 1 healthy pods and has 1 currently/);
    assert.match(blocked.stderr, /To go back: .*undo cart -n /);
    assert.doesNotMatch(blocked.stderr, /Undoing/);

    const interrupted = await cutOffAtWrite(cart, proxy, ['restore', 'cart', '--yes', '--timeout=60s'], {
      signal: 'SIGINT',
      write: ({ path }) => path.includes('/eviction'),
      side: 'after',
    });

    expectCode(interrupted, 130);
    assert.match(interrupted.stderr, /the restore of cart was interrupted/);
    assert.doesNotMatch(interrupted.stderr, /Undoing/);
    assert.deepEqual((await podsOf(kubectl, 'cart')).map(nameOf), [nameOf(pod!)], 'no pod was restarted');
  });

  test('paused: applied, not proven, exit 5', async () => {
    const paused: CartWish = { spec: { paused: true } };
    await using cart = await aCart();
    const { cli, kubectl } = cart;
    await kubectl.apply(workload(paused));
    await cli.ok('backup', 'cart');
    await kubectl.apply(
      workload({ spec: { paused: false }, container: { command: ['memcached', '-m', '16'] } }),
    );
    await rolledOut(kubectl, 'deployment/cart');

    const report = expectCode(await cli.run('restore', 'cart', '--yes'), 5);

    assert.doesNotMatch(report.stderr, /Not finished/);
    await assertStillUnproven(cart, /it is paused/);
  });

  test('replicas 0: applied, nothing to prove, exit 5', async () => {
    await using cart = await aCart();
    const { cli, kubectl } = cart;
    await kubectl.apply(workload({ spec: { replicas: 0 } }));
    await cli.ok('backup', 'cart');
    await kubectl.apply(workload());
    await rolledOut(kubectl, 'deployment/cart');

    expectCode(await cli.run('restore', 'cart', '--yes'), 5);

    assert.equal(await kubectl.objects.field('deployment/cart', '.spec.replicas'), '0');
  });

  test('a referenced object that differs is named and left alone, unless --include-referenced', async () => {
    const shared = (a: string): JsonObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'shared' },
      data: { a },
    });
    const reading: CartWish = { container: { envFrom: [{ configMapRef: { name: 'shared' } }] } };
    await using cart = await applied(cluster, {
      name: 'cart',
      objects: [shared('then'), workload(reading)],
      ready: 'deployment/cart',
    });
    const { cli, kubectl } = cart;
    await cli.ok('backup', 'cart');
    await kubectl.apply(shared('now'));
    await kubectl.ok('annotate', 'deployment', 'cart', 'note=x');
    const value = () => kubectl.objects.field('configmap/shared', '.data.a');

    const kept = expectCode(await cli.run('restore', 'cart', '--yes'));
    assert.match(kept.stderr, /configmap\/shared differs from the backup and is left as it is/);
    assert.equal(await value(), 'now');

    expectCode(await cli.run('restore', 'cart', '--yes', '--include-referenced'));
    assert.equal(await value(), 'then');
    expectCode(await cli.run('undo', 'cart', '--yes'));
    assert.equal(await value(), 'now');
  });

  test('a namespace that is being deleted is refused', async () => {
    await using cart = await aCart();
    const { cli, kubectl, namespace } = cart;
    await cli.ok('backup', 'cart');
    await kubectl.ok('patch', 'deployment', 'cart', '-p', '{"metadata":{"finalizers":["test/hold"]}}');
    await kubectl.ok('delete', 'namespace', namespace, '--wait=false');
    try {
      const refused = expectCode(await cli.run('restore', 'cart', '--yes'), 1);
      assert.match(
        refused.stderr,
        new RegExp(`namespace ${namespace} is being deleted: wait until it is gone`),
      );
    } finally {
      await kubectl.run('patch', 'deployment', 'cart', '-p', '{"metadata":{"finalizers":null}}');
    }
  });
});
