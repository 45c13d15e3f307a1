import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import {
  changeDocument,
  decodeRevision,
  encodeRelease,
  type HelmStatus,
} from '../../src/model/helm/helm-release.ts';
import type { JsonObject } from '../../src/model/json/json.ts';
import { heldSpec } from '../../src/model/kubernetes/lease.ts';
import { type KubeObject, labelsOf, nameOf } from '../../src/model/kubernetes/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { manifestText } from '../support/helm-records.ts';
import { eventually } from './support/eventually.ts';
import type { HelmBinary } from './support/helm.ts';
import { aNamespace } from './support/namespace.ts';
import { expectCode } from './support/process.ts';
import { aRelease, aSecret, CACHE_CHART, type TestRelease } from './support/release.ts';
import { assertNoSecret } from './support/secret-scan.ts';
import { newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();
const [helm3, helm4] = [cluster.helms[0]!, cluster.helms.at(-1)!];

const HOUR = 3_600_000;
const LABELS = ['name', 'owner', 'status', 'version', 'modifiedAt', 'createdAt'];

describe('a release that somebody damaged', { concurrency: true }, () => {
  test("a record of Helm's that names another namespace's objects: nothing of them is saved or shown", async () => {
    await using release = await aSmallRelease(helm3);
    await using bank = await aNamespace(cluster, 'bank');
    const { cli, name, namespace, secrets } = release;
    const pin = aSecret();
    secrets.push(pin);
    const marks = {
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': namespace },
    };
    // kubectl keeps a copy of each in an annotation: metadata tells the secret too.
    const theirs: KubeObject[] = [
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'vault' }, stringData: { pin } },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'marked', ...marks }, stringData: { pin } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', ...marks }, data: { pin } },
      webOf(pin, marks),
    ].map((object) => ({
      ...object,
      metadata: { ...(object.metadata as JsonObject), namespace: bank.namespace },
    }));
    await bank.kubectl.apply(...theirs);
    const identities = theirs.map(({ apiVersion, kind, metadata }) => ({
      apiVersion: apiVersion!,
      kind: kind!,
      metadata: { name: (metadata as JsonObject).name!, namespace: bank.namespace },
    }));
    const list = { apiVersion: 'v1', kind: 'List', items: identities.slice(0, 1) };
    const wide = ['kube-system', bank.namespace].map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    }));
    await bank.kubectl.ok('annotate', 'namespace', bank.namespace, `example.org/pin=${pin}`);
    const forged = manifestText([...identities, list, ...wide]);
    await rewrite(release, 1, (document) => ({
      ...document,
      manifest: `${document.manifest}${forged}`,
      hooks: identities.map((object, index) => ({
        name: `hook-${index}`,
        kind: object.kind,
        path: `x/templates/hook-${index}.yaml`,
        manifest: JSON.stringify(object),
        events: ['post-upgrade'],
      })),
    }));

    // Each output is scanned (support/cli.ts).
    const told = expectCode(await cli.run('backup', name, '-o', 'yaml'));
    assert.match(
      told.stderr,
      /secret\/vault in namespace \S+: Helm's record names it, and it bears no marks/,
    );
    const report = join(cli.store, '..', 'doctor.tgz');
    for (const words of [
      ['show', name, '-o', 'json'],
      ['verify', name],
      ['diff', name, '-o', 'json'],
      ['status', '-o', 'json'],
      ['doctor', '--report', report],
      ['restore', name, '--dry-run=server', '-o', 'json'],
    ]) {
      const { code, stderr } = await cli.run(...words);
      assert.ok([0, 3, 5].includes(code), `${words[0]}: ${stderr}`);
    }

    const { folder, document } = newestBackup(cli.store);
    const abroad = document.objects.filter(({ namespace: place }) => place === bank.namespace);
    assert.deepEqual(abroad.map(({ kind, name: each, role }) => `${kind}/${each} ${role}`).sort(), [
      'ConfigMap/settings recorded',
      'Deployment/web recorded',
      'Secret/marked recorded',
    ]);
    for (const { raw, manifest } of abroad) {
      const kept = JSON.parse(readFileSync(join(folder, raw), 'utf8')) as JsonObject;
      assert.deepEqual(Object.keys(kept), ['apiVersion', 'kind', 'metadata', 'digest']);
      assert.deepEqual(Object.keys(kept.metadata as JsonObject), ['name', 'namespace', 'uid']);
      assert.equal(manifest, undefined);
    }
    assertNoSecret('the backup', textIn(folder), [pin]);
    assertNoSecret('the report', execFileSync('tar', ['-xzOf', report], { encoding: 'utf8' }), [pin]);
  });

  test('records that have lost their labels: named, saved, restored with them, and doctor --fix puts them back', async () => {
    await using release = await aSmallRelease(helm4);
    const { cli, kubectl, helm, name, values } = release;
    await release.upgrade({ ...values, cacheSize: 20 });
    const unlabel = async (): Promise<void> => {
      const records = [1, 2].map((revision) => recordName(name, revision));
      await kubectl.ok('label', 'secret', ...records, ...LABELS.map((label) => `${label}-`));
      assert.notEqual((await helm.run('history', name)).code, 0, 'Helm finds nothing');
    };
    const original = await labelsOfRecords(release);
    await unlabel();

    const doctor = expectCode(await cli.run('doctor', '--only', 'rollout'), 3);
    assert.match(doctor.stdout, /MB514[\s\S]*Helm does not find 2 of its 2 records of small/);
    const told = expectCode(await cli.run('backup', name));
    for (const revision of [1, 2]) {
      assert.match(
        told.stderr,
        new RegExp(`secret/${recordName(name, revision)}: labels .*owner.*; Helm does not find it`),
      );
    }
    const { document } = newestBackup(cli.store);
    assert.equal(document.complete, true);
    assert.deepEqual(document.helm?.revisions, [1, 2]);

    expectCode(await cli.run('doctor', '--only', 'rollout', '--fix', '--yes'));
    assert.deepEqual(await statuses(release), ['superseded', 'deployed']);
    assert.deepEqual(await labelsOfRecords(release), original);

    // The backup of the damaged records, where the records are gone altogether, and where they are damaged still.
    await kubectl.ok('delete', 'secret', '-l', 'owner=helm');
    expectCode(await cli.run('restore', name, '--yes'));
    assert.deepEqual(await statuses(release), ['superseded', 'deployed']);
    assert.deepEqual(await labelsOfRecords(release), original);
    await unlabel();
    expectCode(await cli.run('restore', name, '--yes'));
    assert.deepEqual(await labelsOfRecords(release), original);
    await release.upgrade({ ...values, cacheSize: 24 });
    assert.deepEqual(await statuses(release), ['superseded', 'superseded', 'deployed']);
  });

  test('a record that stays pending: said at the backup and in the plan, restored as failed, mended by doctor', async () => {
    await using release = await aSmallRelease(helm3);
    const { cli, kubectl, helm, name, namespace, values } = release;
    await release.upgrade({ ...values, cacheSize: 20 });
    const fix = () => cli.run('doctor', '--only', 'rollout', '--fix', '--yes');
    const asItWas = async (): Promise<unknown> => kubectl.objects.get(`secret/${recordName(name, 2)}`);

    // Somebody may be at work: with Helm, or with this tool.
    await leavePending(release, 2, 60_000);
    const young = await asItWas();
    assert.match(expectCode(await fix()).stderr, /Nothing here that doctor can fix by itself/);
    assert.deepEqual(await asItWas(), young);
    await leavePending(release, 2, HOUR);
    const held = await asItWas();
    const now = new Date();
    await kubectl.apply({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: `memcached-backup.${name}` },
      spec: heldSpec({ host: 'elsewhere', pid: 77, user: 'ada' }, now, now),
    });
    const busy = expectCode(await fix(), 3);
    assert.match(busy.stdout, /not mended by --fix: a restore or an undo is at work .*ada@elsewhere\/77/);
    assert.deepEqual(await asItWas(), held);
    await kubectl.objects.delete(`lease/memcached-backup.${name}`);

    const told = expectCode(await cli.run('backup', name));
    assert.match(
      told.stderr,
      /Helm revision 2 is pending-upgrade: an operation is under way, or was cut off/,
    );
    assert.match(await cli.ok('list', name), / no,pending-upgrade/);
    assert.match(await cli.ok('show', name), /^Pending: .*a restore writes it as failed$/m);

    const blocked = await helm.run('upgrade', name, CACHE_CHART, '--reuse-values');
    assert.match(blocked.stderr, /another operation .* is in progress/);
    assert.match(expectCode(await fix()).stderr, /mark Helm revision 2 as failed[\s\S]*MB512: fixed/);
    assert.deepEqual(await statuses(release), ['superseded', 'failed']);
    await release.upgrade({ ...values, cacheSize: 24 });

    await kubectl.objects.delete(`namespace/${namespace}`);
    const planned = expectCode(await cli.run('restore', name, '--dry-run=server'));
    assert.match(
      `${planned.stdout}${planned.stderr}`,
      /when the backup was taken, Helm revision 2 was pending-upgrade: .*it will be marked failed/,
    );
    expectCode(await cli.run('restore', name, '--yes'));
    assert.deepEqual(await statuses(release), ['superseded', 'failed']);
    for (const { path } of [helm4, helm3]) {
      const again = ['upgrade', name, CACHE_CHART, '--reuse-values', '--dry-run=server', '-n', namespace];
      execFileSync(path, again, { env: helm.env, stdio: 'pipe' });
    }
    await release.upgrade({ ...values, cacheSize: 28 });
    assert.equal((await statuses(release)).at(-1), 'deployed');
  });

  test('a namespace on its way out: its backup is not complete; latest passes over one without memcached', async () => {
    await using release = await aSmallRelease(helm3);
    const { cli, kubectl, name, namespace, fullname } = release;
    await cli.ok('backup', name);
    const { document: solid } = newestBackup(cli.store);

    await kubectl.ok('delete', 'deployment', fullname, '--cascade=foreground');
    await cli.ok('backup', name);
    const { document: hollow } = newestBackup(cli.store);
    assert.notEqual(hollow.id, solid.id);
    assert.equal(hollow.complete, true);
    assert.match(await cli.ok('show', name), new RegExp(solid.id));
    assert.match(await cli.ok('restore', name, '--dry-run=server'), new RegExp(solid.id));
    expectCode(await cli.run('restore', name, '--yes'));
    await kubectl.objects.get(`deployment/${fullname}`);

    // A namespace goes as far as it can at once: these two stay until they are let go.
    const holding = [`secret/${recordName(name, 1)}`, `deployment/${fullname}`];
    const hold = async (finalizers: string[] | null): Promise<void> => {
      const patch = ['--type=merge', '-p', JSON.stringify({ metadata: { finalizers } })];
      for (const object of holding) await kubectl.ok('patch', object, ...patch);
    };
    await hold(['example.org/hold']);
    try {
      await kubectl.ok('delete', 'namespace', namespace, '--wait=false');
      await eventually(async () =>
        assert.match(await kubectl.ok('get', ...holding, '-o', 'jsonpath={..deletionTimestamp}'), /\S+ \S+/),
      );
      const told = expectCode(await cli.run('backup', name), 5);
      assert.match(
        told.stderr,
        /not saved: what is gone of namespace\/\S+ already: the namespace is being deleted/,
      );
      assert.match(
        told.stderr,
        new RegExp(`not saved: all of deployment\\.apps/${fullname}: it has been under`),
      );
      const newest = newestBackup(cli.store).document;
      assert.equal(newest.complete, false);
      assert.notEqual(newest.id, hollow.id);
      assert.match(await cli.ok('show', name), new RegExp(solid.id), 'it does not become latest');
    } finally {
      await hold(null);
    }
  });
});

