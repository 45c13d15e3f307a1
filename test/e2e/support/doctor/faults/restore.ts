import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeRevision, isHelmRecord, newRecord } from '../../../../../src/model/helm/helm-release.ts';
import { arrayAt, type JsonObject, stringAt } from '../../../../../src/model/json/json.ts';
import type { TestCluster } from '../../../../cluster/cluster.ts';
import { cliFor } from '../../cli.ts';
import { cutOffAtWrite } from '../../cut-off.ts';
import { eventually } from '../../eventually.ts';
import { anUmbrella } from '../../fixtures/helm-releases.ts';
import { type OwnKinds, ownKinds } from '../../fixtures/own-kinds.ts';
import { aDaemonSet, applied, aReleaseOfArgoCd } from '../../fixtures/plain-yaml.ts';
import { type Kubectl, kubectlIn } from '../../kubectl.ts';
import { expectCode } from '../../process.ts';
import { recordingProxy } from '../../recording-proxy.ts';
import { aRelease, CACHE_CHART, type Fixture, type TestRelease } from '../../release.ts';
import { asRestrictedUser, READ_EVERYTHING } from '../../restricted-user.ts';
import { rolledOut } from '../../rollout.ts';
import { backupsIn, newestBackup } from '../../store-files.ts';
import type { ClusterFault } from '../cluster-fault.ts';
import { alsoRemoving, backedUp, spoilt } from '../faulty-release.ts';
import { borrowedRelease } from '../shared-release.ts';

/** A DaemonSet `node-cache` with a Service, and a backup of both. */
const aBackedUpRelease = (cluster: TestCluster): Promise<Fixture> =>
  backedUp(applied(cluster, aDaemonSet(cluster)));

/** A Deployment `sessions` that Helm installed, and a backup of it. */
const aBackedUpHelmRelease = (cluster: TestCluster, values: JsonObject = {}): Promise<TestRelease> =>
  backedUp(
    aRelease(cluster, cluster.helms.at(-1)!)
      .named('sessions')
      .fromChart(CACHE_CHART, { image: cluster.images.memcached, ...values })
      .installed(),
  );

