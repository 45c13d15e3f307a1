import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { arrayAt, type JsonObject, stringAt, valueAt } from '../../src/model/json/json.ts';
import { parseYamlStream } from '../../src/model/json/yaml.ts';
import { nameOf } from '../../src/model/kubernetes/object.ts';
import type { PermissionRule } from '../../src/model/permissions/command-permissions.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { toolImage } from '../cluster/tool-image.ts';
import { assertDocumented } from '../support/documented-output.ts';
import { aClaim } from './support/a-claim.ts';
import { BINARY } from './support/cli.ts';
import { eventually } from './support/eventually.ts';
import { interruptLikeTerminal } from './support/interrupt.ts';
import { names, optionalOnes, usersWithoutOne } from './support/permitted-users.ts';
import { expectCode, type Outcome, run } from './support/process.ts';
import { aRelease } from './support/release.ts';
import { assertNoSecret } from './support/secret-scan.ts';

const cluster = await ensureCluster();
const skip = cluster.external && 'volumes and images are made in the node of our own cluster only';

const RBAC = 'rbac.authorization.k8s.io';
const SCHEDULE = 'cronjob/memcached-backup';
const ARGS = 'template/spec/containers/0/args';

describe('a schedule', { skip }, async () => {
  if (skip) return;
  const image = await toolImage(BINARY);
  const release = await aRelease(cluster, cluster.helms[0]!).withPassword().installed();
  const claim = await aClaim(cluster, release);
  after(async () => {
    await claim[Symbol.asyncDispose]();
    await release[Symbol.asyncDispose]();
  });
  const { name, namespace, kubectl } = release;
  const { objects } = kubectl;
  const { MEMCACHED_BACKUP_STORE: _, ...environment } = release.cli.env;
  const env = { ...environment, MEMCACHED_BACKUP_HELPER_IMAGE: image };
  const tool = async (...args: string[]): Promise<Outcome> => {
    const outcome = await run(BINARY, [...args, '-n', namespace], { env });
    assertNoSecret(outcome.command, `${outcome.stdout}\n${outcome.stderr}`, release.secrets);
    return outcome;
  };
  const ok = async (...args: string[]): Promise<Outcome> => {
    const outcome = await tool(...args);
    expectCode(outcome);
    return outcome;
  };
  const status = async (): Promise<JsonObject> => {
    const { stdout } = await ok('schedule', 'status', '-o', 'json');
    const [entry] = arrayAt(assertDocumented(JSON.parse(stdout)), 'items') as JsonObject[];
    return entry!;
  };
  const args = async (): Promise<string[]> =>
    arrayAt(
      arrayAt(
        await objects.get(SCHEDULE),
        'spec',
        'jobTemplate',
        'spec',
        'template',
        'spec',
        'containers',
      )[0],
      'args',
    ) as string[];
  const backups = async (): Promise<JsonObject[]> =>
    arrayAt(JSON.parse((await ok('list', '-o', 'json')).stdout), 'items') as JsonObject[];

  await objects.create(...(await rendered()));

  /** What `schedule install` would make, but for the claim, which is there. Due in the far future alone. */
  async function rendered(): Promise<JsonObject[]> {
    const { stdout } = await ok(
      ...['schedule', 'render', name, '--store', `pvc://${namespace}/${claim.name}/eu`],
      ...['--cron', '0 2 29 2 *', '--time-zone', 'Europe/Berlin', '--image', image],
    );
    const printed = parseYamlStream(stdout) as JsonObject[];
    return printed.filter((each) => each.kind !== 'PersistentVolumeClaim' && inNamespace(each));
  }

  function inNamespace(object: JsonObject): boolean {
    return stringAt(object, 'metadata', 'namespace') === namespace;
  }

  test('is run by hand: its log, its exit code, its backup; and that it was by hand is told', async () => {
    const fresh = await status();
    assert.deepEqual(fresh.runs, []);
    assert.equal(stringAt(fresh, 'store', 'location'), `pvc://${namespace}/${claim.name}/eu`);
    const { stdout, stderr } = await ok('schedule', 'run');
    assert.match(stderr, /^job\.batch\/memcached-backup-run-\d{8}t\d{6}z created in namespace/m);
    assert.match(stderr, /^job\.batch\/\S+ succeeded in \d+s: \S/m);
    const [saved] = await backups();
    assert.match(stdout, new RegExp(stringAt(saved, 'id') ?? 'no backup'));

    // The controller does not reckon with it, and takes it for a success of its own all the same.
    const cronJob = await objects.until(SCHEDULE, ([found]) => {
      assert.ok(stringAt(found, 'status', 'lastSuccessfulTime'));
      return found!;
    });
    assert.equal(stringAt(cronJob, 'status', 'lastScheduleTime'), undefined);
    await objects.until('events', (events) =>
      assert.ok(events.some(({ reason }) => reason === 'UnexpectedJob')),
    );
    const known = await status();
    const [lastRun] = arrayAt(known, 'runs');
    assert.equal(valueAt(lastRun, 'byHand'), true);
    assert.equal(valueAt(lastRun, 'outcome'), 'succeeded');
    assert.ok(Number(valueAt(lastRun, 'durationMs')) > 0);
    assert.notEqual(stringAt(known, 'lastRun', 'said') ?? '', '');
    assert.deepEqual(known.successRate, { succeeded: 0, ended: 0 });
    assert.equal(stringAt(known, 'store', 'agreement', 'verdict'), 'agrees');
    assert.equal(stringAt(known, 'store', 'backup', 'id'), stringAt(saved, 'id'));
    assert.equal(valueAt(known, 'store', 'backup', 'bytes'), saved?.bytes);
    assert.match(stringAt(known, 'next') ?? '', /-02-29T01:00:00\.000Z$/);
    const table = await ok('schedule', 'status', '--no-headers');
    assert.match(
      table.stdout,
      /^memcached-backup +0 2 29 2 \* +in \S+ +\S+ by hand +succeeded +\S+ +<none> +\S+ +[\d.]+Ki +agrees$/m,
    );
    assert.match(table.stderr, /next run \d+-02-29 02:00 Europe\/Berlin/);
    const logs = await ok('schedule', 'logs');
    assert.equal(logs.stdout, stdout);
  });

  test('Ctrl-C ends the following, not the run, which logs --follow takes up', async () => {
    const before = new Set((await objects.list('jobs')).map(nameOf));
    const isStarted = objects.until('jobs', (jobs) =>
      assert.ok(jobs.some((job) => !before.has(nameOf(job)))),
    );
    const words = ['schedule', 'run', '-n', namespace];
    const interrupted = await interruptLikeTerminal({ program: BINARY, env }, words, isStarted);
    assert.equal(interrupted.code, 130);
    assert.match(interrupted.stderr, /Job\/memcached-backup-run-\S+ goes on in the cluster/);
    const next = /^Next: kubectl memcached-backup (schedule logs .*--follow)$/m.exec(interrupted.stderr)?.[1];
    const job = /--job (\S+)/.exec(next ?? '')?.[1] ?? '';
    const followed = await ok(...next!.split(' ').filter((word) => word !== '-n' && word !== namespace));
    assert.match(followed.stdout, new RegExp(`${name} .* yes `));
    await objects.until(`job/${job}`, ([found]) => assert.equal(valueAt(found, 'status', 'succeeded'), 1));
    assert.equal((await backups()).length, 2);
  });

  test('--wait=false only starts it', async () => {
    const { stdout } = await ok('schedule', 'run', '--wait=false');
    const job = /^job\.batch\/(\S+)\n$/.exec(stdout)?.[1];
    await objects.until(`job/${job}`, ([found]) => assert.equal(valueAt(found, 'status', 'succeeded'), 1));
    await objects.delete(`job/${job}`);
  });

  test('fails with the run’s exit code; its newest pod’s log is shown, and the others are named', async () => {
    const own = await args();
    await setRun({ backoffLimit: 1, [ARGS]: [...own.slice(0, 1), 'no-such-release', ...own.slice(2)] });
    const { code, stderr } = await tool('schedule', 'run');
    assert.equal(code, 1);
    assert.match(stderr, /^error: the run job\/\S+ failed: exit code 1: .*no-such-release/m);
    assert.match(stderr, /tried again/);
    const logs = await ok('schedule', 'logs');
    const pods = (await objects.list('pods', `job-name=${/job\/(\S+),/.exec(logs.stderr)?.[1]}`)).toSorted(
      (a, b) =>
        String(valueAt(a, 'metadata', 'creationTimestamp')) <
        String(valueAt(b, 'metadata', 'creationTimestamp'))
          ? 1
          : -1,
    );
    assert.equal(pods.length, 2);
    assert.match(logs.stderr, new RegExp(`pod/${nameOf(pods[0]!)} \\(exit code 1\\):`));
    assert.match(logs.stderr, new RegExp(`A try before it, pod/${nameOf(pods[1]!)}`));
    const failed = await status();
    assert.match(stringAt(failed, 'lastFailure', 'cause') ?? '', /no-such-release/);
    // What was saved before is there, and older than this run: nothing is missing.
    assert.equal(stringAt(failed, 'store', 'agreement', 'verdict'), 'agrees');
    await setRun({ backoffLimit: 2, [ARGS]: own });
  });

  test('a pod that can’t start is told by its cause, also when it is gone: 4', async () => {
    const volume = (source: JsonObject): JsonObject => ({
      'template/spec/volumes/0': { name: 'tmp', ...source },
    });
    await setRun({ activeDeadlineSeconds: 10, ...volume({ secret: { secretName: 'nobody-made-it' } }) });
    const { code, stderr } = await tool('schedule', 'run');
    assert.equal(code, 4);
    assert.match(stderr, /^Warning: pod\/\S+: needs secret\/nobody-made-it, which does not exist/m);
    assert.match(
      stderr,
      /^error: the run .* failed: DeadlineExceeded: .*its pod never started: .*nobody-made-it/m,
    );
    const { lastFailure } = await status();
    assert.match(stringAt(lastFailure, 'cause') ?? '', /DeadlineExceeded.*nobody-made-it/);
    const logs = await tool('schedule', 'logs');
    assert.equal(logs.code, 1);
    assert.match(logs.stderr, /has no pod any more, and no log: DeadlineExceeded/);
    await setRun({ activeDeadlineSeconds: 600, ...volume({ emptyDir: {} }) });
  });

  test('backups that somebody takes away are missed', async () => {
    const [newest] = await backups();
    const location = stringAt(newest, 'location') ?? '';
    const folder = `${claim.folder}${location.slice(location.indexOf('/eu/'), location.lastIndexOf('/'))}`;
    await claim.inNode('mv', folder, `${claim.folder}/aside`);
    const table = await ok('schedule', 'status');
    assert.match(table.stdout, /missing$/m);
    assert.match(table.stderr, /^Warning: .*succeeded, and the store holds no good backup of my-memcached/m);
    await claim.inNode('mv', `${claim.folder}/aside`, folder);
    assert.equal(stringAt(await status(), 'store', 'agreement', 'verdict'), 'agrees');
  });

  test('is suspended and resumed, a second time without a change', async () => {
    assert.match((await ok('schedule', 'suspend')).stderr, /^cronjob\.batch\/memcached-backup suspended$/m);
    const version = await objects.field(SCHEDULE, '.metadata.resourceVersion');
    assert.match((await ok('schedule', 'suspend')).stderr, /is already suspended/);
    assert.equal(await objects.field(SCHEDULE, '.metadata.resourceVersion'), version);
    const suspended = await ok('schedule', 'status', '--no-headers');
    assert.match(suspended.stdout, /^memcached-backup .* suspended /);
    assert.match(suspended.stderr, /^Warning: .*is suspended/m);
    const resumed = await ok('schedule', 'resume');
    assert.match(resumed.stderr, /^Next run: \d+-02-29 02:00 Europe\/Berlin/m);
    assert.equal(await objects.field(SCHEDULE, '.spec.suspend'), 'false');
  });

  test('each command works under exactly the Role that permissions prints for it', async () => {
    const words = ['run', 'status', 'logs', 'suspend', 'resume'];
    const accounts = await Promise.all(words.map((word) => onlyFor(word)));
    for (const [index, word] of words.entries()) {
      const { stderr } = await ok('schedule', word, '--as', accounts[index]!);
      assert.doesNotMatch(stderr, /can't be seen|could not be|cannot/, word);
    }
    for (const word of ['status', 'logs']) {
      const data = JSON.parse((await ok('permissions', 'schedule', word, '-o', 'json')).stdout) as JsonObject;
      const rules = arrayAt(data, 'items') as unknown as PermissionRule[];
      const optional = optionalOnes(rules);
      const isOwn = (text: string): boolean => /^list (?:cronjobs|jobs|events)|^get pods\/log/.test(text);
      for (const { user, text, permission } of await usersWithoutOne(kubectl, rules, isOwn)) {
        await eventually(() => kubectl.ok('auth', 'can-i', 'list', 'pods', '--as', user));
        const { code, stderr } = await tool('schedule', word, '--as', user);
        const isAsked = text.startsWith('list events')
          ? word === 'status'
          : !(word === 'status' && /log/.test(text));
        assert.equal(code, optional.has(text) ? 0 : 1, `${word} without ${text}: ${stderr}`);
        if (isAsked) assert.ok(names(stderr, permission, text), `${word} without ${text}: ${stderr}`);
      }
    }
    const nobody = await tool('schedule', 'run', '--as', 'nobody');
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /cannot list resource "cronjobs"/);
  });

  test('is uninstalled: what it made, and nothing else; claim and backups stay', async () => {
    const elsewhere = `another-${namespace}`;
    const everywhere = [namespace, elsewhere].flatMap(aClusterRole);
    const foreign = {
      ...aClusterRole(namespace)[0]!,
      kind: 'Role',
      metadata: { name: 'theirs', labels: {} },
    };
    await objects.create(...everywhere, foreign);
    try {
      const as = await onlyFor('uninstall', '-A');
      const asked = await tool('schedule', 'uninstall');
      assert.equal(asked.code, 2);
      assert.match(asked.stderr, /the same command with --yes/);
      const dry = await ok('schedule', 'uninstall', '--dry-run=server');
      assert.match(dry.stdout, /^cronjob\.batch\/memcached-backup deleted \(server dry run\)$/m);
      assert.ok(await objects.find(SCHEDULE));

      const { stderr, stdout } = await ok('schedule', 'uninstall', '--yes', '--as', as);
      assert.match(stderr, new RegExp(`What stays: every backup in pvc://${namespace}/${claim.name}/eu`));
      assert.match(stdout, /^cronjob\.batch\/memcached-backup deleted\nclusterrolebinding/);
      for (const gone of [
        SCHEDULE,
        'role/memcached-backup',
        'rolebinding/memcached-backup',
        'serviceaccount/memcached-backup',
      ])
        assert.equal(await objects.find(gone), undefined, gone);
      const left = await Promise.all(
        everywhere.map(async ({ kind, metadata }) => {
          const called = stringAt(metadata, 'name') ?? '';
          return (await objects.find(`${String(kind).toLowerCase()}/${called}`)) === undefined
            ? []
            : [called];
        }),
      );
      assert.deepEqual(left.flat(), Array(2).fill(`memcached-backup:${elsewhere}`), 'the other install’s');
      assert.ok(await objects.find('role/theirs'));
      assert.ok(await objects.find(`persistentvolumeclaim/${claim.name}`));
      const store = ['--store', `pvc://${namespace}/${claim.name}/eu`];
      assert.match((await ok('list', '-o', 'name', ...store)).stdout, new RegExp(`^${namespace}/${name}@`));
      await eventually(async () => assert.deepEqual(await objects.list('jobs'), []));
      const again = await ok('schedule', 'uninstall', '--yes');
      assert.match(again.stderr, /Nothing to uninstall/);
      const none = await tool('schedule', 'status');
      assert.equal(none.code, 1);
      assert.match(none.stderr, /^Next: make one: .*schedule install/m);
    } finally {
      for (const { kind, metadata } of everywhere)
        await objects.abandon(`${String(kind).toLowerCase()}/${stringAt(metadata, 'name')}`);
    }
  });

  /** Changes what runs are made of, by paths below their Job's spec. */
  async function setRun(fields: JsonObject): Promise<void> {
    const operations = Object.entries(fields).map(([field, value]) => {
      return { op: 'replace', path: `/spec/jobTemplate/spec/${field}`, value };
    });
    await kubectl.ok('patch', SCHEDULE, '--type=json', '-p', JSON.stringify(operations));
  }

  /** A service account with what `permissions schedule WORD` prints, but for what is optional and cluster-wide. */
  async function onlyFor(word: string, ...flags: string[]): Promise<string> {
    const subject = `system:serviceaccount:${namespace}:only-${word}`;
    const { stdout } = await ok('permissions', 'schedule', word, ...flags, '-o', 'yaml', '--for', subject);
    const printed = parseYamlStream(stdout) as JsonObject[];
    const wanted = printed.filter((each) => inNamespace(each) || flags.includes('-A'));
    await kubectl.apply(
      ...wanted.filter((each) => stringAt(each, 'metadata', 'namespace') !== 'kube-system'),
    );
    if (flags.includes('-A'))
      after(() =>
        kubectl.run(
          'delete',
          'clusterrole,clusterrolebinding',
          ...wanted.filter(({ kind }) => String(kind).startsWith('ClusterRole')).map(nameOf),
          '--ignore-not-found',
        ),
      );
    const verb = word === 'uninstall' ? 'delete' : 'list';
    await eventually(() => kubectl.ok('auth', 'can-i', verb, 'cronjobs', '--as', subject));
    await sleep(200);
    return subject;
  }

  /** What an install with -A in this namespace makes of its name, without what it grants. */
  function aClusterRole(home: string): JsonObject[] {
    const labels = {
      'app.kubernetes.io/name': 'memcached-backup',
      'app.kubernetes.io/component': 'schedule',
      'app.kubernetes.io/managed-by': 'memcached-backup',
      'app.kubernetes.io/instance': 'memcached-backup',
    };
    const metadata = { name: `memcached-backup:${home}`, labels };
    const subjects = [{ kind: 'ServiceAccount', name: 'memcached-backup', namespace: home }];
    return [
      { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata, rules: [] },
      {
        apiVersion: `${RBAC}/v1`,
        kind: 'ClusterRoleBinding',
        metadata,
        roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: metadata.name },
        subjects,
      },
    ];
  }
});
