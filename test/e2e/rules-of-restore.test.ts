import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { arrayAt, type JsonObject, numberAt, objectAt, stringAt } from '../../src/model/json/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { BINARY } from './support/cli.ts';
import { eventually } from './support/eventually.ts';
import { aCart as aCartIn, CART_LABELS, type CartWish, cartWorkload } from './support/fixtures/a-cart.ts';
import { anUmbrella, aStatefulSet } from './support/fixtures/helm-releases.ts';
import { applied, aReleaseOfUnknownUsers } from './support/fixtures/plain-yaml.ts';
import type { HelmBinary } from './support/helm.ts';
import { interruptLikeTerminal } from './support/interrupt.ts';
import { statsSettings } from './support/memcached.ts';
import { expectCode } from './support/process.ts';
import { aRelease, aSecret, CACHE_CHART, type Fixture, type TestRelease } from './support/release.ts';
import { rolledOut } from './support/rollout.ts';
import { assertStillUnproven } from './support/still-unproven.ts';
import { backupsIn, newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();
const [helm3, helm4] = [cluster.helms[0]!, cluster.helms.at(-1)!];
const workload = (wish?: CartWish) => cartWorkload(cluster, wish);
const aCart = (wish?: CartWish, beside?: JsonObject[]) => aCartIn(cluster, wish, beside);
const OTHER_MEMORY = ['-m', '16'];

const memoryOf = async ({ kubectl, name }: Fixture) =>
  numberAt({ bytes: Number((await statsSettings(kubectl, name))[0]?.maxbytes) }, 'bytes')! / 2 ** 20;
const uidOf = ({ kubectl }: Fixture, object: string) => kubectl.objects.field(object, '.metadata.uid');

const addressOf = ({ kubectl }: Fixture, service: string): Promise<string> =>
  kubectl.objects.field(`service/${service}`, '.spec.clusterIP');

const nodePortOf = ({ kubectl }: Fixture, service: string): Promise<string> =>
  kubectl.objects.field(`service/${service}`, '.spec.ports[0].nodePort');

/** Another memory than at the backup, rolled out. */
async function drift({ kubectl }: Fixture, wish: CartWish = {}): Promise<void> {
  await kubectl.apply(workload({ ...wish, container: { command: ['memcached', ...OTHER_MEMORY] } }));
  const kind = (wish.kind ?? 'Deployment').toLowerCase();
  await rolledOut(kubectl, `${kind}/cart`);
}

describe('what a restore does with an object', { concurrency: 3 }, () => {
  test('a Service that would have to be made again, only with --recreate', async () => {
    const service = (clusterIP?: string): JsonObject => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'cart', labels: CART_LABELS },
      spec: { selector: CART_LABELS, ports: [{ port: 11211 }], ...(clusterIP ? { clusterIP } : {}) },
    });
    await using cart = await aCart({}, [service()]);
    const { cli, kubectl } = cart;
    await cli.ok('backup', 'cart');
    const address = await addressOf(cart, 'cart');
    await kubectl.objects.delete('service/cart');
    await kubectl.apply(service('None'));
    const before = await uidOf(cart, 'service/cart');

    const refused = expectCode(await cli.run('restore', 'cart', '--yes'), 1);

    assert.match(
      refused.stderr,
      /service\/cart would have to be deleted and made again, and may lose its address: .*--recreate does that/,
    );
    assert.equal(await uidOf(cart, 'service/cart'), before);
    const restored = expectCode(await cli.run('restore', 'cart', '--yes', '--recreate'));
    assert.match(restored.stderr, /recreate service\/cart/);
    assert.equal(await addressOf(cart, 'cart'), address, 'its address of old is free again');
  });

  test('a Service that is gone gets its addresses back, or is said to have others', async () => {
    const door = (name: string, more: JsonObject = {}, port: JsonObject = {}): JsonObject => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, labels: name === 'door' ? CART_LABELS : {} },
      spec: { type: 'NodePort', selector: CART_LABELS, ports: [{ port: 11211, ...port }], ...more },
    });
    await using cart = await aCart({}, [door('door')]);
    const { cli, kubectl } = cart;
    await cli.ok('backup', 'cart');
    const [ip, port] = [await addressOf(cart, 'door'), await nodePortOf(cart, 'door')];
    const old = `clusterIP ${ip}, nodePort ${port}`;

    await kubectl.objects.delete('service/door');
    const back = expectCode(await cli.run('restore', 'cart', '--yes'));
    assert.ok(back.stderr.includes(`asks for its old ${old}`), back.stderr);
    assert.ok(back.stdout.includes(`service/door created with its old ${old}\n`), back.stdout);
    assert.deepEqual([await addressOf(cart, 'door'), await nodePortOf(cart, 'door')], [ip, port]);

    await kubectl.objects.delete('service/door');
    await kubectl.apply(door('other', { clusterIP: ip }, { nodePort: Number(port) }));
    const taken = expectCode(await cli.run('restore', 'cart', '--yes'));
    const warnings = taken.stderr.match(/^Warning: the \w+ of service\/door is .*$/gm) ?? [];
    assert.deepEqual(
      warnings.map((line) => line.replace(/ is \S+ now/, ' is X now')),
      [
        `Warning: the clusterIP of service/door is X now, not ${ip} as before: provided IP is already allocated`,
        `Warning: the nodePort of service/door is X now, not ${port} as before: provided port is already allocated`,
      ],
    );
    assert.match(taken.stdout, /^service\/door created$/m);

    await kubectl.objects.delete('service/door', 'service/other');
    const anew = expectCode(await cli.run('restore', 'cart', '--yes', '--new-addresses'));
    assert.doesNotMatch(anew.stderr + anew.stdout, / old clusterIP| as before/);
    assert.notEqual(await addressOf(cart, 'door'), ip);
  });

  test('what a finalizer holds: only with --recreate, waited for as long as --timeout says, and never as before', async () => {
    await using cart = await aCart();
    const { cli, kubectl, namespace } = cart;
    const finalizers = (value: string[] | null) =>
      kubectl.ok(
        ...['patch', 'deployment', 'cart', '--type=merge'],
        ...['-p', JSON.stringify({ metadata: { finalizers: value } })],
      );
    const HELD =
      /deployment\.apps\/cart is still being deleted after [\d.]+ s: its finalizer example\.org\/hold holds it/;
    const AS_BEFORE = /as it was before|equal|proved it|nothing to do/i;
    const fails = async (...words: string[]) => {
      const began = Date.now();
      const { stdout, stderr } = expectCode(await cli.run(...words), 1);
      assert.ok(Date.now() - began < 30_000, 'no wait is longer than --timeout');
      assert.doesNotMatch(`${stdout}${stderr}`, AS_BEFORE);
      return stderr;
    };
    await cli.ok('backup', 'cart');
    const labels = { ...CART_LABELS, other: 'selector' };
    const { template, ...spec } = workload().spec as JsonObject;
    const pods = { ...(template as JsonObject), metadata: { labels } };
    await kubectl.objects.delete('deployment/cart');
    await kubectl.apply(workload({ spec: { ...spec, selector: { matchLabels: labels }, template: pods } }));
    // The safety backup asks the pod, and undo proves itself by what it said.
    await rolledOut(kubectl, 'deployment/cart');
    await finalizers(['example.org/hold']);
    const deletedAt = () => kubectl.objects.field('deployment/cart', '.metadata.deletionTimestamp');

    const cut = await interruptLikeTerminal(
      { program: BINARY, env: cli.env },
      ['restore', 'cart', '--yes', '--recreate', '-o', 'json', '-n', namespace],
      eventually(async () => assert.notEqual(await deletedAt(), '')),
    );
    expectCode(cut, 130);
    assert.ok(cut.sinceSignalMs < 5_000, `it ended after ${cut.sinceSignalMs} ms`);
    assert.match(cut.stderr, /error: the restore of cart was interrupted$/m, 'not cut off while it asked');
    assert.match(
      cut.stderr,
      /Written before that: deployment\.apps\/cart deleted, not made again yet; nothing/,
    );
    assert.match(cut.stdout, /"action": "recreate",\s+"state": "deleted"/);
    await finalizers(null);
    await cli.ok('undo', 'cart', '--yes');
    const before = await uidOf(cart, 'deployment/cart');

    assert.match(
      await fails('restore', 'cart', '--yes'),
      /deployment\.apps\/cart would have to be deleted and made again, and its finalizer example\.org\/hold holds it .*--recreate does that/,
    );
    assert.equal(await deletedAt(), '');
    const failed = await fails('restore', 'cart', '--yes', '--recreate', '--timeout=3s');
    assert.match(
      failed,
      /Note: deployment\.apps\/cart is deleted, and its finalizer example\.org\/hold holds it/,
    );
    assert.match(failed, HELD);
    assert.equal(await uidOf(cart, 'deployment/cart'), before);
    assert.match(await fails('undo', 'cart', '--yes', '--timeout=2s'), HELD);
    const waiting = await fails('restore', 'cart', '--yes', '--timeout=2s');
    assert.match(waiting, /create +deployment\.apps\/cart: it is being deleted since /);
    assert.match(waiting, HELD);
    assert.match(waiting, /cluster was not changed/);
    const doctor = await cli.run('doctor', 'cart', '--only', 'rollout');
    assert.match(doctor.stdout, /MB538.*deployment\.apps\/cart.*finalizer example\.org\/hold holds it/s);
    assert.doesNotMatch(doctor.stdout, /under way/);

    const restoring = cli.run('restore', 'cart', '--yes', '--timeout=60s');
    await eventually(() => kubectl.objects.get('lease/memcached-backup.cart'), 60_000, 50);
    await finalizers(null);
    assert.match(expectCode(await restoring).stderr, /and proved it/);
    assert.equal(await memoryOf(cart), 8);
  });

  test('Pod Security that refuses the new pods: said before the question, and that no cache is emptied', async () => {
    await using cart = await aCart();
    const { cli, kubectl, namespace } = cart;
    await cli.ok('backup', 'cart');
    await drift(cart);
    await kubectl.ok('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted');

    const { stdout } = expectCode(await cli.run('restore', 'cart', '--dry-run=server'));

    assert.match(stdout, /No cache is emptied/);
    assert.match(
      stdout,
      /refuses the new pods of deployment\.apps\/cart: its old pods stay, for they violate PodSecurity/,
    );
  });

  test('a claim is never changed, never deleted, also by an undo; one that is gone comes back empty', async () => {
    await using ring = await aStatefulSet(cluster, helm4).installed();
    const { cli, kubectl, name, values } = ring;
    await cli.ok('backup', name);
    const claims = (await kubectl.ok('get', 'pvc', '-o', 'name')).trim().split('\n');
    assert.equal(claims.length, 2);
    const uids = () => Promise.all(claims.map((claim) => uidOf(ring, claim)));
    const before = await uids();
    await kubectl.ok('label', ...claims, 'team=other');
    await ring.upgrade({ ...values, replicaCount: 1 });

    const restored = expectCode(await cli.run('restore', name, '--yes'));

    assert.deepEqual(await uids(), before);
    assert.doesNotMatch(restored.stderr, /(replace|recreate|delete) +persistentvolumeclaim/);
    const label = await kubectl.objects.field(claims[0]!, '.metadata.labels.team');
    assert.equal(label, 'other', 'not even a label');

    await ring.helm.ok('uninstall', name, '--wait');
    await kubectl.ok('delete', ...claims, '--timeout=60s');
    const again = expectCode(await cli.run('restore', name, '--yes'));
    assert.match(again.stderr, /create +persistentvolumeclaim\/\S+: .*it comes back empty/);
    const created = await uids();
    expectCode(await cli.run('undo', name, '--yes'));
    assert.deepEqual(await uids(), created, 'an undo does not delete what may hold data by now');
  });

  test('a Secret that is only referred to, and that somebody rotated since, stays', async () => {
    const [then, now] = [aSecret(), aSecret()];
    const secret = (password: string): JsonObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'credentials' },
      stringData: { password },
    });
    const env = [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'credentials', key: 'password' } } }];
    await using cart = await applied(cluster, {
      name: 'cart',
      objects: [secret(then), workload({ container: { env } })],
      secrets: [then, now],
      ready: 'deployment/cart',
    });
    const { cli, kubectl } = cart;
    await cli.ok('backup', 'cart');
    await kubectl.apply(secret(now));
    await kubectl.ok('set', 'env', 'deployment/cart', 'TIER=other');
    const value = async () =>
      Buffer.from(await kubectl.objects.field('secret/credentials', '.data.password'), 'base64').toString();

    const restored = expectCode(await cli.run('restore', 'cart', '--yes'));

    assert.match(restored.stderr, /secret\/credentials differs from the backup and is left as it is/);
    assert.equal(await value(), now);
    expectCode(await cli.run('restore', 'cart', '--yes', '--include-referenced'));
    assert.equal(await value(), then);
  });

  test('under an autoscaler a workload keeps its count, and one that is made again takes the captured one', async () => {
    const scaler: JsonObject = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'cart' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart' },
        minReplicas: 1,
        maxReplicas: 5,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
          },
        ],
      },
    };
    await using cart = await aCart({ spec: { replicas: 2 } }, [scaler]);
    const { cli, kubectl } = cart;
    const count = async () => numberAt(await kubectl.objects.get('deployment/cart'), 'spec', 'replicas');
    const owners = async () => {
      const live = await kubectl.objects.get('deployment/cart');
      return arrayAt(live, 'metadata', 'managedFields')
        .filter((entry) => stringAt(entry, 'subresource') === undefined)
        .map((entry) => [stringAt(entry, 'manager'), objectAt(entry, 'fieldsV1')])
        .sort();
    };
    await cli.ok('backup', 'cart');
    const before = await owners();
    await kubectl.ok('scale', 'deployment/cart', '--replicas=3');
    await kubectl.ok('set', 'env', 'deployment/cart', 'TIER=other');
    await rolledOut(kubectl, 'deployment/cart');

    expectCode(await cli.run('restore', 'cart', '--yes'));

    assert.equal(await count(), 3);
    assert.deepEqual(await owners(), before, 'field ownership as before');
    await kubectl.objects.delete('deployment/cart');
    expectCode(await cli.run('restore', 'cart', '--yes'));
    assert.equal(await count(), 2);
  });

  test('a partition holds pods back: applied, not proven, exit 5', async () => {
    const held: CartWish = {
      kind: 'StatefulSet',
      spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } },
    };
    await using cart = await aCart({ kind: 'StatefulSet' });
    const { cli, kubectl } = cart;
    await kubectl.apply(workload(held));
    await cli.ok('backup', 'cart');
    await kubectl.apply(workload({ kind: 'StatefulSet' }));
    await drift(cart, { kind: 'StatefulSet' });

    const report = expectCode(await cli.run('restore', 'cart', '--yes'), 5);

    assert.match(report.stderr, /keep their old settings, because its partition keeps the pods below 1/);
    assert.equal(await memoryOf(cart), 16);
    await assertStillUnproven(cart, /its partition keeps the pods below 1/);
  });

  test('memcached that wants a password which nobody knows: applied, not proven, exit 5', async () => {
    await using guarded = await applied(cluster, aReleaseOfUnknownUsers(cluster));
    const { cli, kubectl, name } = guarded;
    await cli.run('backup', name);
    await kubectl.ok('set', 'env', `deployment/${name}`, 'TIER=other');
    await rolledOut(kubectl, `deployment/${name}`);

    const report = expectCode(await cli.run('restore', name, '--yes'), 5);

    assert.match(`${report.stdout}${report.stderr}`, /wants a user and a password/);
    const env = ['get', 'deployment', name, '-o', 'jsonpath={.spec.template.spec.containers[0].env}'];
    assert.equal(await kubectl.ok(...env), '');
    await assertStillUnproven(guarded, /wants a user and a password/);
  });
});