export const RESTORE_FAULTS: readonly ClusterFault[] = [
  {
    name: 'a healthy release with a backup',
    reports: [],
    also: ['MB400'],
    inject: (cluster) => aBackedUpHelmRelease(cluster),
  },
  {
    name: 'a release without any backup',
    reports: [],
    also: ['MB401'],
    words: () => ['--only', 'restore'],
    inject: (cluster) => borrowedRelease(cluster, 'none'),
  },
  {
    name: 'a byte of the newest backup flipped',
    reports: ['MB402'],
    inject: (cluster) =>
      spoilt(borrowedRelease(cluster, 'with a backup'), async ({ cli }) =>
        flipAByte(newestBackup(cli.store).folder),
      ),
  },
  {
    name: 'backups of another cluster only',
    reports: ['MB403'],
    inject: (cluster) =>
      spoilt(borrowedRelease(cluster, 'none'), ({ cli, name }) =>
        cli.ok('backup', name, '--cluster-name', 'elsewhere'),
      ),
  },
  {
    name: 'an upgrade that works, and changed the settings',
    reports: [],
    also: ['MB404'],
    inject: (cluster) =>
      spoilt(aBackedUpHelmRelease(cluster), (release) =>
        release.upgrade({ ...release.values, cacheSize: 8 }),
      ),
    check: async ({ findings }, { cli, name, namespace }) => {
      const found = findings.find(({ code }) => code === 'MB404')!;
      assert.match(
        found.summary,
        /^the settings of sessions differ from the backup of \d+s ago: -m 16 -c 128 then, -m 8 -c 128 now$/,
      );
      assert.deepEqual(
        found.waysBack?.map(({ cachesEmptied, settings }) => [cachesEmptied, settings]),
        [[1, '-m 16 -c 128']],
      );
      const { stderr } = await cli.run('doctor', name);
      assert.match(stderr, /^Nothing is wrong; \d+ notes\. The settings of sessions differ /m);
      assert.match(stderr, new RegExp(`^Where that was not meant: .* restore sessions -n ${namespace}`, 'm'));
      assert.match(stderr, /^It brings back -m 16 -c 128, and empties 1 cache that serves\.$/m);
    },
  },
  {
    name: 'an upgrade to a crash loop, and a backup of that',
    reports: ['MB535 (MB626)'],
    also: ['MB405'],
    inject: (cluster) =>
      spoilt(aBackedUpHelmRelease(cluster), async (release) => {
        await crashes(release);
        await release.cli.ok('backup', release.name);
      }),
    check: async ({ findings }, { cli, name, namespace }) => {
      const { fix, look, waysBack } = findings.find(({ code }) => code === 'MB535')!;
      assert.match(look[0]!, /^kubectl -n \S+ logs sessions-\S+ -c \S+ --previous$/);
      assert.match(fix[0]!, new RegExp(`^\\S+ memcached-backup restore sessions@healthy -n ${namespace}`));
      assert.deepEqual(fix.slice(1), [`helm rollback sessions 1 -n ${namespace}`]);
      assert.deepEqual(
        waysBack?.map(({ cachesEmptied, settings }) => [cachesEmptied, settings]),
        fix.map(() => [0, '-m 16 -c 128']),
      );
      const { stderr } = await cli.run('doctor', name);
      assert.match(stderr, /1 failure.*\. For \d+s: deployment\.apps\/sessions: its pods’ containers end/);
      assert.match(stderr, /^Quickest safe way back: .* restore sessions@healthy -n /m);
      assert.match(stderr, /^It brings back -m 16 -c 128, and empties no cache that serves\.$/m);
    },
  },
  {
    name: 'a restore without a restart, which left what takes one',
    reports: ['MB464 (MB404, MB522)'],
    inject: (cluster) =>
      spoilt(aBackedUpHelmRelease(cluster), async (release) => {
        await release.upgrade({ ...release.values, cacheSize: 8, maxConnections: 64 });
        expectCode(await release.cli.run('restore', release.name, '--without-restart', '--yes'), 5);
      }),
  },
  {
    name: 'a CustomResourceDefinition that was removed since the backup',
    reports: ['MB410'],
    inject: (cluster) => aReleaseWithAnOwnKind(cluster, (kinds) => kinds.gone()),
  },
  {
    name: 'a version of an API that is no longer served',
    reports: ['MB411'],
    inject: (cluster) =>
      aReleaseWithAnOwnKind(cluster, (kinds, { kubectl }) => serveOnlyV2(kubectl, kinds.exact.resource)),
  },
  {
    name: 'a DaemonSet that was made again with another selector',
    reports: ['MB412'],
    inject: (cluster) => spoilt(aBackedUpRelease(cluster), remakeWithAnotherSelector),
  },
  {
    name: 'the same, and a finalizer holds it',
    reports: ['MB416 (MB412)'],
    inject: async (cluster) => {
      const fixture = await aBackedUpRelease(cluster);
      const finalizers = (value: string[] | null) =>
        fixture.kubectl.ok(
          ...['patch', 'daemonset', 'node-cache', '--type=merge'],
          ...['-p', JSON.stringify({ metadata: { finalizers: value } })],
        );
      return spoilt(Promise.resolve(alsoRemoving(fixture, () => finalizers(null))), async () => {
        await remakeWithAnotherSelector(fixture);
        await finalizers(['example.org/hold']);
      });
    },
    check: ({ findings }) => {
      const found = findings.find(({ code }) => code === 'MB416')!;
      assert.match(
        found.evidence[0]!.text,
        /^daemonset.apps\/node-cache .* its finalizer example.org\/hold holds it/,
      );
      assert.match(found.fix[0]!, /restore .* --recreate$/);
    },
  },
  {
    name: 'a Service that was made again without an address',
    reports: ['MB413'],
    inject: (cluster) =>
      spoilt(aBackedUpRelease(cluster), async ({ kubectl }) => {
        const { spec } = await kubectl.objects.get('service/node-cache');
        await kubectl.objects.delete('service/node-cache');
        const { selector, ports } = spec as JsonObject;
        await kubectl.apply(service('node-cache', { clusterIP: 'None', selector: selector!, ports: ports! }));
      }),
  },
  {
    name: 'a node port that somebody else took',
    reports: ['MB414'],
    inject: async (cluster) => {
      const nodePort = 30000 + randomInt(43); // in the band that the API server gives away last
      const ports = [{ name: 'memcached', port: 11211, nodePort }];
      const selector = { 'app.kubernetes.io/instance': 'per-node' };
      const fixture = await applied(cluster, aDaemonSet(cluster));
      return spoilt(Promise.resolve(fixture), async ({ kubectl, cli, name }) => {
        await kubectl.apply(service('node-cache', { type: 'NodePort', selector, ports }));
        await cli.ok('backup', name);
        await kubectl.objects.delete('service/node-cache');
        await kubectl.apply(service('of-somebody-else', { type: 'NodePort', selector: { app: 'x' }, ports }));
      });
    },
  },
  {
    // What admissionregistration.k8s.io/v1 no longer lets anybody register, but a cluster may still have.
    name: 'a webhook that supports no dry run',
    reports: [],
    also: ['MB415'],
    inject: (cluster) => behindAWebhookWithoutDryRun(cluster, borrowedRelease(cluster, 'with a backup')),
  },
  {
    name: 'a webhook that does not answer',
    reports: ['MB421'],
    // It answers no dry run of theirs either.
    pretended: / memcached-backup .*\b(?:verify|restore)\b/,
    inject: (cluster) => withASilentWebhook(aBackedUpRelease(cluster)),
  },
  {
    name: 'a LimitRange below what the pods ask for',
    reports: ['MB420'],
    inject: (cluster) =>
      spoilt(aBackedUpRelease(cluster), async ({ kubectl }) => {
        await kubectl.apply({
          apiVersion: 'v1',
          kind: 'LimitRange',
          metadata: { name: 'tiny' },
          spec: { limits: [{ type: 'Pod', max: { memory: '1Mi' } }] },
        });
      }),
  },
  {
    name: 'a namespace that enforces Pod Security since the backup',
    reports: ['MB422'],
    inject: (cluster) =>
      spoilt(aBackedUpRelease(cluster), ({ kubectl, namespace }) =>
        kubectl.ok('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted'),
      ),
    check: ({ findings }, { namespace }) => {
      const fix = findings.find(({ code }) => code === 'MB422')?.fix[0] ?? '';
      if (!fix.startsWith(`kubectl label namespace ${namespace} `)) throw new Error(fix);
    },
  },
  {
    name: 'a Service that was deleted, and a quota that allows none',
    reports: ['MB423'],
    inject: (cluster) =>
      spoilt(aBackedUpRelease(cluster), async (fixture) => {
        await fixture.kubectl.objects.delete('service/node-cache');
        await aQuota(fixture, { services: '0' });
      }),
  },
  {
    name: 'a quota that the running pods use up',
    reports: ['MB424'],
    inject: (cluster) => spoilt(aBackedUpRelease(cluster), (fixture) => aQuota(fixture, { pods: '1' })),
  },
  {
    name: 'a Service that another Helm release took over',
    reports: ['MB430'],
    pretended: /\bhelm .* carts\b/,
    inject: (cluster) =>
      spoilt(aBackedUpHelmRelease(cluster), ({ kubectl }) =>
        kubectl.ok('annotate', 'service/sessions-nodes', '--overwrite', 'meta.helm.sh/release-name=carts'),
      ),
  },
  {
    name: 'a release that Argo CD manages',
    reports: [],
    also: ['MB431'],
    inject: (cluster) => backedUp(applied(cluster, aReleaseOfArgoCd(cluster))),
  },
  {
    name: 'a release with a database beside memcached',
    reports: [],
    also: ['MB432'],
    inject: (cluster) => backedUp(anUmbrella(cluster, cluster.helms.at(-1)!)),
  },
  {
    name: 'a namespace that can’t end',
    reports: ['MB440'],
    inject: async (cluster) => {
      const fixture = await applied(cluster, { name: 'nothing', objects: [aConfigMapThatHolds()] });
      const { kubectl, namespace } = fixture;
      const letGo = () =>
        kubectl.ok('patch', 'configmap', 'held', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
      return spoilt(Promise.resolve(alsoRemoving(fixture, letGo)), async () => {
        await kubectl.ok('delete', 'namespace', namespace, '--wait=false');
      });
    },
  },
  {
    name: 'a namespace that was deleted',
    reports: ['MB441'],
    inject: (cluster) =>
      spoilt(aBackedUpRelease(cluster), ({ kubectl, namespace }) =>
        kubectl.objects.delete(`namespace/${namespace}`),
      ),
  },
  {
    name: 'a release that was deleted, and asked for',
    reports: ['MB442 (MB510)'],
    words: ({ name }) => [name],
    inject: (cluster) => spoilt(aBackedUpRelease(cluster), deleteEverything),
  },
  {
    name: 'a release that was deleted, and not asked for',
    reports: [],
    also: ['MB443'],
    inject: (cluster) => spoilt(aBackedUpRelease(cluster), deleteEverything),
  },
  {
    name: 'somebody at work with Helm',
    reports: ['MB450 (MB513)'],
    inject: (cluster) => spoilt(aBackedUpHelmRelease(cluster), (release) => leavePending(release, 2)),
  },
  {
    name: 'a Helm upgrade that was killed an hour ago',
    reports: ['MB512 (MB451)'],
    inject: (cluster) => spoilt(aBackedUpHelmRelease(cluster), (release) => leavePending(release, 60)),
  },
  {
    name: 'a restore under way',
    reports: ['MB460'],
    inject: (cluster) => spoilt(aBackedUpRelease(cluster), (fixture) => aLease(fixture, new Date())),
  },
  {
    name: 'a Lease of a restore that died',
    reports: ['MB461'],
    inject: (cluster) =>
      spoilt(aBackedUpRelease(cluster), (fixture) => aLease(fixture, new Date(Date.now() - 3_600_000))),
  },
  {
    name: 'a restore that was killed',
    reports: ['MB462 (MB461)'],
    inject: (cluster) =>
      spoilt(aBackedUpRelease(cluster), async (fixture) => {
        await fixture.kubectl.objects.delete('service/node-cache');
        await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
        const { code } = await cutOffAtWrite(fixture, proxy, ['restore', fixture.name, '--yes'], {
          write: ({ method, path }) => method === 'POST' && path.includes('/services'),
          side: 'after',
          signal: 'SIGKILL',
        });
        assert.equal(code, 137, 'it was killed at the Service');
      }),
  },
  {
    name: 'a restore from a crash loop that was killed',
    reports: ['MB462 (MB451, MB461, MB513)', 'MB535 (MB626)'],
    inject: (cluster) =>
      spoilt(aBackedUpHelmRelease(cluster), async (release) => {
        await crashes(release);
        await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
        const { code } = await cutOffAtWrite(release, proxy, ['restore', release.name, '--yes'], {
          write: ({ method, path }) => method === 'PUT' && path.includes('/deployments/'),
          side: 'before',
          signal: 'SIGKILL',
        });
        assert.equal(code, 137, 'it was killed at the Deployment');
      }),
    check: ({ findings }, { cli, namespace }) => {
      const cutOff = findings.find(({ code }) => code === 'MB462')!;
      const { id } = backupsIn(cli.store)[0]!.document;
      // Neither undo nor a rollback to revision 2 would lead anywhere but back into the crash loop.
      assert.equal(cutOff.fix.length, 1);
      assert.match(cutOff.fix[0]!, new RegExp(` restore sessions@${id} -n ${namespace}`));
      assert.match(JSON.stringify(cutOff.evidence), /undo would lead back to what was not up/);
      assert.doesNotMatch(JSON.stringify(findings), /helm rollback sessions 2/);
    },
  },
  {
    name: 'a journal that is a named pipe',
    reports: ['MB463'],
    inject: (cluster) =>
      spoilt(borrowedRelease(cluster, 'with a backup'), async ({ cli }) => {
        const folder = dirname(newestBackup(cli.store).folder);
        execFileSync('mkfifo', [join(folder, '.restore-20261122T101500Z.jsonl')]);
      }),
  },
  {
    name: 'a user who may only read',
    reports: ['MB470'],
    mendedBy: 'the administrator',
    words: () => ['--only', 'restore'],
    inject: async (cluster) => {
      const fixture = await borrowedRelease(cluster, 'with a backup');
      const cli = await asRestrictedUser(cluster, fixture, 'reader', READ_EVERYTHING);
      const own = (...args: string[]) => cli.run(...args, '--store', fixture.cli.store);
      return alsoRemoving({ ...fixture, cli: { ...cli, store: fixture.cli.store, run: own } }, async () =>
        cli[Symbol.dispose](),
      );
    },
  },
];

/** Its upgrade goes through, and the new pod ends at once: two file descriptors a thread and a reserve are more than one. */
async function crashes(release: TestRelease): Promise<void> {
  await release.upgradeBadly({ ...release.values, maxConnections: 1 });
  await release.kubectl.objects.until('pods', (pods) =>
    assert.match(JSON.stringify(pods), /CrashLoopBackOff/),
  );
}

function flipAByte(folder: string): void {
  const [file] = globSync('raw/*.json', { cwd: folder });
  const path = join(folder, file!);
  const bytes = readFileSync(path);
  bytes[bytes.length - 2]! ^= 1;
  writeFileSync(path, bytes);
}

function service(name: string, spec: JsonObject): JsonObject {
  const labels = { 'app.kubernetes.io/instance': 'per-node' };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, labels }, spec };
}

