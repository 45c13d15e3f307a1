import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { objectAt, stringAt } from '../../../src/model/json/json.ts';
import { ensureCluster } from '../../cluster/cluster.ts';
import { BINARY } from '../support/cli.ts';
import type { ClusterFault } from '../support/doctor/cluster-fault.ts';
import { codesOf, diagnose } from '../support/doctor/diagnosis.ts';
import { aBackupWhoseRoleLacksSecrets } from '../support/doctor/faults/access.ts';
import { RESTORE_FAULTS } from '../support/doctor/faults/restore.ts';
import { ROLLOUT_FAULTS } from '../support/doctor/faults/rollout.ts';
import { SCHEDULE_FAULTS } from '../support/doctor/faults/schedule.ts';
import { STORAGE_FAULTS } from '../support/doctor/faults/storage.ts';
import { fieldText } from '../support/field-text.ts';
import { interruptLikeTerminal } from '../support/interrupt.ts';
import { ask } from '../support/memcached.ts';
import { expectCode } from '../support/process.ts';
import type { Fixture } from '../support/release.ts';
import { hasField } from '../support/wait-for.ts';

const cluster = await ensureCluster();

interface Fixed {
  fixes: { code: string; what: string; outcome: string }[];
}

/** Runs `doctor --fix --yes` and expects it to end with this exit code. */
async function fix({ cli }: Fixture, code = 0): Promise<Fixed> {
  const report = await cli.run('doctor', '--fix', '--yes', '-o', 'json');
  expectCode(report, code);
  return JSON.parse(report.stdout) as Fixed;
}

function faultOf(faults: readonly ClusterFault[], name: string): Promise<Fixture> {
  const fault = faults.find((each) => each.name === name);
  assert.ok(fault, `there is no fault "${name}"`);
  return fault.inject(cluster);
}

/** Its pods are also held back by a budget, and the command that waits for it is interrupted. */
const HELD = 'a StatefulSet whose pods wait to be deleted';

/** What `--fix` was to mend, a warning, is not mended: that is no success, and an interruption is one. */
async function isHeldBackOrInterrupted({ cli, kubectl, namespace }: Fixture): Promise<void> {
  await kubectl.apply({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'hold' },
    spec: { selector: {}, maxUnavailable: 0 },
  });
  const held = expectCode(await cli.run('doctor', '--fix', '--yes', '--timeout', '2s'), 3);
  assert.match(held.stderr, /not fixed: restart the pods of .*PodDisruptionBudget/);
  assert.match(held.stderr, /one by one: their caches are emptied\n +pod\/\S+\n +Nothing is in there;/);
  assert.match(held.stdout, /MB542/);

  const waiting = sleep(4_000);
  const args = ['doctor', '--fix', '--yes', '-n', namespace];
  const interrupted = await interruptLikeTerminal({ program: BINARY, env: cli.env }, args, waiting);
  expectCode(interrupted, 130);
  assert.match(
    interrupted.stderr,
    /interrupted[\s\S]*Begun, and maybe not done for every pod: restart the pods/,
  );
  await kubectl.objects.delete('poddisruptionbudget/hold');
}

