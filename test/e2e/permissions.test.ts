import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { arrayAt, type JsonObject, stringAt } from '../../src/model/json/json.ts';
import { parseYamlStream } from '../../src/model/json/yaml.ts';
import { nameOf } from '../../src/model/kubernetes/object.ts';
import type { PermissionRule } from '../../src/model/permissions/command-permissions.ts';
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
  lackingEach,
  lackingInChoices,
  names,
  optionalOnes,
  rulesOf,
  usersWithoutOne,
  userWithout,
  type WithoutOne,
  withExactly,
} from './support/permitted-users.ts';
import { expectCode } from './support/process.ts';
import { aRelease, type TestRelease } from './support/release.ts';
import { newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();
/** First as it is, then everything in it is changed, then everything is gone. */
const release = await aReleaseWithEverything(cluster, cluster.helms[0]!).installed();
after(() => release[Symbol.asyncDispose]());

/** How many users try at once. */
const AT_ONCE = 3;

test('list and show need no permission at all', async () => {
  for (const command of ['list', 'show']) {
    const { stdout, stderr } = expectCode(await release.cli.run('permissions', command));
    assert.equal(stdout, '');
    assert.match(stderr, /needs no permission/);
  }
});

test('status sees everything under exactly the Role that "permissions status" prints', async () => {
  await withExactly(cluster, release, 'status', [], async (cli) => {
    await release.cli.ok('backup', release.name, '--store', cli.store);
    const { stdout, stderr } = expectCode(await cli.run('status', release.name, '--no-headers'));
    assert.match(stdout, /^my-memcached +by hand +\S+ +\S+ +no +no +<none> +1\/1/);
    assert.equal(stderr, '');
    const checklist = expectCode(await cli.run('status', release.name, '--checklist'));
    assert.doesNotMatch(`${checklist.stdout}${checklist.stderr}`, /can’t be read|could not be read/);
  });
});

test('a runbook is whole under exactly the Role that "permissions runbook" prints', async () => {
  await withExactly(cluster, release, 'runbook', [], async (cli) => {
    await release.cli.ok('backup', release.name, '--store', cli.store);
    const { stdout, stderr } = expectCode(await cli.run('runbook', release.name));
    assert.match(stdout, /^\| `\S+` \| `my-memcached` \| .* \| `\d{8}T\d{6}Z/m);
    assert.match(stderr, /^\d of 8 boxes of the checklist are not ticked; .*\n$/);
    expectCode(await cli.run('permissions', 'runbook', '--check'));
  });
});

test('verify passes for one with the built-in role "view", who may not list Secrets', async () => {
  const { cli, kubectl, name } = release;
  await cli.ok('backup', name);
  await kubectl.ok('create', 'rolebinding', 'viewer', '--clusterrole=view', '--user=viewer');
  const { stdout, stderr } = expectCode(await cli.run('verify', name, '-o', 'wide', '--as', 'viewer'));
  assert.match(stdout, /^dry-run +unchecked +deployment\.apps\/my-memcached +.*cannot update resource/m);
  assert.match(stderr, /is sound: .*could not be checked/);
});

test("of two teams' releases of one name neither's roles replace the other's, and what would be replaced is said", async () => {
  await using theirs = await aRelease(cluster, cluster.helms.at(-1)!).named(release.name).installed();
  const printed = await Promise.all(
    [release, theirs].map(async (each) => {
      using cli = cliFor(cluster, each);
      await cli.ok('backup', each.name);
      const words = ['permissions', 'restore', each.name, '-o', 'yaml', '--for', 'user:jane'];
      const text = await cli.ok(...words);
      const objects = parseYamlStream(text) as JsonObject[];
      const [role] = objects.filter(({ kind }) => kind === 'Role').map(nameOf);
      assert.match(
        text,
        new RegExp(`^# {3}role\\.rbac\\S+/${role} in namespace ${each.namespace}: new$`, 'm'),
      );
      await each.kubectl.apply({ ...objects.find(({ kind }) => kind === 'Role'), rules: [] });
      assert.match(await cli.ok(...words), /^# {3}role\..*: replaces the one that was made/m);
      await each.kubectl.ok('label', 'role', role!, 'app.kubernetes.io/name=theirs', '--overwrite');
      assert.match(expectCode(await cli.run(...words)).stderr, /^Warning: role\..* is not of this tool/m);
      await each.kubectl.objects.delete(`role/${role!}`);
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
      await withExactly(cluster, release, command, [], async (cli) => {
        if (command === 'diff') await release.cli.ok('backup', release.name, '--store', cli.store);
        await cli.ok(command, release.name);
        expectCode(await cli.run('permissions', command, '--check'));
      });
    }
  });

  test('doctor sees all of the namespace under exactly its own Role', async () => {
    await withExactly(cluster, release, 'doctor', [], async (cli) => {
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
    const rules = await rulesOf(release, 'backup');
    const users = await usersWithoutOne(release.kubectl, rules);
    assert.ok(users.length > 15, 'there are permissions to take away');
    await atMost(AT_ONCE, users, async ({ permission, text, user }) => {
      using cli = cliFor(cluster, release);
      const outcome = await cli.run('backup', release.name, '--as', user);
      if (await isNotAskedHere(release, permission)) {
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
    });
    await assertCheckTellsApart(rules, users);
  });
});

/** `permissions backup --check` says of each permission, and of no other, that it is missing. */
async function assertCheckTellsApart(rules: PermissionRule[], permissions: WithoutOne[]): Promise<void> {
  for (const { user, permissions: lacking } of await lackingInChoices(release.kubectl, rules, permissions)) {
    const check = await release.cli.json(['permissions', 'backup', '--check', '--as', user], 1);
    assert.deepEqual(
      arrayAt(check, 'items')
        .filter((entry) => (entry as JsonObject).optional !== true)
        .map((entry) => `${stringAt(entry, 'verb')} ${stringAt(entry, 'resource')}`)
        .sort(),
      lacking.map(({ permission: { verb, resource } }) => `${verb} ${resource}`).sort(),
    );
  }
}

describe('restore', () => {
  test('of a release that was changed: each permission is missed, then exactly the printed ones are enough', async () => {
    const { cli, kubectl, name, fullname } = release;
    await grantInRole(release);
    await cli.ok('backup', name);
    const rules = await rulesOf(release, 'restore');
    await kubectl.ok(
      'annotate',
      everyKind(rules),
      '-l',
      `app.kubernetes.io/instance=${name}`,
      'example.org/x=y',
    );
    const [pod] = await podsOf(kubectl, name);
    await ask(kubectl, pod!, 'cache_memlimit 20');
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
    await assertRefused(
      cluster,
      release,
      'restore',
      await lackingEach(kubectl, rules, pairwise(here, rules)),
    );
    // What other states take is not asked for in this one.
    const unneeded = elsewhere.filter((user) => !here.includes(user) && !mayLack.includes(user));
    assert.ok(unneeded.length > 10, 'there are permissions for other states');
    const limits = mayLack.filter(({ permission: { resource } }) => /quotas|limitranges/.test(resource));
    assert.equal(limits.length, 2, 'quotas and limit ranges');
    const user = await userWithout(kubectl, rules, [...byName, ...unneeded, ...limits]);
    const { stdout } = expectCode(await cli.run('restore', name, '--dry-run=server', '--as', user));
    assert.match(
      stdout,
      /Not checked beforehand, because they may not be listed: limitranges, resourcequotas|Not checked beforehand, because they may not be listed: resourcequotas, limitranges/,
    );

    await release.upgradeBadly({ ...release.values, memcached: { maxMemory: 8 } });
    await kubectl.objects.delete(`poddisruptionbudget/${fullname}`);
    await withExactly(cluster, release, 'restore', [name], async (restricted) => {
      expectCode(await restricted.run('permissions', 'restore', name, '--check', '--store', cli.store));
      await restricted.ok('restore', name, '--yes', '--store', cli.store);
      assert.equal(await cli.ok('diff', name), '', 'everything is as it was');
      await assertRefused(
        cluster,
        release,
        'undo',
        await lackingEach(
          kubectl,
          rules,
          users.filter(({ text }) =>
            /^(update|patch|get) deployments|^(create|update) secrets|leases/.test(text),
          ),
        ),
      );
      expectCode(await restricted.run('undo', name, '--yes', '--store', cli.store));
    });
    expectCode(await cli.run('diff', name), 3);
    expectCode(await cli.run('restore', name, '--yes'));
  });

  test('of a release that is gone: each permission is missed, then exactly the printed ones are enough', async () => {
    const { cli, kubectl, name, helm } = release;
    await cli.ok('backup', name);
    const rules = await rulesOf(release, 'restore');
    await helm.ok('uninstall', name, '--wait');
    const users = await usersWithoutOne(kubectl, rules);
    const own = new Set(createdResources(rules));
    const here = users.filter(
      ({ permission: { verb, resource } }) =>
        (own.has(resource) && ['create', 'patch', 'get', 'delete'].includes(verb)) || resource === 'events',
    );
    await assertRefused(
      cluster,
      release,
      'restore',
      await lackingEach(kubectl, rules, pairwise(here, rules)),
    );
    await withExactly(cluster, release, 'restore', [name], async (restricted) => {
      await restricted.ok('restore', name, '--yes', '--store', cli.store);
      assert.equal(await cli.ok('diff', name), '', 'everything is as it was');
      await assertRefused(
        cluster,
        release,
        'undo',
        await lackingEach(
          kubectl,
          rules,
          pairwise(
            users.filter(({ permission: { verb, resource } }) => verb === 'delete' && resource !== 'events'),
            rules,
          ),
        ),
      );
      expectCode(await restricted.run('undo', name, '--yes', '--store', cli.store));
    });
    assert.match((await helm.run('history', name)).stderr, /not found/, 'it is gone again');
  });
});

/**
 * Every verb of Deployments and Secrets, and of what is no object of the release; of its other kinds, which are all
 * written alike, one verb each in turn.
 */
function pairwise(users: WithoutOne[], rules: PermissionRule[]): WithoutOne[] {
  const inTurn = createdResources(rules).filter((each) => each !== 'deployments' && each !== 'secrets');
  const taken = inTurn.flatMap((resource, place) => {
    const own = users.filter(({ permission }) => permission.resource === resource);
    return own.length === 0 ? [] : [own[place % own.length]!];
  });
  return [...users.filter(({ permission }) => !inTurn.includes(permission.resource)), ...taken];
}

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
