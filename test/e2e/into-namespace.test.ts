import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, test } from 'node:test';
import {
  arrayAt,
  type JsonObject,
  numberAt,
  objectAt,
  stringAt,
  valueAt,
} from '../../src/model/json/json.ts';
import { parseYamlStream, toYaml } from '../../src/model/json/yaml.ts';
import { nameOf } from '../../src/model/kubernetes/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { BINARY, cliFor } from './support/cli.ts';
import { cutOffAtWrite } from './support/cut-off.ts';
import { entryPoints } from './support/entry-points.ts';
import { exactObjects } from './support/exact-objects.ts';
import {
  aReleaseByAnotherName,
  aReleaseWithEverything,
  aStatefulSet,
} from './support/fixtures/helm-releases.ts';
import { aDaemonSet, aDeploymentWithMountedSettings, applied } from './support/fixtures/plain-yaml.ts';
import { assertIsRich, assertSettings, helmGoesOn } from './support/helm-goes-on.ts';
import { type Kubectl, kubectlIn } from './support/kubectl.ts';
import { aNamespace, namespaceNamed } from './support/namespace.ts';
import { isGone } from './support/objects.ts';
import { expectCode, run } from './support/process.ts';
import { type RecordedRequest, recordingProxy, refusal, writesAmong } from './support/recording-proxy.ts';
import { aRelease, CACHE_CHART } from './support/release.ts';
import { resourceVersions } from './support/resource-versions.ts';
import { NEXT_SETTINGS, NEXT_VALUES, RICH_SETTINGS, RICH_VALUES } from './support/rich-values.ts';
import { backupsIn } from './support/store-files.ts';

const cluster = await ensureCluster();
const [helm3, helm4] = [cluster.helms[0]!, cluster.helms.at(-1)!];

