import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { JsonObject } from '../../../../../src/model/json/json.ts';
import { uidOf } from '../../../../../src/model/kubernetes/object.ts';
import { backupId } from '../../../../../src/model/records/backup-id.ts';
import type { TestCluster } from '../../../../cluster/cluster.ts';
import { BINARY, cliFor } from '../../cli.ts';
import { eventually } from '../../eventually.ts';
import { aDaemonSet, applied } from '../../fixtures/plain-yaml.ts';
import { run } from '../../process.ts';
import { recordingProxy } from '../../recording-proxy.ts';
import type { Fixture } from '../../release.ts';
import { asRestrictedUser, READ_EVERYTHING, without } from '../../restricted-user.ts';
import { assertNoSecret } from '../../secret-scan.ts';
import { newestBackup } from '../../store-files.ts';
import { hasCondition, hasField } from '../../wait-for.ts';
import { aBackupCronJob, startRun } from '../backup-cronjob.ts';
import type { ClusterFault } from '../cluster-fault.ts';
import { alsoRemoving, spoilt } from '../faulty-release.ts';
import { borrowedRelease } from '../shared-release.ts';

const aHealthyRelease = (cluster: TestCluster): Promise<Fixture> => borrowedRelease(cluster, 'none');
const aBackedUpRelease = (cluster: TestCluster): Promise<Fixture> =>
  borrowedRelease(cluster, 'with a backup');

/** A backup CronJob that keeps what it saves on a claim, without a run so far. */
function aBackupOnto(cluster: TestCluster, claim: JsonObject | undefined): Promise<Fixture> {
  return aBackupCronJob(cluster, {
    beside: claim === undefined ? [] : [claim],
    pod: { volumes: [{ name: 'backup', persistentVolumeClaim: { claimName: 'backups' } }] },
  });
}