/** Helm installed it with an object of a kind of its own, it was backed up, and then the kinds changed. */
async function aReleaseWithAnOwnKind(
  cluster: TestCluster,
  change: (kinds: OwnKinds, release: TestRelease) => Promise<unknown>,
): Promise<Fixture> {
  const kinds = await ownKinds(kubectlIn(cluster, 'default'));
  try {
    const manifest = `apiVersion: ${kinds.exact.apiVersion}\nkind: Exact\nmetadata: {name: numbers}\nspec: {a: 1}\n`;
    const release = await aBackedUpHelmRelease(cluster, { extraDeploy: [manifest] });
    const removing = alsoRemoving(release, async () => kinds[Symbol.asyncDispose]());
    return await spoilt(Promise.resolve(removing), () => change(kinds, release));
  } catch (error) {
    await kinds[Symbol.asyncDispose]();
    throw error;
  }
}

/** As an upgrade of the operator, or of Kubernetes, does it: first another version, then no longer the old one. */
async function serveOnlyV2(kubectl: Kubectl, crd: string): Promise<void> {
  const [v1] = arrayAt(await kubectl.objects.get(`crd/${crd}`), 'spec', 'versions');
  const versions = [
    { ...(v1 as JsonObject), served: false },
    { ...(v1 as JsonObject), name: 'v2', storage: false },
  ];
  await kubectl.ok('patch', 'crd', crd, '--type=merge', '-p', JSON.stringify({ spec: { versions } }));
  const group = crd.slice(crd.indexOf('.') + 1);
  await eventually(async () => {
    await kubectl.ok('get', '--raw', `/apis/${group}/v2`);
    const { stdout } = await kubectl.run('get', '--raw', `/apis/${group}/v1`);
    if (stdout.includes('"Exact"')) throw new Error('v1 is served');
  });
}

