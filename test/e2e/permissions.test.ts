import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { arrayAt, type JsonObject, stringAt } from '../../src/model/json/json.ts';
import { parseYamlStream } from '../../src/model/json/yaml.ts';
import { nameOf } from '../../src/model/kubernetes/object.ts';
import type { PermissionRule } from '../../src/model/permissions/permissions.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { atMost } from './support/at-most.ts';
import { cliFor } from './support/cli.ts';
import { aReleaseWithEverything } from './support/fixtures/helm-releases.ts';
import { ask, podsOf } from './support/memcached.ts';
import {
  assertRefused,
  createdResources,
  isNotAskedHere,
  isReadByName,
  names,
  optionalOnes,
  rulesOf,
  usersWithoutOne,
  withExactly,
} from './support/permitted-users.ts';
import { expectCode } from './support/process.ts';
import type { TestRelease } from './support/release.ts';
import { newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();
const [helm3, helm4] = [cluster.helms[0]!, cluster.helms.at(-1)!];
/** Of one, everything is changed; of the other, everything is gone. */
const [changed, gone] = await Promise.all(
  [helm3, helm4].map((helm) => aReleaseWithEverything(cluster, helm).installed()),
);
if (changed === undefined || gone === undefined) throw new Error('two releases were installed');
after(() => Promise.all([changed, gone].map((release) => release[Symbol.asyncDispose]())));

const AT_ONCE = 3;

test('list and show need no permission at all', async () => {
  for (const command of ['list', 'show']) {
    const { stdout, stderr } = expectCode(await changed.cli.run('permissions', command));
    assert.equal(stdout, '');
    assert.match(stderr, /needs no permission/);
  }
});

test('status sees everything under exactly the Role that "permissions status" prints', async () => {
  await withExactly(cluster, changed, 'status', [], async (cli) => {
    await changed.cli.ok('backup', changed.name, '--store', cli.store);
    const { stdout, stderr } = expectCode(await cli.run('status', changed.name, '--no-headers'));
    assert.match(stdout, /^my-memcached +by hand +\S+ +no +no +<none> +1\/1/);
    assert.equal(stderr, '');
  });
});

test('verify passes for one with the built-in role "view", who may not list Secrets', async () => {
  const { cli, kubectl, name } = changed;
  await cli.ok('backup', name);
  await kubectl.ok('create', 'rolebinding', 'viewer', '--clusterrole=view', '--user=viewer');
  const { stdout, stderr } = expectCode(await cli.run('verify', name, '-o', 'wide', '--as', 'viewer'));
  assert.match(stdout, /^dry-run +unchecked +deployment\.apps\/my-memcached +.*cannot update resource/m);
  assert.match(stderr, /is sound: .*could not be checked/);
});

test("of two teams' releases of one name neither's roles replace the other's, and what would be replaced is said", async () => {
  const printed = await Promise.all(
    [changed, gone].map(async (release) => {
      using cli = cliFor(cluster, release);
      await cli.ok('backup', release.name);
      const words = ['permissions', 'restore', release.name, '-o', 'yaml', '--for', 'user:jane'];
      const text = await cli.ok(...words);
      const objects = parseYamlStream(text) as JsonObject[];
      const [role] = objects.filter(({ kind }) => kind === 'Role').map(nameOf);
      assert.match(
        text,
        new RegExp(`^# {3}role\\.rbac\\S+/${role} in namespace ${release.namespace}: new$`, 'm'),
      );
      await release.kubectl.apply({ ...objects.find(({ kind }) => kind === 'Role'), rules: [] });
      assert.match(await cli.ok(...words), /^# {3}role\..*: replaces the one that was made/m);
      await release.kubectl.ok('label', 'role', role!, 'app.kubernetes.io/name=theirs', '--overwrite');
      assert.match(expectCode(await cli.run(...words)).stderr, /^Warning: role\..* is not of this tool/m);
      await release.kubectl.ok('delete', 'role', role!);
      return objects.filter(({ kind }) => String(kind).startsWith('Cluster')).map(nameOf);
    }),
  );
  const clusterWide = printed.flat();
  assert.equal(clusterWide.length, 4, 'a ClusterRole and a ClusterRoleBinding each');
  assert.equal(
    new Set(clusterWide).size,
    4,
    `a role and its binding share no name with the other team's: ${clusterWide}`,
  );
});

describe('backup', () => {
  test('works under exactly the Role that "permissions backup" prints, and diff under its own', async () => {
    for (const command of ['backup', 'diff']) {
      await withExactly(cluster, changed, command, [], async (cli) => {
        if (command === 'diff') await changed.cli.ok('backup', changed.name, '--store', cli.store);
        await cli.ok(command, changed.name);
        expectCode(await cli.run('permissions', command, '--check'));
      });
    }
  });

  test('doctor sees all of the namespace under exactly its own Role', async () => {
    await withExactly(cluster, changed, 'doctor', [], async (cli) => {
      const diagnosis = JSON.parse(expectCode(await cli.run('doctor', '-o', 'json')).stdout) as JsonObject;
      const unseen = arrayAt(diagnosis, 'findings')
        .filter((each) => stringAt(each, 'severity') === 'unknown')
        .flatMap((each) => arrayAt(each, 'evidence').map((item) => stringAt(item, 'text') ?? ''));
      // Nodes and the like: for them it prints a ClusterRole, which is not applied here.
      for (const text of unseen) assert.match(text, /at the cluster scope/);
      expectCode(await cli.run('permissions', 'doctor', '--check'));
    });
  });

  test('without any one of them it says which, saves the rest, and exits 5', async () => {
    const users = await usersWithoutOne(changed.kubectl, await rulesOf(changed, 'backup'));
    assert.ok(users.length > 15, 'there are permissions to take away');
    await atMost(AT_ONCE, users, async ({ permission, text, user }) => {
      using cli = cliFor(cluster, changed);
      const outcome = await cli.run('backup', changed.name, '--as', user);
      if (await isNotAskedHere(changed, permission)) {
        expectCode(outcome);
        return;
      }
      expectCode(outcome, 5);
      assert.ok(names(outcome.stderr, permission, text), `names "${text}": ${outcome.stderr}`);
      const { complete, skipped } = newestBackup(cli.store).document;
      assert.equal(complete, false);
      const missing = new Set(
        skipped.map(({ permission: lacking }) => `${lacking?.verb} ${lacking?.resource}`),
      );
      assert.deepEqual([...missing], [`${permission.verb} ${permission.resource}`], text);
      const check = await cli.json(['permissions', 'backup', '--check', '--as', user], 1);
      assert.deepEqual(
        arrayAt(check, 'missing')
          .filter((entry) => (entry as JsonObject).optional !== true)
          .map((entry) => `${stringAt(entry, 'verb')} ${stringAt(entry, 'resource')}`),
        [`${permission.verb} ${permission.resource}`],
      );
    });
  });
});

describe('restore', { concurrency: true }, () => {
  test('of a release that was changed: each permission in turn, then exactly the printed ones', async () => {
    const { cli, kubectl, name, fullname } = changed;
    await grantInRole(changed);
    await cli.ok('backup', name);
    const rules = await rulesOf(changed, 'restore');
    await kubectl.ok(
      'annotate',
      everyKind(rules),
      '-l',
      `app.kubernetes.io/instance=${name}`,
      'example.org/x=y',
    );
    const [pod] = await podsOf(kubectl, name);
    await ask(kubectl, nameOf(pod!), 'cache_memlimit 20');
    const users = await usersWithoutOne(kubectl, rules);
    // Of these kinds objects are read by name where they may not be listed; others are needed for other states.
    const byName = users.filter(({ permission }) => isReadByName(permission, rules));
    const elsewhere = users.filter(({ permission }) =>
      ['create', 'delete', 'escalate'].includes(permission.verb),
    );
    const mayLack = users.filter(({ text }) => optionalOnes(rules).has(text));
    const here = users.filter(
      (user) =>
        !byName.includes(user) &&
        !mayLack.includes(user) &&
        (!elsewhere.includes(user) || /eviction|leases|portforward/.test(user.text)),
    );
    await assertRefused(cluster, changed, 'restore', here);
    // What other states take is not asked for in this one.
    const unneeded = elsewhere.filter((user) => !here.includes(user) && !mayLack.includes(user));
    assert.ok(unneeded.length > 10, 'there are permissions for other states');
    await atMost(AT_ONCE, [...byName, ...unneeded], async ({ user, text }) => {
      const { code, stderr } = await cli.run('restore', name, '--dry-run=server', '--as', user);
      assert.equal(code, 0, `without "${text}": ${stderr}`);
    });

    const limits = mayLack.filter(({ permission: { resource } }) => resource !== 'events');
    assert.equal(limits.length, 2, 'quotas and limit ranges');
    await atMost(AT_ONCE, limits, async ({ user, permission }) => {
      const { stdout } = expectCode(await cli.run('restore', name, '--dry-run=server', '--as', user));
      assert.match(
        stdout,
        new RegExp(`Not checked beforehand, because they may not be listed: ${permission.resource}`),
      );
    });

    await changed.upgradeBadly({ ...changed.values, memcached: { maxMemory: 8 } });
    await kubectl.ok('delete', `poddisruptionbudget/${fullname}`);
    await withExactly(cluster, changed, 'restore', [name], async (restricted) => {
      expectCode(await restricted.run('permissions', 'restore', name, '--check', '--store', cli.store));
      await restricted.ok('restore', name, '--yes', '--store', cli.store);
      assert.equal(await cli.ok('diff', name), '', 'everything is as it was');
      await assertRefused(
        cluster,
        changed,
        'undo',
        users.filter(({ text }) =>
          /^(update|patch|get) deployments|^(create|update) secrets|leases/.test(text),
        ),
      );
      expectCode(await restricted.run('undo', name, '--yes', '--store', cli.store));
    });
    expectCode(await cli.run('diff', name), 3);
  });

  test('of a release that is gone: each permission in turn, then exactly the printed ones', async () => {
    const { cli, kubectl, name, helm } = gone;
    await grantInRole(gone);
    await cli.ok('backup', name);
    const rules = await rulesOf(gone, 'restore');
    await helm.ok('uninstall', name, '--wait');
    const users = await usersWithoutOne(kubectl, rules);
    const own = new Set(createdResources(rules));
    await assertRefused(
      cluster,
      gone,
      'restore',
      users.filter(
        ({ permission: { verb, resource } }) =>
          (own.has(resource) && ['create', 'patch', 'get', 'delete'].includes(verb)) || resource === 'events',
      ),
    );
    await withExactly(cluster, gone, 'restore', [name], async (restricted) => {
      await restricted.ok('restore', name, '--yes', '--store', cli.store);
      assert.equal(await cli.ok('diff', name), '', 'everything is as it was');
      await assertRefused(
        cluster,
        gone,
        'undo',
        users.filter(({ permission: { verb, resource } }) => verb === 'delete' && resource !== 'events'),
      );
      expectCode(await restricted.run('undo', name, '--yes', '--store', cli.store));
    });
    assert.match((await helm.run('history', name)).stderr, /not found/, 'it is gone again');
  });
});

function everyKind(rules: PermissionRule[]): string {
  return rules
    .filter(({ verbs }) => verbs.includes('patch'))
    .flatMap(({ apiGroups: [group], resources }) =>
      resources.map((resource) => (group === '' ? resource : `${resource}.${group}`)),
    )
    .join(',');
}

/** A rule of the release's Role that nothing else here would give to whoever restores it. */
async function grantInRole({ kubectl, fullname }: TestRelease): Promise<void> {
  const rules = [{ apiGroups: [''], resources: ['events'], verbs: ['list'] }];
  await kubectl.ok('patch', `role/${fullname}`, '--type=merge', '-p', JSON.stringify({ rules }));
}