const CLAIMS: readonly ClusterFault[] = [
  {
    name: 'a claim that is bound',
    reports: [],
    also: ['MB300'],
    inject: (cluster) => spoilt(aBackupOnto(cluster, aClaim({})), isBound),
  },
  {
    name: 'a claim that nobody made',
    reports: ['MB310 (MB203)'],
    inject: (cluster) => aBackupOnto(cluster, undefined),
    check: async ({ findings }, { kubectl }) => {
      const fix = findings.find(({ code }) => code === 'MB310')?.fix[0] ?? '';
      const [, json = ''] = /^echo '(.*)' \| kubectl apply -f -$/.exec(fix) ?? [];
      await kubectl.apply(JSON.parse(json) as JsonObject);
    },
  },
  {
    name: 'a release whose claim was never made',
    reports: ['MB310 (MB533)'],
    inject: (cluster) => aReleaseOnto(cluster),
  },
  {
    name: 'a claim of a StorageClass that does not exist',
    reports: ['MB311 (MB203)'],
    inject: (cluster) => aBackupOnto(cluster, aClaim({ storageClassName: 'no-such-class' })),
  },
  {
    // The cluster has a default class, which every claim gets: the class lists are those of one that has none.
    name: 'a claim without a class where there is no default',
    reports: ['MB312 (MB203)'],
    inject: async (cluster) => {
      const faulty = await aBackupOnto(cluster, aClaim({ storageClassName: '' }));
      return behindProxy(cluster, faulty, ({ path }, answer) => {
        if (path.startsWith('/apis/storage.k8s.io/v1/storageclasses')) return answer({ items: [] });
        if (!/\/persistentvolumeclaims(?:\?|$)/.test(path)) return undefined;
        return answer({ items: [pendingClaim(faulty.namespace)] });
      });
    },
  },
  {
    name: 'a claim that no volume fits',
    reports: ['MB313 (MB203)'],
    inject: (cluster) => aBackupOnto(cluster, aClaim({ storageClassName: '' })),
  },
  {
    // As on most clouds: until the first pod came it was said that the claim waits for one.
    name: 'a claim whose provisioner is not there',
    reports: ['MB314 (MB203)'],
    inject: (cluster) =>
      withClass(
        aBackupOnto(cluster, undefined),
        { provisioner: 'nobody.example.org', volumeBindingMode: 'WaitForFirstConsumer' },
        async ({ kubectl }, name) => {
          await kubectl.apply(aClaim({ storageClassName: name }));
          await kubectl.objects.until('events', (events) =>
            assert.match(JSON.stringify(events), /WaitForFirstConsumer/),
          );
          await startRun(kubectl);
          // So long a provisioner is given time.
          await new Promise((resolve) => setTimeout(resolve, 31_000));
        },
      ),
  },
  {
    name: 'a claim that waits for its first pod',
    reports: [],
    also: ['MB315'],
    inject: (cluster) =>
      withClass(
        aBackupOnto(cluster, undefined),
        { provisioner: 'nobody.example.org', volumeBindingMode: 'WaitForFirstConsumer' },
        ({ kubectl }, name) => kubectl.apply(aClaim({ storageClassName: name })),
      ),
  },
  {
    name: 'a claim whose volume was deleted',
    reports: ['MB316 (MB203)'],
    inject: (cluster) =>
      spoilt(aBackupOnto(cluster, aClaim({})), async (fixture) => {
        const volume = await isBound(fixture);
        await fixture.kubectl.ok('delete', 'pv', volume, '--wait=false');
        await fixture.kubectl.ok(
          'patch',
          'pv',
          volume,
          '--type=merge',
          '-p',
          '{"metadata":{"finalizers":null}}',
        );
        await hasField(fixture.kubectl, 'pvc/backups', { path: '.status.phase', value: 'Lost' });
      }),
  },
  {
    // There is one node: what the attach controller says where there are two is written by hand.
    name: 'a volume that another node holds',
    reports: ['MB317'],
    words: () => ['--only', 'storage'],
    inject: (cluster) =>
      spoilt(aBackupOnto(cluster, aClaim({})), async (fixture) => {
        const pod = await aWaitingPod(cluster, fixture);
        await fixture.kubectl.apply({
          apiVersion: 'v1',
          kind: 'Event',
          metadata: { name: 'waiting.attach', namespace: fixture.namespace },
          involvedObject: {
            apiVersion: 'v1',
            kind: 'Pod',
            name: 'waiting',
            namespace: fixture.namespace,
            uid: uidOf(pod)!,
          },
          type: 'Warning',
          reason: 'FailedAttachVolume',
          message:
            'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node and can\'t be attached to another',
          source: { component: 'attachdetach-controller' },
          firstTimestamp: new Date().toISOString(),
          lastTimestamp: new Date().toISOString(),
          count: 1,
        });
      }),
  },
  {
    name: 'a claim for one pod that another uses',
    reports: ['MB318'],
    words: () => ['--only', 'storage'],
    inject: (cluster) =>
      spoilt(aBackupOnto(cluster, aClaim({})), async (fixture) => {
        await aWaitingPod(cluster, fixture);
        const condition = {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          lastTransitionTime: new Date().toISOString().replace(/\.\d+/, ''),
          message:
            '0/1 nodes are available: 1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode.',
        };
        const status = JSON.stringify({ status: { conditions: [condition] } });
        const patch = ['patch', 'pod', 'waiting', '--subresource=status', '--type=merge', '-p', status];
        await fixture.kubectl.ok(...patch);
      }),
  },
  {
    name: 'a claim whose access mode no volume offers',
    reports: ['MB319 (MB203)'],
    inject: (cluster) => withVolume(cluster, ['ReadWriteOnce'], ['ReadWriteMany']),
  },
  {
    // The volumes here are folders, which the kubelet does not measure: its answer is written by hand.
    name: 'a volume that is nearly full',
    reports: ['MB320'],
    inject: (cluster) =>
      withSpace(cluster, { capacityBytes: 1000, availableBytes: 80, inodes: 0, inodesFree: 0 }),
  },
  {
    name: 'a volume without inodes',
    reports: ['MB321'],
    inject: (cluster) =>
      withSpace(cluster, { capacityBytes: 1000, availableBytes: 900, inodes: 1000, inodesFree: 9 }),
  },
  {
    name: 'a claim that is being deleted',
    reports: ['MB322'],
    inject: (cluster) =>
      spoilt(aBackupOnto(cluster, aClaim({})), async (fixture) => {
        await isBound(fixture);
        await fixture.kubectl.apply(aPodOn(cluster, 'holder'));
        // A pod that has no node yet does not hold a claim.
        await hasCondition(fixture.kubectl, 'pod/holder', 'PodScheduled');
        await fixture.kubectl.ok('delete', 'pvc', 'backups', '--wait=false');
      }),
  },
];

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'sEcReT/eXaMpLe' };