async function remakeWithAnotherSelector({ kubectl }: Fixture): Promise<void> {
  const live = await kubectl.objects.get('daemonset/node-cache');
  const labels = { 'app.kubernetes.io/instance': 'per-node', tier: 'front' };
  const spec = live.spec as JsonObject;
  const template = { ...(spec.template as JsonObject), metadata: { labels } };
  await kubectl.ok('delete', 'daemonset', 'node-cache', '--cascade=foreground');
  await kubectl.apply({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'node-cache', labels: { 'app.kubernetes.io/instance': 'per-node' } },
    spec: { selector: { matchLabels: labels }, template },
  });
  await rolledOut(kubectl, 'daemonset/node-cache');
}

/** The real API server, but for its answer to one write. */
async function behindAWebhookWithoutDryRun(cluster: TestCluster, made: Promise<Fixture>): Promise<Fixture> {
  const fixture = await made;
  const proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
  const message = 'admission webhook "old.example.org" does not support dry run';
  proxy.fault = ({ method, path }) =>
    method === 'PUT' && path.includes('/services/')
      ? {
          status: 400,
          body: JSON.stringify({
            kind: 'Status',
            apiVersion: 'v1',
            code: 400,
            reason: 'BadRequest',
            message,
          }),
        }
      : undefined;
  const cli = cliFor(cluster, { ...fixture, kubeconfig: proxy.kubeconfig });
  const run = (...args: string[]) => cli.run(...args, '--store', fixture.cli.store);
  return alsoRemoving({ ...fixture, cli: { ...cli, store: fixture.cli.store, run } }, async () => {
    await proxy[Symbol.asyncDispose]();
    cli[Symbol.dispose]();
  });
}

