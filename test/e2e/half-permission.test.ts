import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { valueAt } from '../../src/model/json/json.ts';
import { displayName } from '../../src/model/kubernetes/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { aReleaseWithEverything } from './support/fixtures/helm-releases.ts';
import { aDeploymentWithMountedSettings, applied } from './support/fixtures/plain-yaml.ts';
import { expectCode } from './support/process.ts';
import type { Fixture } from './support/release.ts';
import { asRestrictedUser, READ_EVERYTHING, type Rule, without } from './support/restricted-user.ts';
import { newestBackup } from './support/store-files.ts';

const cluster = await ensureCluster();
const [helmRelease, plainRelease] = await Promise.all([
  aReleaseWithEverything(cluster, cluster.helms[0]!).installed(),
  applied(cluster, aDeploymentWithMountedSettings(cluster)),
]);
after(() => Promise.all([helmRelease, plainRelease].map((release) => release[Symbol.asyncDispose]())));

interface Case {
  release: Fixture;
  rules: Rule[];
  /** Objects that a complete backup holds and this one can't. */
  lacking?: string[];
  /** [verb, resource] of every permission that is missing; none: the backup is complete. */
  missing?: [string, string][];
}

const all = READ_EVERYTHING;
const CASES: Record<string, Case> = {
  'with all of them, in its namespace only, the backup is complete': { release: helmRelease, rules: all },
  'an object that may be read by name needs no list': {
    release: helmRelease,
    rules: ['services', 'networkpolicies', 'serviceaccounts', 'roles', 'rolebindings'].reduce(
      (rules, resource) => without(rules, resource, 'list'),
      all,
    ),
  },
  'without any permission on Services the rest is saved': {
    release: helmRelease,
    rules: without(all, 'services', 'list', 'get'),
    lacking: ['service/my-memcached'],
    missing: [['list', 'services']],
  },
  "without Secrets the release is what Helm's marks say": {
    release: helmRelease,
    rules: without(all, 'secrets', 'list', 'get'),
    lacking: ['secret/my-memcached'],
    missing: [
      ['list', 'secrets'],
      ['list', 'secrets'],
    ],
  },
  'of plain YAML nobody knows which Services there are': {
    release: plainRelease,
    rules: without(all, 'services', 'list'),
    lacking: ['service/hand-made'],
    missing: [['list', 'services']],
  },
  'what plain YAML refers to is read by name, but others may be there': {
    release: plainRelease,
    rules: without(all, 'configmaps', 'list'),
    missing: [
      ['list', 'configmaps'],
      ['list', 'configmaps'],
    ],
  },
  'two that are missing are both named': {
    release: helmRelease,
    rules: without(without(all, 'pods', 'list', 'get'), 'poddisruptionbudgets', 'list', 'get'),
    lacking: ['poddisruptionbudget.policy/my-memcached'],
    missing: [
      ['list', 'pods'],
      ['list', 'poddisruptionbudgets'],
    ],
  },
};

const wholes = new Map<string, Promise<ReturnType<typeof newestBackup>['document']>>();

/** What an administrator saves of a release, once: of a store that others write to meanwhile nothing is read. */
function wholeOf({ cli, name, namespace }: Pick<Fixture, 'cli' | 'name' | 'namespace'>) {
  const key = `${namespace}/${name}`;
  const known = wholes.get(key) ?? cli.ok('backup', name).then(() => newestBackup(cli.store).document);
  wholes.set(key, known);
  return known;
}

describe('with half of the permissions', { concurrency: 3 }, () => {
  for (const [index, [what, { release, rules, lacking = [], missing = [] }]] of Object.entries(
    CASES,
  ).entries()) {
    test(what, async () => {
      const whole = await wholeOf(release);
      using cli = await asRestrictedUser(cluster, release, `reader-${index}`, rules);

      const outcome = expectCode(await cli.run('backup', release.name), missing.length === 0 ? 0 : 5);

      const { document } = newestBackup(cli.store);
      assert.equal(document.complete, missing.length === 0);
      const names = document.objects.map((object) => displayName(object)).sort();
      const expected = whole.objects.map((object) => displayName(object));
      assert.deepEqual(names, expected.filter((name) => !lacking.includes(name)).sort());
      assert.deepEqual(
        document.skipped.map(({ permission }) => [permission?.verb, permission?.resource]).sort(),
        missing.toSorted(),
      );
      for (const [verb, resource] of missing) {
        assert.match(outcome.stderr, new RegExp(`not saved: .*cannot ${verb} resource "${resource}"`));
      }
    });
  }

  test('whoever wants no Secrets in the backup needs no permission on them', async () => {
    const rules = without(all, 'secrets', 'list', 'get');
    using cli = await asRestrictedUser(cluster, helmRelease, 'no-secrets', rules);
    const { stderr } = expectCode(await cli.run('backup', helmRelease.name, '--without-secrets'));
    assert.match(stderr, /not saved: .*cannot list resource "secrets"/);
    const { document } = newestBackup(cli.store);
    assert.equal(document.complete, false);
    assert.deepEqual(document.withoutSecrets?.objects.map(displayName), ['secret/my-memcached']);
    assert.ok(document.objects.some(({ kind }) => kind === 'Deployment'));
  });

  test('what it saved without sight of kube-system is of this cluster for whoever has it', async () => {
    const { name, cli: admin } = plainRelease;
    using cli = await asRestrictedUser(cluster, plainRelease, 'nightly', all);
    await cli.ok('backup', name);
    const { folder, document } = newestBackup(cli.store);
    assert.equal(document.cluster.uid, undefined);

    const plan = await admin.json(['restore', name, '--dry-run=server', '--store', cli.store]);
    assert.equal(valueAt(plan, 'plan', 'backup', 'id'), document.id);
    assert.doesNotMatch(JSON.stringify(plan), /another cluster/);
    for (const words of [['status'], ['show', name]]) {
      const shown = await admin.ok(...words, '-o', 'json', '--store', cli.store);
      assert.ok(shown.includes(folder), shown);
    }
  });

  test('searching without a permission to see workloads is no "there are none"', async () => {
    const rules = without(all, 'deployments', 'list', 'get');
    using cli = await asRestrictedUser(cluster, plainRelease, 'blind', rules);
    const outcome = expectCode(await cli.run('backup'), 1);
    assert.match(outcome.stderr, /not everything could be searched: .*cannot list resource "deployments"/);

    const others = without(all, 'daemonsets', 'list', 'get');
    using halfBlind = await asRestrictedUser(cluster, plainRelease, 'half-blind', others);
    const some = expectCode(await halfBlind.run('backup', '-l', 'app=hand-made'), 5);
    assert.match(some.stderr, /not saved: .*cannot list resource "daemonsets"/);
    assert.equal(newestBackup(halfBlind.store).document.release, plainRelease.name);
  });
});