describe('what a restore refuses until it is told otherwise', { concurrency: 3 }, () => {
  test('a release with other workloads than memcached: they are listed, --whole-release takes them', async () => {
    await using shop = await anUmbrella(cluster, helm3);
    const { cli, kubectl, name } = shop;
    await cli.ok('backup', name);
    await kubectl.ok('set', 'env', 'deployment/shop-database', 'TIER=other');
    const env = () =>
      kubectl.objects.field('deployment/shop-database', '.spec.template.spec.containers[0].env');

    const refused = expectCode(await cli.run('restore', name, '--yes'), 1);

    assert.match(
      refused.stderr,
      /holds other workloads than memcached: deployment.apps\/shop-database; --whole-release restores them too/,
    );
    assert.match(await env(), /TIER/);
    expectCode(await cli.run('restore', name, '--yes', '--whole-release'));
    assert.equal(await env(), '');
  });

  test('what Flux manages, with the command that suspends it, unless --force', async () => {
    await using cart = await aCart();
    const { cli, kubectl } = cart;
    await cli.ok('backup', 'cart');
    for (const [prefix, kind, command] of [
      ['kustomize.toolkit.fluxcd.io', 'Flux Kustomization', 'flux suspend kustomization apps'],
      ['helm.toolkit.fluxcd.io', 'Flux HelmRelease', 'flux suspend helmrelease apps'],
    ] as const) {
      const labels = [`${prefix}/name=apps`, `${prefix}/namespace=flux-system`];
      await kubectl.ok('label', 'deployment', 'cart', ...labels);
      await kubectl.ok('set', 'env', 'deployment/cart', 'TIER=other');

      const refused = expectCode(await cli.run('restore', 'cart', '--yes'), 1);

      assert.match(refused.stderr, new RegExp(`${kind} "apps" manages deployment.apps/cart`));
      assert.match(refused.stderr, new RegExp(command));
      expectCode(await cli.run('restore', 'cart', '--yes', '--force'));
    }
  });

  test('a backup that was taken under another name of the cluster: by its own id alone', async () => {
    await using cart = await aCart();
    const { cli } = cart;
    await cli.ok('backup', 'cart', '--cluster-name', 'elsewhere');
    await drift(cart);
    const { id } = newestBackup(cli.store).document;

    const none = expectCode(await cli.run('restore', 'cart', '--yes'), 1);
    assert.match(none.stderr, /elsewhere/);
    const restored = expectCode(await cli.run('restore', `cart@${id}`, '--yes'));

    assert.doesNotMatch(restored.stderr, /another cluster/, 'by its uid it is this one');
    assert.equal(await memoryOf(cart), 8);
  });

  test('what was there when nobody looked: a plan that grew stale is shown and asked about again', async () => {
    await using cart = await aCart();
    const { cli, kubectl, namespace } = cart;
    await cli.ok('backup', 'cart');
    await drift(cart);
    const command = `${BINARY} restore cart -n ${namespace}`;
    const child = spawn('script', ['-qec', command, '/dev/null'], { env: { ...cli.env, TERM: 'xterm' } });
    let screen = '';
    child.stdout.on('data', (chunk: Buffer) => {
      screen += chunk.toString();
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    const questions = () => screen.match(/Restore cart in namespace/g)?.length ?? 0;

    await eventually(async () => assert.equal(questions(), 1, screen));
    await kubectl.ok('annotate', 'deployment', 'cart', 'note=later');
    child.stdin.write('y\r');
    await eventually(async () => assert.equal(questions(), 2, screen));
    child.stdin.write('n\r');
    const code = await ended;

    assert.match(screen, /The release changed since this plan was made. The plan is now:/);
    assert.match(screen, /metadata.annotations.*note/);
    assert.equal(code, 130, screen);
    assert.equal(await memoryOf(cart), 16, 'nothing was written');
  });

  test('an image whose tag moved is no refusal, and is said with both digests', async () => {
    await using cart = await aCart();
    const { cli, kubectl } = cart;
    await cli.ok('backup', 'cart');
    await drift(cart);
    const same = expectCode(await cli.run('restore', 'cart', '--dry-run=server'));
    assert.doesNotMatch(same.stdout, /the tag of .* moved/);
    // A pod beside it that says of the same image that it is another one.
    const labels = { beside: 'cart' };
    const container = { name: 'other', image: cluster.images.memcached };
    await kubectl.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'beside', labels },
      spec: { schedulerName: 'nobody', containers: [container] },
    });
    const imageID = `sha256:${'f'.repeat(64)}`;
    const status = { ...container, imageID, ready: false, restartCount: 0, started: false };
    const pods = await kubectl.objects.list('pods', 'app.kubernetes.io/instance=cart');
    const real = stringAt(arrayAt(pods[0], 'status', 'containerStatuses')[0], 'imageID') ?? '';
    const form = real.includes('@') ? real.replace(/[0-9a-f]{64}$/, 'f'.repeat(64)) : imageID;
    const patch = { status: { containerStatuses: [{ ...status, imageID: form }] } };
    await kubectl.ok('patch', 'pod', 'beside', '--subresource=status', '-p', JSON.stringify(patch));

    const moved = expectCode(await cli.run('restore', 'cart', '--dry-run=server'));

    assert.match(
      moved.stdout,
      new RegExp(
        `Note: the tag of ${cluster.images.memcached} moved: it led to sha256:[0-9a-f]{12} at the backup, and pods of this namespace run .*sha256:f{12}`,
      ),
    );
  });
});