/** In nobody's way but this namespace's: what updates Services there has to ask a closed port. */
async function withASilentWebhook(made: Promise<Fixture>): Promise<Fixture> {
  const fixture = await made;
  const { kubectl, namespace } = fixture;
  const remove = () => kubectl.run('delete', 'validatingwebhookconfiguration', namespace);
  return spoilt(Promise.resolve(alsoRemoving(fixture, remove)), async () => {
    await kubectl.apply({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: namespace },
      webhooks: [
        {
          name: 'asks.example.org',
          admissionReviewVersions: ['v1'],
          timeoutSeconds: 1,
          clientConfig: { url: 'https://127.0.0.1:1/' },
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['services'] }],
          sideEffects: 'None',
          failurePolicy: 'Fail',
        },
      ],
    });
    const touch = ['annotate', 'service/node-cache', '--overwrite', '--dry-run=server'];
    await eventually(async () => {
      if ((await kubectl.run(...touch, `a=${Date.now()}`)).code === 0) throw new Error('it is not asked yet');
    });
  });
}

async function aQuota({ kubectl }: Fixture, hard: JsonObject): Promise<void> {
  await kubectl.apply({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'tight' },
    spec: { hard },
  });
  await kubectl.objects.until('resourcequota/tight', ([quota]) => {
    if (stringAt(quota, 'status', 'used', Object.keys(hard)[0]!) === undefined)
      throw new Error('not counted yet');
  });
}

