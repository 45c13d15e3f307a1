import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../src/model/json/json.ts';
import { arrayAt, stringAt } from '../../src/model/json/json.ts';
import { parseYamlStream } from '../../src/model/json/yaml.ts';
import { nameOf } from '../../src/model/kubernetes/object.ts';
import { claimStoreRules } from '../../src/model/permissions/claim-store-rules.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { toolImage } from '../cluster/tool-image.ts';
import { aClaim } from './support/a-claim.ts';
import { candidates } from './support/candidates.ts';
import { BINARY } from './support/cli.ts';
import { eventually } from './support/eventually.ts';
import { assertSettings } from './support/helm-goes-on.ts';
import { interruptLikeTerminal } from './support/interrupt.ts';
import { aNamespace } from './support/namespace.ts';
import { isGone } from './support/objects.ts';
import { isNotAskedHere, names, optionalOnes, usersWithoutOne } from './support/permitted-users.ts';
import { expectCode, type Outcome, run } from './support/process.ts';
import { aRelease } from './support/release.ts';
import { NEXT_SETTINGS, NEXT_VALUES, RICH_SETTINGS, RICH_VALUES } from './support/rich-values.ts';

const cluster = await ensureCluster();
const skip = cluster.external && 'volumes and images are made in the node of our own cluster only';

/** Pods of the tool's own. */
const HELPERS = 'app.kubernetes.io/component=store-server';

