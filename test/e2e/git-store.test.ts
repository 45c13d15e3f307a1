import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { arrayAt, stringAt } from '../../src/model/json/json.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { aKey } from '../support/sealed.ts';
import { expectCode } from './support/process.ts';
import { aRelease } from './support/release.ts';

const cluster = await ensureCluster();
const helm4 = cluster.helms.find(({ name }) => name === 'helm4')!;

test('a Helm release is backed up to Git, sealed, and comes back from there; what did not change makes a tag alone', async (t) => {
  await using release = await aRelease(cluster, helm4).withPassword().installed();
  const { cli, name, values } = release;
  const home = cli.env.HOME!;
  const repository = join(home, 'backups.git');
  const git = (...args: string[]): string =>
    execFileSync('git', [`--git-dir=${repository}`, ...args], { encoding: 'utf8', env: cli.env });
  git('init', '--quiet', '--bare', '--initial-branch=main', repository);
  cli.env.MEMCACHED_BACKUP_STORE = `git+file://${repository}?path=clusters`;

  const plain = expectCode(await cli.run('backup', name), 2);
  assert.match(plain.stderr, /in plain text, which does not go into Git/);
  assert.match(plain.stderr, /--encrypt-to RECIPIENT.*--allow-plain-secrets/);
  assert.equal(git('for-each-ref'), '');

  const key = await aKey(t);
  const recipients = join(home, 'recipients.txt');
  writeFileSync(recipients, `${key.recipient}\n`);
  cli.env.MEMCACHED_BACKUP_RECIPIENTS_FILE = recipients;
  cli.env.MEMCACHED_BACKUP_IDENTITY_FILE = key.file;
  await cli.ok('backup', name);
  await cli.ok('backup', name);
  const commits = (): string[] => git('log', '--format=%s', 'main').trim().split('\n');
  const tags = (): string[] => git('tag', '--list', 'backup/*').trim().split('\n');
  assert.deepEqual([commits().length, tags().length], [1, 2], git('log', '-p', '--stat', 'main'));
  const objects = execFileSync(
    'git',
    [`--git-dir=${repository}`, 'cat-file', '--batch-all-objects', '--batch'],
    {
      env: cli.env,
      maxBuffer: 2 ** 28,
    },
  );
  for (const secret of release.secrets) assert.ok(!objects.includes(secret));

  const listed = arrayAt(await cli.json(['list']), 'items');
  assert.equal(listed.length, 2);
  for (const item of listed) assert.match(stringAt(item, 'location') ?? '', /:backup\/clusters\//);
  await cli.ok('show', name);
  await cli.ok('verify', name);
  await cli.ok('diff', name);
  await cli.ok('status');
  const examined = await cli.json(['doctor', name]);
  assert.ok(!JSON.stringify(examined).includes('MB34'), JSON.stringify(examined));

  const replicas = () => release.kubectl.objects.field(`deployment/${release.fullname}`, '.spec.replicas');
  const before = await replicas();
  await release.upgrade({ ...values, replicaCount: 2 });
  await cli.ok('backup', name);
  assert.equal(commits().length, 2, 'something changed');
  const diff = expectCode(await cli.run('diff', `${name}@previous`), 3).stdout;
  assert.match(diff, /replicas/);
  const restored = expectCode(await cli.run('restore', `${name}@previous`, '--yes'));
  assert.match(
    restored.stderr,
    /journal and safety backup are kept in \S+memcached-backup: the store git\+file:\S+ takes no journals/,
  );
  assert.deepEqual(await replicas(), before);
  const [status] = JSON.parse(await release.helm.ok('list', '-o', 'json')) as { status: string }[];
  assert.equal(status?.status, 'deployed');
  await cli.ok('undo', name, '--yes');
  assert.equal(`${await replicas()}`, '2');
  await release.upgrade({ ...values, replicaCount: 1 });
  assert.equal(`${await replicas()}`, '1', 'Helm goes on');

  const pruned = expectCode(await cli.run('prune', name, '--keep-last', '1', '--keep-min', '1', '--yes'));
  assert.match(pruned.stderr, /Git takes nothing out of its history/);
  const left = arrayAt(await cli.json(['list']), 'items').length;
  assert.ok(left < 3 && tags().length === left, `${left}`);
  assert.equal(commits().length, 2);
});
