import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { arrayAt, isObject, type JsonObject, stringAt, valueAt } from '../../src/model/json/json.ts';
import { parseYamlStream } from '../../src/model/json/yaml.ts';
import { nameOf, refOf } from '../../src/model/kubernetes/object.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { toolImage } from '../cluster/tool-image.ts';
import { S3_KEYS, startVersitygw } from '../support/s3/versitygw.ts';
import { startSshd } from '../support/sshd.ts';
import { aClaim } from './support/a-claim.ts';
import { BINARY } from './support/cli.ts';
import { assertIsRich } from './support/helm-goes-on.ts';
import { inNodeNetwork, kubeconfigInNode, NODE_ADDRESS, serverInNode } from './support/in-node-network.ts';
import { expectCode, type Outcome, run } from './support/process.ts';
import { aRelease, type TestRelease } from './support/release.ts';
import { RICH_VALUES } from './support/rich-values.ts';
import { selfSigned } from './support/self-signed.ts';

const cluster = await ensureCluster();
const skip = cluster.external && 'volumes and images are made in the node of our own cluster only';
const SUPPORT = join(import.meta.dirname, 'support/doctor');

describe('schedule install', { skip, concurrency: 2 }, async () => {
  if (skip) return;
  const image = await toolImage(BINARY);

  test('on a claim, in the place of the guide’s CronJob: what its first run saved restores a release that is gone (helm3)', async () => {
    await using release = await aRelease(cluster, cluster.helms[0]!)
      .withPassword()
      .withValues(RICH_VALUES)
      .installed();
    const { name, namespace, kubectl } = release;
    await using _volume = await aClaim(cluster, release, { forClaimsOf: `of-${namespace}` });
    const tool = toolFor(release, { ...release.cli.env, MEMCACHED_BACKUP_HELPER_IMAGE: image });
    // Under exactly what `permissions` prints, and no more.
    const store = ['--store', 'pvc://backups'];
    const roles = await permissionsFor(release, 'installer', tool, store);
    await using _roles = roles;
    const installs: Tool = (...args) => tool('schedule', 'install', name, ...args, '--as', roles.user);
    for (const file of ['guide-cronjob.yaml', 'guide-pvc.yaml'])
      await applyGuide(release, readFileSync(join(SUPPORT, file), 'utf8'));
    const flags = [
      ...[...store, '--storage-class', `of-${namespace}`, '--storage', '64Mi'],
      ...['--replace', 'memcached-backup', '--keep-last', '3', '--time-zone', 'Europe/Berlin'],
    ];

    // What doctor has to say of the script takes more.
    const planned = expectCode(await tool('schedule', 'install', name, ...flags, '--dry-run'));
    assert.match(planned.stderr, /create +cronjob\.batch\/memcached-backup-schedule/);
    assert.match(planned.stderr, /create +persistentvolumeclaim\/backups/);
    assert.match(planned.stderr, /grants list configmaps, .*secrets/);
    assert.match(planned.stderr, /replace +cronjob\.batch\/memcached-backup: /);
    assert.match(planned.stderr, /MB120/);
    assert.match(planned.stderr, /\nDry run: nothing was written\n$/);
    assert.deepEqual(await schedules(release), [], 'a dry run makes nothing');
    const refused = expectCode(await installs(...flags), 2);
    assert.match(refused.stderr, /no terminal to ask on/);

    const installed = expectCode(await installs(...flags, '--yes'));
    assert.match(installed.stderr, /Found in the store and verified: my-memcached@\S+/);
    assert.match(installed.stderr, /cronjob\/memcached-backup is suspended/);
    assert.match(installed.stderr, /Next run: \S+ 02:00 Europe\/Berlin/);
    const old = await kubectl.objects.get('cronjob/memcached-backup');
    assert.equal(valueAt(old, 'spec', 'suspend'), true);
    assert.equal(arrayAt(old, 'spec', 'jobTemplate', 'spec', 'template', 'spec', 'containers').length, 1);

    const made = await kubectl.objects.get('cronjob/memcached-backup-schedule');
    const podSpec = ['spec', 'jobTemplate', 'spec', 'template', 'spec', 'containers'] as const;
    // Neither JSON, which would fill the log with the list of files, nor any key.
    assert.deepEqual(arrayAt(arrayAt(made, ...podSpec)[0], 'args'), [
      ...['backup', name, '-n', namespace, '--store', `pvc://${namespace}/backups`],
      ...['--keep-last', '3', '--termination-log', '/dev/termination-log'],
    ]);
    const same = expectCode(await installs(...flags, '--yes'));
    assert.match(same.stderr, /Nothing to change/);
    const kept = flags
      .map((word) => (word === '--replace' ? '--name' : word))
      .map((word) => (word === 'memcached-backup' ? 'memcached-backup-schedule' : word));
    const changed = expectCode(await installs(...kept, '--cron', '30 3 * * *', '--yes', '--no-first-run'));
    assert.match(changed.stderr, /spec\.schedule: "0 2 \* \* \*" → "30 3 \* \* \*"/);
    assert.doesNotMatch(changed.stderr, /create /);

    await restoresWhatIsGone(release, tool);
    expectCode(await tool('schedule', 'uninstall', '--name', 'memcached-backup-schedule', '--yes'));
    assert.deepEqual(await schedules(release), []);
    assert.equal(await inKubeSystem(`memcached-backup-schedule:${namespace}`), '', 'nothing of it is left');
  });

  test('in S3 and in Git, by keys of a Secret', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-schedule-'));
    const tls = { cert: join(folder, 'ca.crt'), key: join(folder, 'server.key') };
    const ofServer = selfSigned(undefined, NODE_ADDRESS);
    writeFileSync(tls.cert, ofServer.cert);
    writeFileSync(tls.key, ofServer.key);
    const s3 = await startVersitygw(tls, { elsewhere: { address: NODE_ADDRESS, start: serverInNode } });
    const sshd = await startSshd({ address: NODE_ADDRESS, enter: inNodeNetwork() });
    const release = await aRelease(cluster, cluster.helms.at(-1)!)
      .withPassword()
      .withValues(RICH_VALUES)
      .installed();
    t.after(async () => {
      await release[Symbol.asyncDispose]();
      await Promise.all([s3.stop(), sshd.end()]);
      rmSync(folder, { recursive: true, force: true });
    });
    const { name, kubectl } = release;
    const env = {
      ...release.cli.env,
      KUBECONFIG: kubeconfigInNode(cluster.kubeconfig, folder),
      MEMCACHED_BACKUP_HELPER_IMAGE: image,
      AWS_ACCESS_KEY_ID: S3_KEYS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: S3_KEYS.secretAccessKey,
      AWS_REGION: 'us-east-1',
      AWS_CA_BUNDLE: tls.cert,
      GIT_SSH_COMMAND: sshd.command,
    };
    const tool = toolFor(release, env, inNodeNetwork());

    await t.test(
      'S3 (helm4): a Secret without a key is refused, and what the run saved restores a release that is gone',
      async () => {
        s3.makeBucket('nightly');
        const secret = ['create', 'secret', 'generic', 's3-keys'];
        const access = `--from-literal=AWS_ACCESS_KEY_ID=${S3_KEYS.accessKeyId}`;
        await kubectl.ok(...secret, access);
        const flags = [
          ...['--name', 'to-s3', '--store', 's3://nightly/eu', '--s3-endpoint', s3.endpoint],
          ...['--s3-secret', 's3-keys', '--ca-configmap', 'our-ca', '--verify', '--yes'],
        ];
        const lacking = expectCode(await tool('schedule', 'install', ...flags), 1);
        assert.match(lacking.stderr, /secret\/s3-keys in namespace \S+ has no AWS_SECRET_ACCESS_KEY/);
        assert.deepEqual(await schedules(release), []);
        await kubectl.ok('delete', 'secret', 's3-keys');
        const absent = expectCode(await tool('schedule', 'install', ...flags), 1);
        assert.match(absent.stderr, /secret\/s3-keys does not exist/);
        await kubectl.ok(
          ...secret,
          access,
          `--from-literal=AWS_SECRET_ACCESS_KEY=${S3_KEYS.secretAccessKey}`,
        );

        const noAuthority = expectCode(await tool('schedule', 'install', ...flags), 1);
        assert.match(noAuthority.stderr, /configmap\/our-ca does not exist/);
        await kubectl.ok('create', 'configmap', 'our-ca', `--from-file=ca.crt=${tls.cert}`);
        const installed = expectCode(await tool('schedule', 'install', ...flags));
        assert.match(installed.stderr, /Found in the store and verified: my-memcached@\S+/);
        assert.doesNotMatch(JSON.stringify(installed), new RegExp(S3_KEYS.secretAccessKey));
        await restoresWhatIsGone(release, tool);
      },
    );

    await t.test(
      'Git over SSH, sealed (helm4): what the run pushed restores a release that is gone',
      async () => {
        const repository = join(folder, 'backups.git');
        execFileSync('git', ['init', '-q', '--bare', '--initial-branch=main', repository]);
        const { key, publicKey, knownHosts } = sshd.files;
        await kubectl.ok(
          ...['create', 'secret', 'generic', 'deploy-key'],
          ...[`--from-file=identity=${key}`, `--from-file=known_hosts=${knownHosts}`],
        );
        const store = `git+ssh://${sshd.user}@${NODE_ADDRESS}:${sshd.port}${repository}?path=eu#main`;
        const recipients = join(folder, 'recipients');
        writeFileSync(recipients, readFileSync(publicKey));
        const installed = expectCode(
          await tool(
            ...[
              'schedule',
              'install',
              name,
              '--name',
              'to-git',
              '--store',
              store,
              '--git-secret',
              'deploy-key',
            ],
            ...['--recipients-file', recipients, '--identity', key, '--yes'],
          ),
        );
        assert.match(installed.stderr, /Found in the store and verified: my-memcached@\S+/);
        await restoresWhatIsGone(release, tool, ['--store', store, '--identity', key]);
        for (const schedule of ['to-s3', 'to-git'])
          expectCode(await tool('schedule', 'uninstall', '--name', schedule, '--yes'));
        assert.deepEqual(await schedules(release), []);
      },
    );
  });

  test('what can be no schedule is refused before anything is asked or written', async () => {
    const env = { ...process.env, KUBECONFIG: cluster.kubeconfig, MEMCACHED_BACKUP_STORE: '' };
    const refused = async (...flags: string[]): Promise<string> =>
      expectCode(await run(BINARY, ['schedule', 'install', '--yes', ...flags], { env }), 2).stderr;
    assert.match(await refused('--store', '/srv/backups'), /a pod can't reach the store \/srv\/backups/);
    assert.match(await refused(), /a schedule needs --store/);
    const s3 = ['--store', 's3://nightly'];
    assert.match(await refused(...s3, '--cron', '0 2 31 2 *'), /never due/);
    assert.match(await refused(...s3, '--cron', '@every 1h'), /each start of the cluster's controller/);
    assert.match(await refused(...s3, '--cron', '* * * * *'), /due every 60 s/);
    assert.match(await refused(...s3, '--time-zone', 'Nowhere/X'), /no time zone/);
    assert.match(await refused(...s3, '--name', 'a'.repeat(53)), /at most 52/);
    assert.match(
      await refused('--store', 'pvc://elsewhere/c', '-n', 'default'),
      /lies in namespace elsewhere/,
    );
  });
});

type Tool = (...args: string[]) => Promise<Outcome>;

/** The tool in the release's namespace, with no store but what a schedule says. */
function toolFor(
  { namespace, secrets }: TestRelease,
  environment: NodeJS.ProcessEnv,
  enter: string[] = [],
): Tool {
  const { MEMCACHED_BACKUP_STORE: _, ...env } = environment;
  return async (...args) => {
    const [program = '', ...words] = [...enter, BINARY, ...args, '-n', namespace];
    const outcome = await run(program, words, { env });
    for (const secret of secrets) assert.ok(!`${outcome.stdout}${outcome.stderr}`.includes(secret));
    return outcome;
  };
}

/** Uninstalls the release, and restores it from the store: without a flag, that of the namespace's schedule. */
async function restoresWhatIsGone(release: TestRelease, tool: Tool, flags: string[] = []): Promise<void> {
  const { name, helm } = release;
  await helm.ok('uninstall', name, '--wait');
  expectCode(await tool('restore', name, '--yes', ...flags));
  await assertIsRich(release);
  assert.match(await helm.ok('status', name), /^STATUS: deployed$/m);
}

async function inKubeSystem(role: string): Promise<string> {
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig };
  const args = ['get', 'role,rolebinding', '-n', 'kube-system', '-o', 'name'];
  const { stdout } = expectCode(await run(cluster.kubectl, args, { env }));
  return stdout
    .split('\n')
    .filter((line) => line.endsWith(`/${role}`))
    .join();
}