describe('a store on a claim', { skip }, async () => {
  if (skip) return;
  const image = await toolImage(BINARY);
  const ops = await aNamespace(cluster, 'claims');
  await ops.kubectl.ok(
    'label',
    'namespace',
    ops.namespace,
    'pod-security.kubernetes.io/enforce=restricted',
    'pod-security.kubernetes.io/warn=restricted',
  );
  const release = await aRelease(cluster, cluster.helms[0]!)
    .withPassword()
    .withValues(RICH_VALUES)
    .installed();
  const claim = await aClaim(cluster, ops);
  after(async () => {
    await claim[Symbol.asyncDispose]();
    await release[Symbol.asyncDispose]();
    await ops[Symbol.asyncDispose]();
  });
  const { name, namespace, cli } = release;
  const location = `pvc://${ops.namespace}/${claim.name}/eu`;
  const env = { ...cli.env, MEMCACHED_BACKUP_STORE: location, MEMCACHED_BACKUP_HELPER_IMAGE: image };
  const tool = (...args: string[]): Promise<Outcome> => run(BINARY, [...args, '-n', namespace], { env });
  const ok = async (...args: string[]): Promise<string> => {
    const { stdout, stderr } = expectCode(await tool(...args));
    for (const secret of release.secrets) assert.ok(!`${stdout}${stderr}`.includes(secret));
    assert.doesNotMatch(stderr, /PodSecurity|would violate/);
    return stdout;
  };
  const itsItems = async (...args: string[]): Promise<JsonObject[]> =>
    arrayAt(JSON.parse(await ok(...args, '-o', 'json')), 'items') as JsonObject[];
  const helpers = (): Promise<JsonObject[]> => ops.kubectl.objects.list('pods', HELPERS);

  test('is worked with as every other, and no pod stays behind', async () => {
    await ok('backup', name);
    const [listed] = await itsItems('list');
    assert.ok(stringAt(listed, 'location')?.startsWith(`${location}/`), JSON.stringify(listed));
    assert.match(await ok('show', name), new RegExp(`${name}@`));
    const known = `${name}@${stringAt(listed, 'id')}`;
    const completed = await candidates(BINARY, ['-n', namespace, 'show', `${name}@`], env, known);
    assert.ok(completed.includes(known), completed);
    const verified = expectCode(await tool('verify', name));
    assert.match(verified.stderr, /is sound/);
    const [noted] = await itsItems('list');
    assert.notEqual(noted?.verified, undefined);
    await release.upgrade({ ...release.values, ...NEXT_VALUES });
    assert.match(expectCode(await tool('diff', name), 3).stdout, /\S/);
    const restored = expectCode(await tool('restore', name, '--yes'));
    assert.match(restored.stderr, /journal and safety backup are kept in \S+memcached-backup/);
    await assertSettings(release, RICH_SETTINGS);
    await ok('undo', name, '--yes');
    await assertSettings(release, NEXT_SETTINGS);
    await release.upgrade(release.values);
    await assertSettings(release, RICH_SETTINGS);
    assert.match(await ok('status', name), new RegExp(name));
    for (let count = 0; count < 3; count++) await ok('backup', name);
    assert.equal((await itsItems('list')).length, 4);
    await ok('prune', name, '--keep-last', '1', '--keep-min', '2', '--yes');
    const left = await itsItems('list');
    assert.ok(left.length < 4 && left.length >= 2, `${left.length}`);
    const to = join(cli.env.HOME!, 'copies');
    await ok('copy', '--all', '--to', to);
    await ok('copy', '--all', '--store', to, '--to', `pvc://${ops.namespace}/${claim.name}/copies`);
    const copied = await run(
      BINARY,
      ['list', '-A', '-o', 'json', '--store', `${location.replace(/eu$/, 'copies')}`],
      {
        env,
      },
    );
    assert.equal(arrayAt(JSON.parse(expectCode(copied).stdout), 'items').length, left.length);
    assert.equal(readdirSync(to).length, 1);
    await ops.kubectl.objects.until('pods', isGone, { labels: HELPERS });
  });

  test('is reached under exactly the Role that permissions prints', async () => {
    const account = `system:serviceaccount:${namespace}:keeper`;
    await release.kubectl.ok('create', 'serviceaccount', 'keeper');
    const text = await ok('permissions', 'backup', '-o', 'yaml', '--for', account);
    const printed = parseYamlStream(text) as JsonObject[];
    // What is cluster-wide is optional, and other tests watch the cluster.
    const own = printed.filter(({ kind }) => kind === 'Role' || kind === 'RoleBinding');
    const inClaims = own.filter((object) => stringAt(object, 'metadata', 'namespace') === ops.namespace);
    assert.equal(inClaims.length, 2);
    await ops.kubectl.objects.create(...inClaims);
    await release.kubectl.objects.create(...own.filter((object) => !inClaims.includes(object)));
    await eventually(() => ops.kubectl.ok('auth', 'can-i', 'create', 'pods', '--as', account));
    await ok('backup', name, '--as', account);
    await ok('list', '--as', account);
    const denied = await tool('list', '--as', 'system:serviceaccount:default:nobody');
    assert.equal(denied.code, 4);
    assert.match(denied.stderr, /can't reach the store pvc:.*cannot get resource "persistentvolumeclaims"/);
    assert.match(denied.stderr, /permissions list --store pvc:/);
  });

  test('says which permission is missing, of those that it takes', async () => {
    const rules = claimStoreRules({ namespace: ops.namespace, claim: claim.name });
    const optional = optionalOnes(rules);
    const users = await usersWithoutOne(ops.kubectl, rules);
    await eventually(() => ops.kubectl.ok('auth', 'can-i', 'list', 'pods', '--as', users[0]!.user));
    await Promise.all(
      users.map(async ({ user, text, permission }) => {
        if (await isNotAskedHere(ops, permission)) return;
        const outcome = await tool('list', '-o', 'name', '--as', user);
        const isLast = permission.verb === 'delete';
        const goesOn = optional.has(text) || isLast;
        assert.equal(outcome.code, goesOn ? 0 : 4, `${text}: ${outcome.stderr}`);
        if (!optional.has(text))
          assert.ok(names(outcome.stderr, permission, text), `${text}: ${outcome.stderr}`);
        if (isLast) assert.match(outcome.stderr, /it ends by itself within a minute/);
      }),
    );
    // Those that commands deleted are going; the one of who may not delete is there.
    for (const pod of await helpers()) await ops.kubectl.objects.abandon(`pod/${nameOf(pod)}`);
    await ops.kubectl.objects.until('pods', isGone, { labels: HELPERS });
  });

  test('is a folder in a pod that mounts it: no other pod, and get on the own one', async () => {
    const who = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'nightly' } };
    const api = 'rbac.authorization.k8s.io';
    await ops.kubectl.objects.create(
      who,
      {
        apiVersion: `${api}/v1`,
        kind: 'Role',
        metadata: { name: 'nightly' },
        rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
      },
      {
        apiVersion: `${api}/v1`,
        kind: 'RoleBinding',
        metadata: { name: 'nightly' },
        roleRef: { apiGroup: api, kind: 'Role', name: 'nightly' },
        subjects: [{ kind: 'ServiceAccount', name: 'nightly', namespace: ops.namespace }],
      },
      nightlyPod(image, claim.name, ['list', '-A', '-o', 'name', '--store', `pvc:///${claim.name}/eu`]),
    );
    const outside = (await ok('list', '-o', 'name')).trim();
    const [pod] = await ops.kubectl.objects.until('pod/nightly', (found) => {
      const phase = stringAt(found[0], 'status', 'phase');
      if (phase !== 'Succeeded' && phase !== 'Failed') throw new Error(`it is ${phase}`);
      return found;
    });
    const said = await ops.kubectl.ok('logs', 'nightly');
    assert.equal(stringAt(pod, 'status', 'phase'), 'Succeeded', said);
    assert.equal(said.trim(), outside);
    await ops.kubectl.objects.delete('pod/nightly');
  });

  test('on a claim for one pod: a command waits for the pod of the one before', async () => {
    await using one = await aClaim(cluster, ops, { name: 'one-pod', accessMode: 'ReadWriteOncePod' });
    const there = ['--store', `pvc://${ops.namespace}/${one.name}`];
    for (const command of [['backup', name], ['verify', name, '--offline'], ['list']])
      await ok(...command, ...there);
    await ops.kubectl.objects.until('pods', isGone, { labels: HELPERS });
  });

  test('holds nothing half written where a command is killed, and its pod ends by itself', async () => {
    const before = (await itsItems('list')).length;
    let whole = before;
    for (const ms of [0, 40, 120]) {
      const child = spawn(BINARY, ['backup', name, '-n', namespace], { env, stdio: 'ignore' });
      await ops.kubectl.objects.until(
        'pods',
        (pods) => {
          const running = pods.filter((pod) => stringAt(pod, 'status', 'phase') === 'Running');
          if (running.length === 0) throw new Error('no pod runs yet');
        },
        { labels: HELPERS },
      );
      await sleep(ms);
      child.kill('SIGKILL');
      await once(child, 'close');
      const killed = (await helpers()).map(nameOf);
      const items = await itsItems('list');
      for (const item of items) assert.equal(item.damage, undefined, JSON.stringify(item));
      assert.ok(items.length >= whole && items.length <= whole + 1);
      whole = items.length;
      assert.ok(killed.length > 0, 'it is left by who was killed');
    }
    await ops.kubectl.objects.until(
      'pods',
      (pods) => {
        assert.ok(pods.length > 0, 'nobody took away the last one');
        const phases = pods.map((pod) => stringAt(pod, 'status', 'phase'));
        assert.ok(
          phases.every((phase) => phase === 'Succeeded'),
          phases.join(),
        );
      },
      { labels: HELPERS },
    );
    const half = await claim.inNode('find', claim.folder, '-name', '.partial-*');
    assert.equal(half, '', 'the server removed what was not finished');
    await ok('list');
    await ops.kubectl.objects.until('pods', isGone, { labels: HELPERS });
  });

  test('takes its pod away on Ctrl-C, whenever that comes', async () => {
    const appears = ops.kubectl.objects.until(
      'pods',
      (pods) => {
        if (pods.length === 0) throw new Error('no pod yet');
      },
      { labels: HELPERS },
    );
    for (const ready of [appears, sleep(250), sleep(400)]) {
      const outcome = await interruptLikeTerminal({ program: BINARY, env }, ['list', '-n', namespace], ready);
      assert.ok(outcome.code === 130 || outcome.code === 0, outcome.stderr);
      await ops.kubectl.objects.until('pods', isGone, { labels: HELPERS });
    }
  });
});

/** A pod as a CronJob's, with the tool's image. */
function nightlyPod(image: string, claimName: string, args: string[]): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'nightly' },
    spec: {
      restartPolicy: 'Never',
      serviceAccountName: 'nightly',
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65532,
        runAsGroup: 65532,
        fsGroup: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'backup',
          image,
          args,
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          volumeMounts: [{ name: 'backups', mountPath: '/backup' }],
        },
      ],
      volumes: [{ name: 'backups', persistentVolumeClaim: { claimName } }],
    },
  };
}