describe('doctor --fix', { concurrency: 4 }, () => {
  test('adds what is missing to the Role of a backup, and the service account may then do it', async () => {
    await using faulty = await aBackupWhoseRoleLacksSecrets(cluster);
    const { kubectl, namespace } = faulty;
    const mayList = () =>
      kubectl.run('auth', 'can-i', 'list', 'secrets', `--as=system:serviceaccount:${namespace}:by-hand`);
    assert.equal((await mayList()).stdout.trim(), 'no');

    const { fixes } = await fix(faulty);

    assert.deepEqual(
      fixes.map(({ code, outcome }) => [code, outcome]),
      [['MB120', 'fixed']],
    );
    assert.equal((await mayList()).stdout.trim(), 'yes');
    assert.deepEqual(codesOf(await diagnose(faulty)), []);
  });

  test('two at once: what the one has fixed the other does not call failed', async () => {
    await using faulty = await aBackupWhoseRoleLacksSecrets(cluster);
    const { cli } = faulty;

    const both = await Promise.all([1, 2].map(() => cli.run('doctor', '--fix', '--yes')));

    for (const each of both) assert.doesNotMatch(expectCode(each).stderr, /not fixed/);
    assert.deepEqual(codesOf(await diagnose(faulty)), []);
  });

  test('drops the Lease of a restore that died, and the next restore is not held up', async () => {
    await using faulty = await faultOf(RESTORE_FAULTS, 'a Lease of a restore that died');

    const { fixes } = await fix(faulty);

    assert.deepEqual(
      fixes.map(({ code, outcome }) => [code, outcome]),
      [['MB461', 'fixed']],
    );
    assert.equal(await faulty.kubectl.objects.find(`lease/memcached-backup.${faulty.name}`), undefined);
    expectCode(await faulty.cli.run('restore', faulty.name, '--yes'));
  });

  test('makes the claim that a backup CronJob names, and it is bound', async () => {
    await using faulty = await faultOf(STORAGE_FAULTS, 'a claim that nobody made');

    const { fixes } = await fix(faulty);

    assert.deepEqual(
      fixes.map(({ code, outcome }) => [code, outcome]),
      [['MB310', 'fixed']],
    );
    await hasField(faulty.kubectl, 'pvc/backups', { path: '.status.phase', value: 'Bound' });
    assert.deepEqual(codesOf(await diagnose(faulty)), []);
  });

  for (const [name, code, maxbytes] of [
    ['a mounted ConfigMap that was changed after the pod had read it', 'MB550', 20],
    [HELD, 'MB542', 24],
  ] as const) {
    test(`restarts what is stale: ${name}`, async () => {
      await using faulty = await faultOf(ROLLOUT_FAULTS, name);
      const workload = async (): Promise<unknown[]> =>
        (await faulty.kubectl.objects.list('deployment,statefulset')).map((each) =>
          objectAt(each, 'spec', 'template'),
        );
      const before = await workload();
      if (name === HELD) await isHeldBackOrInterrupted(faulty);

      const { fixes } = await fix(faulty);

      assert.deepEqual(
        fixes.map((each) => [each.code, each.outcome]),
        [[code, 'fixed']],
      );
      assert.deepEqual(await workload(), before, 'no template is touched');
      const pods = await faulty.kubectl.objects.list('pods');
      // The one that went may still be on its way out.
      const running = pods.find(
        (pod) =>
          stringAt(pod, 'status', 'phase') === 'Running' &&
          stringAt(pod, 'metadata', 'deletionTimestamp') === undefined,
      );
      assert.match(
        await ask(faulty.kubectl, running!, 'stats settings'),
        new RegExp(`maxbytes ${maxbytes * 2 ** 20}\\b`),
      );
      assert.deepEqual(codesOf(await diagnose(faulty)), []);
    });
  }

  test('resumes a suspended CronJob', async () => {
    await using faulty = await faultOf(SCHEDULE_FAULTS, 'a suspended CronJob');

    const { fixes } = await fix(faulty, 3);

    assert.deepEqual(
      fixes.map(({ code, outcome }) => [code, outcome]),
      [['MB202', 'fixed']],
    );
    assert.equal(await faulty.kubectl.objects.field('cronjob/memcached-backup', '.spec.suspend'), 'false');
    // What it hid is still so, until the next run.
    assert.deepEqual(codesOf(await diagnose(faulty)), ['MB206']);
  });

  test('runs a backup again whose pod was evicted, and that one succeeds', async () => {
    await using faulty = await faultOf(SCHEDULE_FAULTS, 'a pod that the node evicts');
    const { kubectl } = faulty;
    // The fault keeps its pods off every node.
    const anywhere = [{ op: 'remove', path: '/spec/jobTemplate/spec/template/spec/nodeSelector' }];
    const patch = ['--type=json', '-p', JSON.stringify(anywhere)];
    await kubectl.ok('patch', 'cronjob', 'memcached-backup', ...patch);

    const { fixes } = await fix(faulty);

    assert.deepEqual(
      fixes.map(({ code, outcome }) => [code, outcome]),
      [['MB241', 'fixed']],
    );
    const succeeded = await kubectl.objects.field('job/run', '.status.succeeded');
    assert.equal(succeeded, '1', 'it has ended before doctor says so');
    assert.deepEqual(codesOf(await diagnose(faulty)), []);
  });

  test('interrupted between deleting a Job and making it again, which does not come about: it says so', async () => {
    await using faulty = await faultOf(SCHEDULE_FAULTS, 'a pod that the node evicts');
    const { cli, kubectl, namespace } = faulty;
    const finalizers = (value: string[] | null) =>
      kubectl.ok(
        ...['patch', 'job', 'run', '--type=merge', '-p'],
        JSON.stringify({ metadata: { finalizers: value } }),
      );
    await finalizers(['example.org/hold']);
    const isDeleted = kubectl.objects.until('job/run', ([job]) =>
      assert.notEqual(fieldText(job, '.metadata.deletionTimestamp'), ''),
    );

    const args = ['doctor', '--fix', '--yes', '-n', namespace];
    const interrupted = await interruptLikeTerminal({ program: BINARY, env: cli.env }, args, isDeleted);
    await finalizers(null);

    expectCode(interrupted, 130);
    assert.ok(interrupted.sinceSignalMs < 5_000, `it ended after ${interrupted.sinceSignalMs} ms`);
    assert.match(
      interrupted.stderr,
      /job\.batch\/run is still being deleted; /,
      'not cut off while it asked',
    );
    assert.match(
      interrupted.stderr,
      /Stopped on its way: job\.batch\/run was deleted and is not made again\.$/m,
    );
    assert.match(
      interrupted.stderr,
      /; to do so: kubectl create job run --from=cronjob\/memcached-backup -n /,
    );
  });

  test('shows the exact change and changes nothing without --yes where there is no terminal', async () => {
    await using faulty = await aBackupWhoseRoleLacksSecrets(cluster);
    const { cli, kubectl } = faulty;
    const role = () => kubectl.objects.get('role/by-hand');
    const before = await role();

    const refused = expectCode(await cli.run('doctor', '--fix'), 2);

    assert.match(refused.stderr, /there is no terminal to ask on/);
    assert.match(refused.stdout, /MB120/, 'the findings are shown all the same');
    assert.deepEqual(await role(), before);
  });

  test('leaves alone a memory limit that somebody changed in the running server', async () => {
    await using faulty = await faultOf(ROLLOUT_FAULTS, 'a memory limit changed in the running server');
    const { cli, kubectl } = faulty;

    const left = expectCode(await cli.run('doctor', '--fix', '--yes'));

    assert.match(left.stderr, /Nothing here that doctor can fix by itself/);
    assert.match(left.stdout, /MB522[\s\S]*rollout restart deployment\.apps\/cache/);
    assert.match(left.stderr, /\nMended nothing\.\nLeft to you: MB522 deployment\.apps\/cache\.\n$/);
    const [pod] = await kubectl.objects.list('pods');
    assert.match(await ask(kubectl, pod!, 'stats settings'), new RegExp(`maxbytes ${20 * 2 ** 20}\\b`));
  });

  test('leaves alone what Argo CD would put back', async () => {
    await using faulty = await aBackupWhoseRoleLacksSecrets(cluster);
    const { cli, kubectl } = faulty;
    await kubectl.ok('annotate', 'role', 'by-hand', 'argocd.argoproj.io/tracking-id=ops:rbac/Role:x/by-hand');

    const left = expectCode(await cli.run('doctor', '--fix', '--yes'), 3);

    assert.match(left.stderr, /Nothing here that doctor can fix by itself/);
  });
});