describe('restore --into another namespace', { concurrency: 3 }, () => {
  for (const binary of cluster.helms) {
    test(`makes a whole copy of a chart's release, with which Helm goes on (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary)
        .withPassword()
        .withValues(RICH_VALUES)
        .installed();
      const { cli, kubectl, name, namespace, values } = release;
      await using copy = release.twinIn(`${namespace}-copy`);
      await release.upgradeBadly({ ...values, ...NEXT_VALUES });
      await release.upgrade(values);
      const host = `${name}.${namespace}.svc`;
      const peer = `http://user:hunter22@${host}:80`;
      await kubectl.ok('annotate', `service/${name}`, `example.org/peer=${peer}`);
      await cli.ok('backup', name);
      const before = await resourceVersions(kubectl, namespace);
      const original = await exactObjects(kubectl, name);
      const history = await release.helm.history(name);

      const report = await cli.json(['restore', name, '--into', copy.namespace, '--yes']);

      assert.equal(report.outcome, 'proved');
      const plan = report.plan as JsonObject;
      assert.equal(stringAt(plan, 'backup', 'namespace'), namespace);
      assert.deepEqual(plan.namespace, { name: copy.namespace, action: 'create' });
      assert.deepEqual(
        plan.mentions,
        [
          { what: `service/${name}`, where: 'metadata.annotations["example.org/peer"]', text: host },
          { what: 'Helm revisions 1, 2, 3', where: 'notes' },
        ],
        'every mention, and no more of it than the host',
      );
      await assertIsRich(copy);
      const copied = await exactObjects(copy.kubectl, name);
      assert.equal(
        stringAt(copied[`Service/${name}`], 'metadata', 'annotations', 'example.org/peer'),
        peer,
        'what is only mentioned stays',
      );
      assert.deepEqual(
        comparable(copied, copy.namespace),
        comparable(original, namespace),
        'objects, and who owns their fields',
      );
      assert.deepEqual(
        arrayAt(copied[`RoleBinding/${name}`], 'subjects').map((subject) => stringAt(subject, 'namespace')),
        [copy.namespace],
      );
      assert.deepEqual(await copy.helm.history(name), history);
      assert.deepEqual(JSON.parse(await copy.helm.ok('get', 'values', name, '-o', 'json')), values);
      const manifest = await copy.helm.ok('get', 'manifest', name);
      assert.match(manifest, new RegExp(`^ +namespace: ${copy.namespace}$`, 'm'));
      assert.doesNotMatch(manifest, new RegExp(`namespace: ${namespace}$`, 'm'));

      await helmGoesOn(copy);

      assert.deepEqual(await resourceVersions(kubectl, namespace), before, 'the original never moved');
    });

    test(`replaces a release of that name there, and undo brings it back (${binary.name})`, async () => {
      await using release = await aRelease(cluster, binary).withValues(RICH_VALUES).installed();
      await using there = await aNamespace(cluster, 'there');
      await using other = await aRelease(cluster, binary).beside(there).withValues(NEXT_VALUES).installed();
      const { cli, kubectl, name, namespace } = release;
      const target = ['--into', there.namespace];
      await cli.ok('backup', name);
      const before = await resourceVersions(kubectl, namespace);
      const otherBefore = await exactObjects(other.kubectl, name);

      const report = await cli.json(['restore', name, ...target, '--yes']);

      assert.equal(report.outcome, 'proved');
      const helm = objectAt(report.plan, 'helm');
      assert.deepEqual([helm?.action, helm?.revision], ['new-revision', 2]);
      await assertSettings({ ...other, values: release.values }, RICH_SETTINGS);
      const safety = backupsIn(cli.store).find(({ document }) => document.kind === 'safety');
      assert.equal(safety?.document.namespace.name, there.namespace, 'the safety backup is of the target');
      const again = await cli.json(['restore', name, ...target, '--yes']);
      assert.equal(again.outcome, 'nothing-to-do');

      await other.cli.ok('undo', name, '--yes', '--store', cli.store);

      await assertSettings({ ...other, values: NEXT_VALUES }, NEXT_SETTINGS);
      assert.deepEqual(await exactObjects(other.kubectl, name), otherBefore);
      assert.deepEqual(await resourceVersions(kubectl, namespace), before, 'the original never moved');
    });
  }

  test('leaves to the original what only one can have, and tells what else names its namespace', async () => {
    await using place = await aNamespace(cluster, 'spread');
    await using other = await aNamespace(cluster, 'other');
    const nodePort = randomInt(30_043, 30_086);
    const { namespace } = place;
    const extraDeploy = [
      inNamespace('v1', 'ConfigMap', 'placed', namespace, { data: { peer: `x.${namespace}.svc` } }),
      inNamespace('v1', 'ConfigMap', 'elsewhere', other.namespace, { data: { a: 'b' } }),
      inNamespace('v1', 'Secret', 'sealed', namespace, { stringData: { url: `http://me@x.${namespace}` } }),
      inNamespace('v1', 'Service', 'outside', namespace, {
        spec: { type: 'NodePort', selector: { app: 'x' }, ports: [{ port: 11211, nodePort }] },
      }),
      inNamespace('networking.k8s.io/v1', 'NetworkPolicy', 'callers', namespace, {
        spec: { podSelector: {}, ingress: [{ from: [selecting(namespace)] }] },
      }),
      inNamespace('rbac.authorization.k8s.io/v1', 'RoleBinding', 'bound', namespace, {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
        subjects: [
          { kind: 'ServiceAccount', name: 'default', namespace },
          { kind: 'ServiceAccount', name: 'default', namespace: other.namespace },
          {
            kind: 'Group',
            apiGroup: 'rbac.authorization.k8s.io',
            name: `system:serviceaccounts:${namespace}`,
          },
        ],
      }),
    ].map((object) => toYaml(object));
    await using release = await aRelease(cluster, helm4)
      .named('spread')
      .fromChart(CACHE_CHART, { image: cluster.images.memcached, extraDeploy })
      .beside(place)
      .installed();
    const { cli, kubectl, name } = release;
    await using copy = release.twinIn(`${namespace}-copy`);
    await cli.ok('backup', name);
    const before = await resourceVersions(kubectl, namespace);
    const elsewhere = await resourceVersions(other.kubectl, other.namespace);

    const refused = expectCode(await cli.run('restore', name, '--into', other.namespace, '--yes'), 1);
    assert.match(refused.stderr, /has objects in namespace \S+ itself: configmap\/elsewhere/);
    assert.deepEqual(
      await resourceVersions(other.kubectl, other.namespace),
      elsewhere,
      'nothing was written',
    );

    const report = await cli.json(['restore', name, '--into', copy.namespace, '--yes']);

    assert.equal(report.outcome, 'proved');
    const warnings = arrayAt(report, 'plan', 'warnings').join('\n');
    assert.match(
      warnings,
      new RegExp(`service/outside asks for nodePort ${nodePort}, .*it gets another one`),
    );
    assert.match(warnings, /names them too: configmap\/elsewhere in \S+; take this restore back with undo/);
    const [port] = arrayAt(await copy.kubectl.objects.get('service/outside'), 'spec', 'ports');
    assert.ok((numberAt(port, 'nodePort') ?? 0) >= 30_000);
    assert.notEqual(numberAt(port, 'nodePort'), nodePort);
    assert.deepEqual(
      arrayAt(await copy.kubectl.objects.get('rolebinding/bound'), 'subjects').map(
        (subject) => stringAt(subject, 'namespace') ?? stringAt(subject, 'name'),
      ),
      [copy.namespace, other.namespace, `system:serviceaccounts:${namespace}`],
    );
    const mentions = arrayAt(report, 'plan', 'mentions').map((mention) =>
      [stringAt(mention, 'what'), stringAt(mention, 'where'), stringAt(mention, 'text')].join(' '),
    );
    for (const line of [
      `configmap/placed data.peer x.${namespace}.svc`,
      'secret/sealed data.url ',
      `networkpolicy.networking.k8s.io/callers spec.ingress[0].from[0].namespaceSelector.matchLabels["kubernetes.io/metadata.name"] ${namespace}`,
      `rolebinding.rbac.authorization.k8s.io/bound subjects[system:serviceaccounts:${namespace}].name ${namespace}`,
      'Helm revision 1 values.extraDeploy[0] ',
      'Helm revision 1 manifest, secret/sealed stringData.url ',
    ]) {
      assert.ok(mentions.includes(line), `${line} in ${mentions.join('\n')}`);
    }
    const placed = parseYamlStream(await copy.helm.ok('get', 'manifest', name)).filter(
      (object) => valueAt(object, 'metadata', 'name') === 'placed',
    );
    assert.equal(stringAt(placed[0], 'metadata', 'namespace'), copy.namespace);

    await copy.cli.ok('undo', name, '--yes', '--store', cli.store);
    await assertGone(copy.kubectl, copy.namespace);
    assert.deepEqual(await resourceVersions(kubectl, namespace), before, 'the original never moved');
    assert.deepEqual(await resourceVersions(other.kubectl, other.namespace), elsewhere);
  });

  test('brings a StatefulSet with empty claims of its own', async () => {
    await using release = await aStatefulSet(cluster, helm3).installed();
    const { cli, kubectl, name, namespace } = release;
    await using copy = release.twinIn(`${namespace}-copy`);
    await cli.ok('backup', name);
    const before = await resourceVersions(kubectl, namespace);
    const volumes = await volumesIn(kubectl);

    const report = await cli.json(['restore', name, '--into', copy.namespace, '--yes']);

    assert.equal(report.outcome, 'proved');
    const copied = await volumesIn(copy.kubectl);
    assert.equal(copied.filter(Boolean).length, 2, 'both claims are bound');
    assert.deepEqual(
      copied.filter((volume) => volumes.includes(volume)),
      [],
      'to volumes of their own',
    );
    await copy.helm.ok('uninstall', name, '--wait');
    assert.deepEqual(await resourceVersions(kubectl, namespace), before, 'the original never moved');
  });

  for (const [kind, made] of [
    ['a Deployment that mounts its settings', aDeploymentWithMountedSettings(cluster)],
    ['a DaemonSet', aDaemonSet(cluster)],
  ] as const) {
    test(`copies ${kind}: kubectl apply of the original changes nothing there, undo removes all`, async () => {
      await using release = await applied(cluster, made);
      const { cli, kubectl, name, namespace } = release;
      await using copy = namespaceNamed(cluster, `${namespace}-copy`);
      await cli.ok('backup', name);
      const before = await resourceVersions(kubectl, namespace);

      const report = await cli.json(['restore', name, '--into', copy.namespace, '--yes']);

      assert.equal(report.outcome, 'proved');
      const restored = arrayAt(report, 'applied').map((done) => stringAt(done, 'ref', 'name'));
      const own = made.objects.filter((object) => restored.includes(nameOf(object)));
      assert.ok(own.length > 1);
      const again = await kubectlIn(cluster, copy.namespace).applying(...own);
      assert.equal(again.stderr, '', 'kubectl warns of nothing');
      // Of a PodDisruptionBudget kubectl always says "configured": its selector has patchStrategy "replace".
      assert.match(again.stdout, /^(?:\S+ unchanged\n|poddisruptionbudget\S+ configured\n)+$/);
      assert.deepEqual(await resourceVersions(kubectl, namespace), before, 'the original never moved');

      using there = cliFor(cluster, { namespace: copy.namespace });
      await there.ok('undo', name, '--yes', '--store', cli.store);

      await assertGone(copy.kubectl, copy.namespace);
      assert.deepEqual(await resourceVersions(kubectl, namespace), before, 'nor then');
    });
  }

  test("copies a release that Helm's ConfigMap driver keeps, through Helm itself", async () => {
    await using release = await aReleaseByAnotherName(cluster, helm3).keptInConfigMaps().installed();
    const { cli, kubectl, name, namespace, helm } = release;
    await using copy = release.twinIn(`${namespace}-copy`);
    const points = await entryPoints(cluster, cluster.kubeconfig);
    using stack = new DisposableStack();
    for (const point of points) stack.use(point);
    const byHelm = points.find(({ program }) => program.includes('helm'))!;
    await cli.ok('backup', name);
    const before = await resourceVersions(kubectl, namespace);
    const env = { ...byHelm.env, MEMCACHED_BACKUP_STORE: cli.store };
    const words = ['memcached-backup', 'restore', name, '-n', namespace, '--into', copy.namespace, '--yes'];

    expectCode(await run(byHelm.program, words, { env }));

    assert.deepEqual(await copy.helm.history(name), await helm.history(name));
    await copy.upgrade({ ...copy.values, maxConnections: 160 });
    await copy.helm.ok('rollback', name, '1', '--wait');
    await copy.helm.ok('uninstall', name, '--wait');
    assert.deepEqual(await resourceVersions(kubectl, namespace), before, 'the original never moved');
  });

  test('goes on after kill -9, into the same namespace, and undo removes all of it', async () => {
    await using release = await aReleaseWithEverything(cluster, helm4).installed();
    await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
    const { cli, name, namespace } = release;
    await using copy = release.twinIn(`${namespace}-copy`);
    await cli.ok('backup', name);
    const restore = ['restore', name, '--into', copy.namespace, '--yes'];
    // Helm's record and an object that the server has made, and the journal knows nothing of.
    for (const kind of ['secrets', 'configmaps']) {
      const write = isCreationOf(kind);
      const cut = await cutOffAtWrite(release, proxy, restore, { signal: 'SIGKILL', write, side: 'after' });
      assert.ok(cut.request !== undefined && write(cut.request), `killed in the middle: ${cut.stderr}`);
    }
    // The second one is written over, for the fields are not yet their owners'; then it is cut off once more.
    const write = isCreationOf('services');
    const interrupted = await cutOffAtWrite(release, proxy, restore, {
      signal: 'SIGINT',
      write,
      side: 'after',
    });
    assert.match(
      expectCode(interrupted, 130).stderr,
      new RegExp(`replace {2}configmap/[^]*to go on: .* --into ${copy.namespace} [^;]*; to go back:`),
    );

    const report = await cli.json(restore);

    assert.equal(report.outcome, 'proved');
    assert.deepEqual(await copy.helm.history(name), await release.helm.history(name));
    const undone = expectCode(await copy.cli.run('undo', name, '--yes', '--store', cli.store));
    assert.match(undone.stderr, /delete {3}configmap\//);
    assert.doesNotMatch(undone.stderr, / keep | stays: /);
    await assertGone(copy.kubectl, copy.namespace);
  });

  test('an undo leaves a claim, and so the namespace, and says that they stay, also where it undoes itself', async () => {
    const claim = {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    };
    const extraDeploy = [
      toYaml({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'kept' }, ...claim }),
    ];
    await using release = await aRelease(cluster, helm3)
      .named('cart')
      .fromChart(CACHE_CHART, { image: cluster.images.memcached, extraDeploy })
      .installed();
    await using proxy = await recordingProxy(cluster.kubectl, cluster.kubeconfig);
    const { cli, name, namespace } = release;
    await using copy = release.twinIn(`${namespace}-copy`);
    await using other = release.twinIn(`${namespace}-other`);
    await cli.ok('backup', name);
    const reason = 'the restore created it; a claim is never deleted';
    const stays = (place: string) =>
      `persistentvolumeclaim/kept stays: ${reason}\nnamespace/${place} stays: it holds persistentvolumeclaim/kept\n`;
    const refusesDeployments = isCreationOf('deployments');
    proxy.fault = (request) => (refusesDeployments(request) ? refusal(403, 'not this one') : undefined);
    const env = { ...cli.env, KUBECONFIG: proxy.kubeconfig };
    const restore = ['restore', name, '-n', namespace, '--into', copy.namespace, '--yes'];

    const failed = expectCode(await run(BINARY, restore, { env }), 1);
    await cli.ok('restore', name, '--into', other.namespace, '--yes');
    const undone = expectCode(await other.cli.run('undo', name, '--yes', '--store', cli.store));

    assert.match(failed.stderr, new RegExp(stays(copy.namespace)));
    assert.match(
      failed.stderr,
      /as it was before the restore, but for persistentvolumeclaim\/kept \(.*\), namespace\/\S+ \(it holds /,
    );
    assert.match(
      undone.stderr,
      new RegExp(`${stays(other.namespace)}Undone: .*: gone but for what stays, in`),
    );
    for (const { kubectl } of [copy, other]) await kubectl.objects.get('persistentvolumeclaim/kept');
  });

  test('is the ordinary restore where the namespace is its own, and takes no impossible name', async () => {
    await using release = await applied(cluster, aDaemonSet(cluster));
    const { cli, name, namespace } = release;
    await cli.ok('backup', name);
    const plan = await cli.json(['restore', name, '--into', namespace, '--dry-run=server']);
    assert.equal(valueAt(plan, 'plan', 'nothingToDo'), true);
    assert.equal(valueAt(plan, 'plan', 'mentions'), undefined);
    const wrong = expectCode(await cli.run('restore', name, '--into', 'Not_One', '--yes'), 2);
    assert.match(wrong.stderr, /"Not_One" is not a namespace's name/);
  });

  test('works under exactly the Role that "permissions restore --into" prints', async () => {
    await using release = await aRelease(cluster, helm3).withValues(RICH_VALUES).installed();
    await using target = await aNamespace(cluster, 'target');
    const { cli, name } = release;
    await cli.ok('backup', name);
    const user = `system:serviceaccount:${target.namespace}:copier`;
    const into = ['--into', target.namespace];
    const text = await cli.ok('permissions', 'restore', name, ...into, '-o', 'yaml', '--for', user);
    const printed = parseYamlStream(text) as JsonObject[];
    const roles = printed.filter(({ kind }) => kind === 'Role' || kind === 'RoleBinding');
    assert.deepEqual(
      [...new Set(roles.map((role) => stringAt(role, 'metadata', 'namespace')))],
      [target.namespace],
      'nothing is needed where the original is',
    );
    await target.kubectl.apply(...roles);

    expectCode(await cli.run('restore', name, ...into, '--yes', '--as', user));

    const there = release.twinIn(target.namespace);
    await assertIsRich(there);
  });
});

/** Everything that two copies have in common: the namespace and the address are each one's own. */
function comparable(objects: Record<string, JsonObject>, namespace: string): JsonObject {
  const text = JSON.stringify(objects, (key, value) =>
    key === 'clusterIP' || key === 'clusterIPs' || key === 'example.org/peer' ? undefined : value,
  );
  return JSON.parse(text.replaceAll(`"${namespace}"`, '"NAMESPACE"')) as JsonObject;
}

function inNamespace(
  apiVersion: string,
  kind: string,
  name: string,
  namespace: string,
  rest: JsonObject,
): JsonObject {
  return { apiVersion, kind, metadata: { name, namespace }, ...rest };
}

function selecting(namespace: string): JsonObject {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } };
}

async function volumesIn(kubectl: Kubectl): Promise<(string | undefined)[]> {
  const claims = await kubectl.objects.list('persistentvolumeclaims');
  return claims.map((claim) => stringAt(claim, 'spec', 'volumeName'));
}

/** Tells the request that creates an object of a kind, by its plural; dry runs are left out. */
function isCreationOf(plural: string): (request: RecordedRequest) => boolean {
  return (request) =>
    request.method === 'POST' &&
    request.path.split('?')[0]!.endsWith(`/${plural}`) &&
    writesAmong([request]).length === 1;
}

async function assertGone(kubectl: Kubectl, namespace: string): Promise<void> {
  await kubectl.objects.until(`namespace/${namespace}`, isGone);
}