const CREDENTIALS: readonly ClusterFault[] = [
  {
    name: 'S3 credentials that are in order',
    reports: [],
    also: ['MB300'],
    inject: (cluster) => aBackupToS3(cluster, KEYS),
  },
  {
    name: 'S3 credentials that nobody made',
    reports: ['MB330 (MB203, MB231)'],
    inject: (cluster) => aBackupToS3(cluster, undefined),
  },
  {
    name: 'S3 credentials without the secret key',
    reports: ['MB331 (MB203, MB232)'],
    inject: (cluster) => aBackupToS3(cluster, { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE' }),
  },
  {
    name: 'an S3 credential that is empty',
    reports: ['MB332 (MB203)'],
    inject: (cluster) => aBackupToS3(cluster, { ...KEYS, AWS_SECRET_ACCESS_KEY: '' }),
  },
  {
    name: 'an S3 credential with a line break, all keys as variables',
    reports: ['MB333 (MB203)'],
    inject: (cluster) =>
      aBackupToS3(cluster, { ...KEYS, AWS_SECRET_ACCESS_KEY: 'sEcReT/eXaMpLe\n' }, { envFrom: true }),
    check: ({ findings }) => {
      const summary = findings.find(({ code }) => code === 'MB333')?.summary ?? '';
      assert.match(summary, /its key AWS_SECRET_ACCESS_KEY ends with a line break/);
    },
  },
];

const STORE: readonly ClusterFault[] = [
  {
    name: 'a store that is a file',
    reports: ['MB340 (MB401)'],
    inject: (cluster) => spoilt(aHealthyRelease(cluster), async ({ cli }) => writeFileSync(cli.store, 'x')),
  },
  {
    name: 'no store yet',
    reports: [],
    also: ['MB341'],
    inject: aHealthyRelease,
  },
  {
    name: 'a store that is mounted read-only',
    reports: ['MB342'],
    inject: async (cluster) =>
      inItsOwnMount(
        await aBackedUpRelease(cluster),
        'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"',
      ),
  },
  {
    name: 'a store without room for another backup',
    reports: ['MB343'],
    inject: async (cluster) => inItsOwnMount(await aBackedUpRelease(cluster), onATmpfs('1m')),
  },
  {
    name: 'a store whose disk is nearly full',
    reports: ['MB344'],
    inject: async (cluster) => inItsOwnMount(await aBackedUpRelease(cluster), onATmpfs('8m')),
  },
  {
    name: 'a store that everybody can write',
    reports: ['MB345'],
    inject: (cluster) => spoilt(aBackedUpRelease(cluster), async ({ cli }) => chmodSync(cli.store, 0o777)),
  },
  {
    name: 'a store without a backup of the release',
    reports: [],
    also: ['MB350'],
    inject: (cluster) => spoilt(aHealthyRelease(cluster), async ({ cli }) => mkdirSync(cli.store)),
  },
  {
    name: 'a backup of last month',
    reports: ['MB351'],
    inject: (cluster) => spoilt(aBackedUpRelease(cluster), async (fixture) => ageBackup(fixture, 30)),
  },
  {
    name: 'a newest backup that lacks a file',
    reports: ['MB352 (MB401)'],
    inject: (cluster) =>
      spoilt(aBackedUpRelease(cluster), async ({ cli }) => {
        rmSync(join(newestBackup(cli.store).folder, 'settings.json'));
      }),
  },
  {
    name: 'a newest backup that could not read everything',
    reports: ['MB353'],
    inject: (cluster) =>
      spoilt(aBackedUpRelease(cluster), async (fixture) => {
        const rules = without(READ_EVERYTHING, 'services', 'list', 'get');
        using cli = await asRestrictedUser(cluster, fixture, 'half-blind', rules);
        const { code } = await cli.run('backup', fixture.name, '--store', fixture.cli.store);
        assert.equal(code, 5);
      }),
  },
  {
    name: 'a newest backup that nobody verified',
    reports: [],
    also: ['MB354', 'MB300'],
    inject: aBackedUpRelease,
  },
  {
    name: 'backups that hold less than half of what they did',
    reports: ['MB355'],
    inject: (cluster) =>
      spoilt(applied(cluster, aDaemonSet(cluster)), async (fixture) => {
        const { kubectl } = fixture;
        const labels = { 'app.kubernetes.io/instance': 'per-node' };
        const names = Array.from({ length: 12 }, (_, index) => `settings-${index}`);
        await kubectl.apply(
          ...names.map((name) => ({
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name, labels },
            data: {},
          })),
        );
        await threeBackups(fixture);
        await kubectl.ok('delete', 'configmap', ...names);
        await fixture.cli.ok('backup', fixture.name);
      }),
  },
  {
    name: 'backups that grow all of a sudden',
    reports: ['MB356'],
    inject: (cluster) =>
      spoilt(applied(cluster, aDaemonSet(cluster)), async (fixture) => {
        await threeBackups(fixture);
        const metadata = { name: 'big', labels: { 'app.kubernetes.io/instance': 'per-node' } };
        const big = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { text: 'x'.repeat(600_000) } };
        await fixture.kubectl.ok('create', '-f', fileOf(fixture, big));
        await fixture.cli.ok('backup', fixture.name);
      }),
  },
  {
    name: 'the folder of a backup that was cut off',
    reports: [],
    also: ['MB360', 'MB300'],
    inject: (cluster) =>
      spoilt(aBackedUpRelease(cluster), async ({ cli }) => {
        const { folder } = newestBackup(cli.store);
        const left = join(dirname(folder), '.partial-20261124T120000Z.4194303.0badcafe');
        mkdirSync(left);
        const anHourAgo = new Date(Date.now() - 3_600_000);
        utimesSync(left, anHourAgo, anHourAgo);
      }),
  },
];