describe("what a restore does with Helm's record", { concurrency: 3 }, () => {
  for (const binary of cluster.helms) {
    test(`installed anew since: one revision above all, and nothing overwritten (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary).installed();
      const { cli, helm, kubectl, name, values } = release;
      await release.upgrade({ ...values, memcached: { maxMemory: 24 } });
      await cli.ok('backup', name);
      await helm.ok('uninstall', name, '--wait');
      await installAgain(release, { ...values, memcached: { maxMemory: 16 } });
      const record = `secret/sh.helm.release.v1.${name}.v1`;
      const theirs = await uidOf(release, record);

      expectCode(await cli.run('restore', name, '--yes'));

      const history = await helm.history(name);
      assert.deepEqual(
        history.map(({ revision, status }) => [revision, status]),
        [
          [1, 'superseded'],
          [2, 'deployed'],
        ],
      );
      assert.equal(await uidOf(release, record), theirs);
      assert.equal((await statsSettings(kubectl, name))[0]?.maxbytes, String(24 * 2 ** 20));
      const first = JSON.parse(await helm.ok('get', 'values', name, '--revision', '1', '-o', 'json'));
      assert.equal(numberAt(first, 'memcached', 'maxMemory'), 16, 'the new installation is still on record');
      await helm.ok('rollback', name, '1', '--wait');
      // Helm 3 does not wait for the old pod to be gone.
      await eventually(async () => {
        const settings = await statsSettings(kubectl, name);
        assert.deepEqual(
          settings.map(({ maxbytes }) => maxbytes),
          [String(16 * 2 ** 20)],
        );
      });
    });

    test(`pending for less than ten minutes: refused, --force goes ahead; a change that never starts, given up by helm upgrade --wait: restored, and Helm goes on (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary).installed();
      const { cli, helm, kubectl, name, values } = release;
      const bad = { ...values, memcached: { maxConnections: 16 } };
      const statuses = async () => (await helm.history(name)).map(({ status }) => status);
      await cli.ok('backup', name);
      await killedUpgrade(release, bad);
      assert.equal((await statuses()).at(-1), 'pending-upgrade');

      const refused = expectCode(await cli.run('restore', name, '--yes'), 1);

      assert.match(
        refused.stderr,
        /Helm revision 2 has been pending-upgrade for .*: somebody may be at work; after 10 minutes it counts as abandoned; --force goes ahead/,
      );
      expectCode(await cli.run('restore', name, '--yes', '--force'));
      const forced = ['superseded', 'failed', 'deployed'];
      assert.deepEqual(await statuses(), forced);

      const upgrade = await helm.run(...valuesOf(release, bad, 'upgrade'), '--wait', '--timeout', '5s');
      assert.notEqual(upgrade.code, 0);
      assert.deepEqual(await statuses(), [...forced, 'failed']);

      expectCode(await cli.run('restore', name, '--yes'));

      assert.deepEqual(await statuses(), ['superseded', 'failed', 'superseded', 'failed', 'deployed']);
      assert.equal((await statsSettings(kubectl, name))[0]?.maxconns, '256');
      await release.upgrade({ ...values, memcached: { maxConnections: 300 } });
    });

    test(`a hook that runs something is listed, and not run by a restore (${binary.name})`, async () => {
      await using release = await withAHookJob(binary);
      const { cli, helm, kubectl, name } = release;
      await cli.ok('backup', name);
      assert.match(await cli.ok('show', name), /warm-up/);
      await helm.ok('uninstall', name, '--wait');
      await kubectl.ok('delete', 'job', 'warm-up', '--ignore-not-found');

      expectCode(await cli.run('restore', name, '--yes'));

      assert.equal(await kubectl.objects.find('job/warm-up'), undefined);
      assert.match(await helm.ok('get', 'hooks', name), /warm-up/, 'Helm still has it');
    });
  }

  test('a safety backup is never latest', async () => {
    await using cart = await aCart();
    const { cli } = cart;
    await cli.ok('backup', 'cart');
    const { id } = newestBackup(cli.store).document;
    for (let round = 0; round < 2; round++) {
      await drift(cart);
      const report = await cli.json(['restore', 'cart', '--yes']);
      assert.equal(stringAt(report, 'plan', 'backup', 'id'), id);
    }
    const safety = backupsIn(cli.store).filter(({ document }) => document.kind === 'safety');
    assert.equal(safety.length, 2);
    const named = await cli.json(['restore', `cart@${safety[0]?.document.id}`, '--yes']);
    assert.equal(stringAt(named, 'outcome'), 'proved');
    assert.equal(await memoryOf(cart), 16, 'by its id it can be restored');
  });
});

