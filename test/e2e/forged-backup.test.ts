import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { clean } from '../../src/model/forms/clean.ts';
import { isObject, type JsonObject } from '../../src/model/json/json.ts';
import { toYaml } from '../../src/model/json/yaml.ts';
import { displayName, type KubeObject, refOf } from '../../src/model/kubernetes/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { forgeDocument, forgeFile, forgeHelmManifest, forgeObject } from '../support/small-backup.ts';
import { expectCode } from './support/process.ts';
import { aRelease } from './support/release.ts';
import { backupsIn, newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();
const [helm] = cluster.helms;
const RBAC = 'rbac.authorization.k8s.io';

/** All digests fit: what whoever can write to the store can make of a backup. */
describe('a backup that somebody else wrote to', async () => {
  const release = await aRelease(cluster, helm!).installed();
  after(() => release[Symbol.asyncDispose]());
  const { cli, kubectl, name, namespace } = release;
  await cli.ok('backup', name);
  // Something to restore: without the forgery each of these restores would write.
  await kubectl.objects.delete(`service/${name}`);
  const { folder: honest } = newestBackup(cli.store);

  /** A copy of the backup under its own id, in a folder of its own. */
  const copies = join(cli.store, '..', 'copies');
  let count = 0;
  function copied(): string {
    const folder = join(copies, String(++count), basename(honest));
    mkdirSync(folder, { recursive: true });
    cpSync(honest, folder, { recursive: true });
    return folder;
  }

  const evil = `evil-${namespace}`;
  const within = (
    apiVersion: string,
    kind: string,
    more: JsonObject = {},
    place = namespace,
  ): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name: evil, namespace: place },
    ...more,
  });
  const container = { name: 'x', image: cluster.images.memcached, securityContext: { privileged: true } };
  const toAdmin: KubeObject = {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: evil },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
  };
  const pod = within('v1', 'Pod', { spec: { containers: [container] } });
  const job = within('batch/v1', 'Job', {
    spec: { template: { spec: { containers: [container], restartPolicy: 'Never' } } },
  });
  const elsewhere = within('v1', 'ConfigMap', { data: { a: 'b' } }, 'default');
  const planted = [toAdmin, pod, job, elsewhere];

  const forgeries: [what: string, forge: (folder: string) => void, object: string][] = [
    ...planted.map((object): (typeof forgeries)[number] => [
      `a ${String(object.kind)}`,
      (folder) => forgeObject(folder, object),
      displayName(refOf(object)),
    ]),
    ...[toAdmin, pod, elsewhere].map((object): (typeof forgeries)[number] => [
      `a ${String(object.kind)} that Helm's record names, too`,
      (folder) => {
        forgeHelmManifest(folder, object);
        forgeObject(folder, object);
      },
      displayName(refOf(object)),
    ]),
    [
      'an object whose file is of another',
      (folder) =>
        forgeDocument(folder, ({ objects }) => {
          objects.find(({ kind }) => kind === 'ConfigMap')!.name = evil;
        }),
      `configmap/${evil}`,
    ],
  ];

  test('is refused by restore, diff and a rehearsal in the words of verify, and nothing is written', async () => {
    for (const [what, forge, object] of forgeries) {
      const folder = copied();
      forge(folder);
      const verified = expectCode(await cli.run('verify', folder, '--offline', '-o', 'wide'), 1);
      for (const words of [
        ['restore', folder, '--yes'],
        ['restore', folder, '--dry-run=server'],
        ['restore', folder, '--into', `${namespace}-copy`, '--yes'],
        ['diff', folder],
      ]) {
        const { stderr, stdout } = expectCode(await cli.run(...words), 1);
        const [, why = 'nothing'] = /is damaged: (.*?)(?:; and \d+ more)?$/m.exec(stderr) ?? [];
        assert.ok(why.startsWith(`${object}: `), `${what}, ${words[0]}: ${stderr}`);
        assert.ok(verified.stdout.includes(why.slice(object.length + 2)), `${why}\n${verified.stdout}`);
        assert.match(stderr, /memcached-backup verify \S+ --offline/);
        assert.equal(stdout, '', 'no plan is shown');
      }
    }
    for (const object of planted) {
      const { namespace: place = 'default' } = refOf(object);
      const asked = ['get', String(object.kind), evil, '-n', place, '--ignore-not-found', '-o', 'name'];
      assert.equal(await kubectl.ok(...asked), '');
    }
    assert.equal(await kubectl.objects.find(`service/${name}`), undefined);
    assert.equal(backupsIn(cli.store).length, 1, 'no safety backup was taken');
  });

  test('a Role that was made wider, everywhere alike, stands in the plan in words, and wants the answer', async () => {
    const folder = copied();
    const { objects } = newestBackup(cli.store).document;
    const { raw, manifest } = objects.find(({ kind }) => kind === 'Role')!;
    const role = JSON.parse(readFileSync(join(folder, raw), 'utf8')) as KubeObject;
    const rules = [
      ...(role.rules as JsonObject[]),
      { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] },
    ];
    const wider = { ...role, rules };
    forgeFile(folder, raw, `${JSON.stringify(wider, null, 2)}\n`);
    forgeFile(folder, manifest!, toYaml(clean(wider).object));
    forgeHelmManifest(folder, clean(wider).object);

    const grant = `get, list on secrets to serviceaccount/${name}`;
    const { stdout } = expectCode(await cli.run('restore', folder, '--dry-run=server'));
    const [, shown = ''] =
      new RegExp(`replace +role\\.${RBAC}/${name}: .*\\n((?: {13}.*\\n)+)`).exec(stdout) ?? [];
    assert.match(shown, new RegExp(`^ {13}grants ${grant}$`, 'm'));
    assert.doesNotMatch(stdout, /grants (?!get, list on secrets)/, 'what live grants already is not told');
    const { plan } = await cli.json(['restore', folder, '--dry-run=server']);
    const granted = (plan as { objects: JsonObject[] }).objects.filter(({ grants }) => grants !== undefined);
    assert.deepEqual(
      granted.map(({ ref, grants }) => [isObject(ref!) && ref.kind, grants]),
      [['Role', [grant]]],
    );
    expectCode(await cli.run('restore', folder), 2);
    assert.equal(await kubectl.objects.find(`service/${name}`), undefined);
  });

  test('undo refuses a safety backup that was written to', async () => {
    await cli.ok('restore', name, '--yes');
    const safety = backupsIn(cli.store).find(({ document }) => document.kind === 'safety')!;
    forgeObject(safety.folder, pod);
    const { stderr } = expectCode(await cli.run('undo', name, '--yes'), 1);
    assert.match(stderr, new RegExp(`pod/${evil}|safety backup`));
    assert.equal(await kubectl.objects.find(`pod/${evil}`), undefined);
    await kubectl.objects.get(`service/${name}`);
  });
});