export const STORAGE_FAULTS: readonly ClusterFault[] = [...CLAIMS, ...CREDENTIALS, ...STORE];

/** memcached with a folder for its restart file, and no claim for it. */
async function aReleaseOnto(cluster: TestCluster): Promise<Fixture> {
  const { name, objects } = aDaemonSet(cluster);
  const onto = objects.map((object) => {
    if (object.kind !== 'DaemonSet') return object;
    const { spec } = object as { spec: { template: { spec: JsonObject } } };
    const volumes = [{ name: 'warm', persistentVolumeClaim: { claimName: 'warm' } }];
    const template = { ...spec.template, spec: { ...spec.template.spec, volumes } };
    return { ...object, spec: { ...spec, template } };
  });
  return spoilt(applied(cluster, { name, objects: onto }), async ({ kubectl }) => {
    const waiting = ['wait', 'pod', '-l', 'app.kubernetes.io/instance=per-node', '--timeout=60s'];
    await eventually(() =>
      kubectl.ok(...waiting, '--for=jsonpath={.status.conditions[0].reason}=Unschedulable'),
    );
  });
}

function aClaim(spec: JsonObject): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'backups' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } }, ...spec },
  };
}

function pendingClaim(namespace: string): JsonObject {
  const claim = aClaim({});
  const metadata = {
    ...(claim.metadata as JsonObject),
    namespace,
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  return { ...claim, metadata, status: { phase: 'Pending' } };
}

/** A pod like the backup's, that runs. */
function aPodOn(cluster: TestCluster, name: string, more: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'c',
          image: cluster.images.toolbox ?? cluster.images.memcached,
          command: ['sleep', '3600'],
          volumeMounts: [{ name: 'backups', mountPath: '/backup' }],
          resources: { requests: { cpu: '1m', memory: '4Mi' } },
        },
      ],
      volumes: [{ name: 'backups', persistentVolumeClaim: { claimName: 'backups' } }],
      ...more,
    },
  };
}