/** One that is up within seconds. */
function aSmallRelease(helm: HelmBinary): Promise<TestRelease> {
  return aRelease(cluster, helm)
    .named('small')
    .fromChart(CACHE_CHART, { image: cluster.images.memcached })
    .installed();
}

const recordName = (release: string, revision: number): string =>
  `sh.helm.release.v1.${release}.v${revision}`;

/** What Helm itself says, oldest first. */
async function statuses({ helm, name }: TestRelease): Promise<string[]> {
  return (await helm.history(name)).map(({ status }) => status);
}

/** Of each record those that Helm finds it by. */
async function labelsOfRecords({ kubectl }: TestRelease): Promise<string> {
  const secrets = await kubectl.objects.list('secrets');
  return secrets
    .filter((secret) => secret.type === 'helm.sh/release.v1')
    .map((record) => {
      const { owner, name, status, version } = labelsOf(record);
      return `${nameOf(record)}: ${owner}, ${name}, ${status}, ${version}`;
    })
    .join('\n');
}

/** Writes a release's record anew with another document, as whoever may write Secrets can. */
async function rewrite(
  { kubectl, name }: TestRelease,
  revision: number,
  change: (document: JsonObject) => JsonObject,
  labels: Record<string, string> = {},
): Promise<void> {
  const record = await kubectl.objects.get(`secret/${recordName(name, revision)}`);
  const release = encodeRelease(change(decodeRevision(record).document), 'secret');
  const patch = JSON.stringify({ metadata: { labels }, data: { release } });
  await kubectl.ok('patch', 'secret', recordName(name, revision), '--type=merge', '-p', patch);
}

/** As a Helm leaves it that was killed so many milliseconds after it began. */
function leavePending(release: TestRelease, revision: number, ageMs: number): Promise<void> {
  const status: HelmStatus = 'pending-upgrade';
  const deployedAt = new Date(Date.now() - ageMs).toISOString();
  return rewrite(release, revision, (document) => changeDocument(document, { status, deployedAt }), {
    status,
  });
}

/** A workload whose environment holds it, in plain text; nothing runs of it. */
function webOf(pin: string, marks: JsonObject): KubeObject {
  const labels = { app: 'web' };
  const container = { name: 'web', image: cluster.images.memcached, env: [{ name: 'PIN', value: pin }] };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', ...marks },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
}

/** Everything in a folder, unpacked, Helm's records decoded. */
function textIn(folder: string): string {
  const texts = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      return (entry.name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    });
  const unpacked = gunzipSync(readFileSync(join(folder, 'helm/release.json.gz'))).toString('utf8');
  const { items } = JSON.parse(unpacked) as { items: KubeObject[] };
  return [...texts, ...items.map((record) => JSON.stringify(decodeRevision(record).document))].join('\n');
}