async function schedules({ kubectl }: TestRelease): Promise<string[]> {
  const found: JsonObject[] = await kubectl.objects.list('cronjobs', 'app.kubernetes.io/component=schedule');
  return found.map((each) => `${nameOf(each)} ${stringAt(each, 'spec', 'schedule')}`);
}

/** A user who may do what `permissions schedule install` prints. The roles go away at the end of the block. */
async function permissionsFor(
  { kubectl, namespace }: TestRelease,
  who: string,
  tool: Tool,
  flags: string[],
): Promise<AsyncDisposable & { user: string }> {
  const user = `${who}-${namespace}`;
  const { stdout } = expectCode(
    await tool('permissions', 'schedule', 'install', '-o', 'yaml', '--for', `user:${user}`, ...flags),
  );
  const objects = parseYamlStream(stdout).filter(isObject);
  // Some lie in kube-system.
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig };
  expectCode(await run(cluster.kubectl, ['apply', '-f', '-'], { env, input: stdout }));
  return {
    user,
    [Symbol.asyncDispose]: async () => {
      for (const object of objects)
        await kubectl.run(
          'delete',
          String(object.kind),
          nameOf(object),
          '--namespace',
          refOf(object).namespace ?? namespace,
        );
    },
  };
}

/** Word for word but for the namespace. */
async function applyGuide({ kubectl, namespace }: TestRelease, yaml: string): Promise<void> {
  const here = yaml
    .replaceAll('namespace: default', `namespace: ${namespace}`)
    .replaceAll('-n default', `-n ${namespace}`);
  await kubectl.apply(...parseYamlStream(here).filter(isObject));
}