/** A pod of the claim that no scheduler looks at. */
async function aWaitingPod(cluster: TestCluster, { kubectl }: Fixture): Promise<JsonObject> {
  await kubectl.apply(aPodOn(cluster, 'waiting', { schedulerName: 'nobody' }));
  return kubectl.objects.get('pod/waiting');
}

/** @returns the volume's name. */
async function isBound({ kubectl }: Fixture): Promise<string> {
  await hasField(kubectl, 'pvc/backups', { path: '.status.phase', value: 'Bound' });
  return kubectl.objects.field('pvc/backups', '.spec.volumeName');
}

/** A StorageClass named after the namespace, that goes with it. */
async function withClass(
  made: Promise<Fixture>,
  storageClass: JsonObject,
  use: (fixture: Fixture, name: string) => Promise<unknown>,
): Promise<Fixture> {
  const fixture = await made;
  const name = fixture.namespace;
  const remove = () => fixture.kubectl.run('delete', 'storageclass', name);
  return spoilt(Promise.resolve(alsoRemoving(fixture, remove)), async () => {
    const head = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name } };
    await fixture.kubectl.apply({ ...head, ...storageClass });
    await use(fixture, name);
  });
}

/** A free volume of a class that only this test's claim names. */
async function withVolume(cluster: TestCluster, offered: string[], wanted: string[]): Promise<Fixture> {
  return withClass(
    aBackupOnto(cluster, undefined),
    { provisioner: 'kubernetes.io/no-provisioner' },
    async ({ kubectl }, name) => {
      await kubectl.apply({
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name },
        spec: {
          accessModes: offered,
          capacity: { storage: '1Mi' },
          storageClassName: name,
          hostPath: { path: '/tmp' },
        },
      });
      await kubectl.apply(aClaim({ storageClassName: name, accessModes: wanted }));
    },
  ).then((fixture) => alsoRemoving(fixture, () => fixture.kubectl.run('delete', 'pv', fixture.namespace)));
}

async function withSpace(cluster: TestCluster, space: JsonObject): Promise<Fixture> {
  const fixture = await spoilt(aBackupOnto(cluster, aClaim({})), async ({ kubectl }) => {
    await kubectl.apply(aPodOn(cluster, 'holder'));
    await hasCondition(kubectl, 'pod/holder', 'Ready');
  });
  const pvcRef = { name: 'backups', namespace: fixture.namespace };
  return behindProxy(cluster, fixture, ({ path }, answer) =>
    path.endsWith('/proxy/stats/summary')
      ? answer({ pods: [{ volume: [{ name: 'backups', pvcRef, ...space }] }] })
      : undefined,
  );
}

type Answer = (body: JsonObject) => { status: number; body: string };