function valuesOf({ helm, name }: TestRelease, values: JsonObject, ...words: string[]): string[] {
  const file = join(helm.home, 'other-values.json');
  writeFileSync(file, JSON.stringify(values), { mode: 0o600 });
  const chart = join(import.meta.dirname, '../charts/memcached');
  return [...words, name, chart, '-f', file, '--disable-openapi-validation'];
}

async function installAgain(release: TestRelease, values: JsonObject): Promise<void> {
  await release.helm.ok(...valuesOf(release, values, 'install'), '--wait', '--timeout', '90s');
}

/** `helm upgrade --wait` of something that never gets ready, killed meanwhile: the revision stays pending. */
async function killedUpgrade(release: TestRelease, values: JsonObject): Promise<void> {
  const { helm, name, namespace } = release;
  const words = [...valuesOf(release, values, 'upgrade'), '--wait', '--timeout', '60s', '-n', namespace];
  const child = spawn(join(helm.home, 'bin/helm'), words, { env: helm.env, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await eventually(async () => assert.equal((await helm.history(name)).at(-1)?.status, 'pending-upgrade'));
  child.kill('SIGKILL');
  await ended;
}

/** A chart with a hook that is a Job and stays after it ran. */
async function withAHookJob(binary: HelmBinary): Promise<TestRelease> {
  const chart = mkdtempSync(join(tmpdir(), 'memcached-backup-hook-'));
  cpSync(CACHE_CHART, chart, { recursive: true });
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'warm-up', annotations: { 'helm.sh/hook': 'post-install,post-upgrade' } },
    spec: {
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'true', image: cluster.images.memcached, command: ['true'] }],
        },
      },
    },
  };
  writeFileSync(join(chart, 'templates/warm-up.yaml'), JSON.stringify(job));
  try {
    return await aRelease(cluster, binary)
      .named('hooked')
      .fromChart(chart, { image: cluster.images.memcached })
      .installed();
  } finally {
    rmSync(chart, { recursive: true, force: true });
  }
}