function aConfigMapThatHolds(): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'held', finalizers: ['example.org/never'] },
  };
}

async function deleteEverything({ kubectl }: Fixture): Promise<void> {
  await kubectl.ok('delete', 'daemonset,service,pdb', '--all', '--cascade=foreground');
  await kubectl.objects.delete('configmap/node-cache-notes');
}

/** Helm's record of an upgrade that began some minutes ago and has not ended. */
async function leavePending({ kubectl, namespace }: TestRelease, minutes: number): Promise<void> {
  const record = (await kubectl.objects.list('secrets', 'owner=helm,name=sessions')).find(isHelmRecord)!;
  const began = new Date(Date.now() - minutes * 60_000);
  const change = { status: 'pending-upgrade', revision: 2, deployedAt: began.toISOString() } as const;
  await kubectl.apply(newRecord(decodeRevision(record), namespace, change, began));
}

/** The Lease of a release, held by somebody elsewhere who renewed it last at this moment. */
async function aLease({ kubectl, name }: Fixture, renewed: Date): Promise<void> {
  const at = renewed.toISOString().replace('Z', '000Z');
  await kubectl.apply({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: `memcached-backup.${name}` },
    spec: {
      holderIdentity: 'ann@another-machine/4711',
      leaseDurationSeconds: 300,
      acquireTime: at,
      renewTime: at,
    },
  });
}