/** The real API server, but for some of its answers. */
async function behindProxy(
  cluster: TestCluster,
  fixture: Fixture,
  fault: (request: { path: string }, answer: Answer) => ReturnType<Answer> | undefined,
): Promise<Fixture> {
  const proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
  const answer: Answer = (body) => ({ status: 200, body: JSON.stringify(body) });
  proxy.fault = (request) => fault(request, answer);
  const cli = cliFor(cluster, { ...fixture, kubeconfig: proxy.kubeconfig });
  return alsoRemoving({ ...fixture, cli }, async () => {
    await proxy[Symbol.asyncDispose]();
    cli[Symbol.dispose]();
  });
}

async function aBackupToS3(
  cluster: TestCluster,
  keys: Record<string, string> | undefined,
  { envFrom = false }: { envFrom?: boolean } = {},
): Promise<Fixture> {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'aws-credentials' } };
  const env = Object.keys(KEYS).map((name) => ({
    name,
    valueFrom: { secretKeyRef: { name: 'aws-credentials', key: name } },
  }));
  const fixture = await aBackupCronJob(cluster, {
    beside: keys === undefined ? [] : [{ ...secret, stringData: keys }],
    container: envFrom ? { envFrom: [{ secretRef: { name: 'aws-credentials' } }] } : { env },
  });
  fixture.secrets.push(KEYS.AWS_SECRET_ACCESS_KEY);
  return fixture;
}

/** The tool sees its store in a mount namespace of its own, in which a shell has changed something; "$1" is the store. */
function inItsOwnMount(fixture: Fixture, mount: string): Fixture {
  const { cli, namespace, secrets } = fixture;
  const script = `${mount} && shift && exec "$@"`;
  const run_ = async (...args: string[]) => {
    const words = ['--mount', 'sh', '-ec', script, 'sh', cli.store, BINARY, ...args, '-n', namespace];
    const outcome = await run('unshare', words, { env: cli.env });
    assertNoSecret(`\`${outcome.command}\``, `${outcome.stdout}\n${outcome.stderr}`, secrets);
    return outcome;
  };
  return { ...fixture, cli: { ...cli, run: run_ } };
}

/** The store's files on a disk of this size, which is all used but for what they leave. */
function onATmpfs(size: string): string {
  return `mount -t tmpfs -o size=${size},mode=700 none /mnt && cp -a "$1/." /mnt/ && mount --bind /mnt "$1"`;
}

/** The backup as it would be if it had been taken some days ago: another id, and all that is sealed with it. */
function ageBackup({ cli }: Fixture, days: number): void {
  const { folder } = newestBackup(cli.store);
  const id = backupId(new Date(Date.now() - days * 24 * 3_600_000));
  reseal(folder, join(dirname(folder), id), id);
}

/** Three backups of the release as it is, of the last days. */
async function threeBackups({ cli, name }: Fixture): Promise<void> {
  await cli.ok('backup', name);
  const { folder } = newestBackup(cli.store);
  for (const days of [1, 2, 3]) {
    const id = backupId(new Date(Date.now() - days * 24 * 3_600_000));
    const copy = join(dirname(folder), id);
    cpSync(folder, copy, { recursive: true });
    reseal(copy, copy, id);
  }
}

/** Gives a backup another id, with the digest and the folder that go with it. */
function reseal(folder: string, place: string, id: string): void {
  const file = join(folder, 'backup.json');
  const document = { ...(JSON.parse(readFileSync(file, 'utf8')) as JsonObject), id };
  const text = `${JSON.stringify(document, null, 2)}\n`;
  writeFileSync(file, text);
  const digest = createHash('sha256').update(text).digest('hex');
  writeFileSync(`${file}.sha256`, `${digest}  backup.json\n`);
  if (place !== folder) renameSync(folder, place);
}

/** Too large for an annotation, so that it is created and not applied. */
function fileOf({ cli }: Fixture, object: JsonObject): string {
  const file = join(dirname(cli.store), 'big.json');
  writeFileSync(file, JSON.stringify(object));
  return file;
}
