import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrayAt, type JsonObject, objectAt, stringAt, valueAt } from '../../src/model/json/json.ts';
import { endOfJob } from '../../src/model/kubernetes/job.ts';
import { nameOf } from '../../src/model/kubernetes/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { toolImage } from '../cluster/tool-image.ts';
import { assertDocumented } from '../support/documented-output.ts';
import { aClaim } from './support/a-claim.ts';
import { BINARY } from './support/cli.ts';
import { aDeploymentWithMountedSettings, applied } from './support/fixtures/plain-yaml.ts';
import { objectsIn } from './support/objects.ts';
import { expectCode, type Outcome, run } from './support/process.ts';

const cluster = await ensureCluster();
const skip = cluster.external && 'volumes and images are made in the node of our own cluster only';
const DRILLS = 'memcached-backup-drill';

test('schedule install --drill holds drills in a namespace of their own, where alone their account may do anything; status shows the last, uninstall takes them away', {
  skip,
}, async () => {
  const image = await toolImage(BINARY);
  await using release = await applied(cluster, aDeploymentWithMountedSettings(cluster));
  const { name, namespace, kubectl, cli } = release;
  const inStage = objectsIn(cluster, `${namespace}-drill`);
  const tool = async (...words: string[]): Promise<Outcome> => expectCode(await cli.run(...words));
  const stage = `${namespace}-drill`;
  await using _stage = {
    [Symbol.asyncDispose]: async () => {
      // Its role in kube-system does not go with the namespace.
      await cli.run('schedule', 'uninstall', '--yes');
      await kubectl.run('delete', 'namespace', stage, '--wait=false');
    },
  };
  await using _claim = await aClaim(cluster, release, { forClaimsOf: `of-${namespace}` });
  const store = ['--store', 'pvc://backups', '--helper-image', image];
  const install = [
    ...['schedule', 'install', name, ...store, '--storage-class', `of-${namespace}`, '--storage', '64Mi'],
    ...['--image', image, '--cron', '0 0 1 1 *', '--yes'],
  ];
  const drills = ['--drill', '0 4 1 */3 *', '--drill-target', '10m'];
  const planned = await tool(...install, ...drills, '--dry-run');
  assert.match(planned.stderr, new RegExp(`create +namespace/${stage} .*it stays when the schedule goes`));
  // Under exactly what `permissions` prints for a namespace that is there, and no more.
  await kubectl.ok('create', 'namespace', stage);
  await using installer = await permitted(['schedule', 'install', '--into', stage, ...store]);
  await tool(...install, ...drills, '--as', installer.user);

  const may = async (where: string, verb: string, what: string): Promise<string> => {
    const account = `system:serviceaccount:${namespace}:${DRILLS}`;
    return (await kubectl.run('auth', 'can-i', verb, what, '-n', where, '--as', account)).stdout.trim();
  };
  assert.equal(await may(stage, 'create', 'deployments.apps'), 'yes');
  for (const what of ['deployments.apps', 'secrets', 'pods'])
    assert.equal(await may(namespace, 'delete', what), 'no', what);

  await kubectl.ok('create', 'job', `--from=cronjob/${DRILLS}`, 'held');
  const ended = await kubectl.objects.until('job/held', ([job]) => {
    const end = endOfJob(job!);
    assert.ok(end !== undefined, 'the drill goes on');
    return end;
  });
  assert.equal(ended.type, 'Complete', (await kubectl.run('logs', 'job/held')).stdout);
  const [shown] = await itemsOf('status', name, ...store);
  assert.equal(stringAt(shown, 'drill', 'verdict'), 'passed', JSON.stringify(shown));
  assert.equal(valueAt(shown, 'drill', 'targetSeconds'), 600);
  const [entry] = await itemsOf('schedule', 'status', ...store);
  assert.equal(stringAt(entry, 'drill', 'into'), stage);
  assert.equal(stringAt(entry, 'drill', 'lastRun', 'outcome'), 'succeeded');
  const metrics = await tool('status', name, ...store, '-o', 'prometheus');
  assert.match(metrics.stdout, /^memcached_backup_drill_passed\{.*\} 1$/m);
  const alerts = await tool('alerts', '-o', 'rules');
  assert.match(alerts.stdout, new RegExp(`MemcachedDrillTooOld[\\s\\S]*cronjob="${DRILLS}"`));
  const left = await inStage.list('pods,deployments,secrets,services');
  assert.deepEqual(left.map(nameOf), [], 'what the drill made is gone, and the namespace is not');

  const { stderr: suspended } = await tool('schedule', 'suspend');
  assert.match(suspended, new RegExp(`cronjob.batch/${DRILLS} suspended`));
  assert.deepEqual(
    (await kubectl.objects.list('cronjobs')).map((each) => valueAt(each, 'spec', 'suspend')),
    [true, true],
  );
  await tool('schedule', 'resume');
  assert.deepEqual(
    (await kubectl.objects.list('cronjobs')).map((each) => valueAt(each, 'spec', 'suspend')),
    [false, false],
  );

  const without = await tool(...install, '--dry-run');
  assert.match(without.stderr, new RegExp(`delete +cronjob.batch/${DRILLS}`));
  const { stderr: uninstalled } = await tool('schedule', 'uninstall', '--yes');
  assert.match(uninstalled, new RegExp(`What stays: .*namespace/${stage}, in which drills were held`));
  assert.deepEqual(await kubectl.objects.list('cronjobs'), []);
  assert.deepEqual(await inStage.list('roles', 'app.kubernetes.io/component=drill'), []);
  assert.ok(objectAt(await kubectl.objects.get(`namespace/${stage}`), 'metadata'), 'it stays');

  /** A user who may do what `permissions` prints for this. The roles go away at the end of the block. */
  async function permitted(words: string[]): Promise<AsyncDisposable & { user: string }> {
    const user = `installer-${namespace}`;
    const { stdout } = await tool('permissions', ...words, '-o', 'yaml', '--for', `user:${user}`);
    const env = { ...process.env, KUBECONFIG: cluster.kubeconfig };
    const kubectlWith = async (...args: string[]) =>
      expectCode(await run(cluster.kubectl, [...args, '-f', '-'], { env, input: stdout }));
    await kubectlWith('apply');
    return {
      user,
      [Symbol.asyncDispose]: async () => {
        await kubectlWith('delete', '--ignore-not-found');
      },
    };
  }

  async function itemsOf(...words: string[]): Promise<JsonObject[]> {
    const { stdout } = await tool(...words, '-o', 'json');
    return arrayAt(assertDocumented(JSON.parse(stdout)), 'items') as JsonObject[];
  }
});
