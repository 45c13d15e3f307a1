import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureCluster } from '../../cluster/cluster.ts';
import { expectCode } from '../support/process.ts';
import { aRelease, type Fixture, type TestRelease } from '../support/release.ts';
import { rolledOut } from '../support/rollout.ts';
import { assertNoSecret } from '../support/secret-scan.ts';

const cluster = await ensureCluster();

/** Secrets in plain text, as other teams have them in the same namespace. */
const OTHERS = {
  env: 'env-of-somebody-else',
  lastApplied: 'an-older-password',
  script: 'wJalrXUtnFEMI/K7MDENG',
  config: 'in-a-properties-file',
  // Replaced since: in an old ReplicaSet, or in an older revision of Helm's alone, and repeated by a log.
  previous: 'the-previous-one',
  superseded: 'superseded-by-helm',
  annotated: 'in-an-annotation',
  url: 'within-a-url',
  // In no object: only the log has them.
  logged: ['traced-by-the-shell', 'bearer-of-a-request', 'said-in-a-sentence'],
};

/** Beside the release: a database, a CronJob and a pod that failed, none of them memcached's. */
async function addOtherTeams({ kubectl }: Fixture, { memcached: image = '' }): Promise<void> {
  const { env, lastApplied, script, config, logged } = OTHERS;
  const database = (password: string, key: string) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'database' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'database' } },
      template: {
        metadata: { labels: { app: 'database' } },
        spec: {
          containers: [
            {
              name: 'database',
              image,
              env: [
                { name: 'POSTGRES_PASSWORD', value: password },
                { name: 'AWS_SECRET_ACCESS_KEY', value: key },
              ],
            },
          ],
        },
      },
    },
  });
  const containers = [
    { name: 'c', image, command: ['sh', '-c', `export AWS_SECRET_ACCESS_KEY=${script}; aws s3 ls`] },
  ];
  await kubectl.apply(
    database(lastApplied, lastApplied),
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'reports' },
      spec: {
        schedule: '0 0 1 1 *',
        jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers } } } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'database' },
      data: { 'application.properties': `db.user=app\ndb.password=${config}\n` },
    },
  );
  // Not by apply: what it remembers stays the older one.
  const change = [0, 1].map((at) => ({
    op: 'replace',
    path: `/spec/template/spec/containers/0/env/${at}/value`,
    value: env,
  }));
  await kubectl.ok('patch', 'deployment', 'database', '--type=json', '-p', JSON.stringify(change));
  // The pod itself must not say what it will say.
  const rot13 = (text: string): string =>
    text.replaceAll(/[a-z]/g, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 84) % 26) + 97));
  const [traced = '', bearer = '', said = ''] = logged.map(
    (word) => `$(echo ${rot13(word)} | tr a-z n-za-m)`,
  );
  const lines = [
    `+ export AWS_SECRET_ACCESS_KEY=${traced}`,
    `> Authorization: Bearer ${bearer}`,
    `login failed, password=${said}`,
  ];
  const says = [...lines.map((line) => `echo "${line}"`), 'exit 3'].join('; ');
  await kubectl.ok(
    'run',
    'rambling',
    `--image=${image}`,
    '--restart=Never',
    '--command',
    '--',
    'sh',
    '-c',
    says,
  );
}

/** What was a password until now, and what a URL gives away. */
async function rotatePasswords(
  { kubectl, upgrade, values }: TestRelease,
  { memcached: image = '' },
): Promise<void> {
  const { previous, superseded, annotated, url } = OTHERS;
  const rotated = (password: string) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'rotated', annotations: { 'example.org/api-token': annotated } },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'rotated' } },
      template: {
        metadata: { labels: { app: 'rotated' } },
        spec: { containers: [{ name: 'c', image, env: [{ name: 'DB_PASSWORD', value: password }] }] },
      },
    },
  });
  await kubectl.apply(rotated(previous));
  await rolledOut(kubectl, 'deployment/rotated');
  await kubectl.apply(rotated('the-present-one'));
  await upgrade({ ...values, legacy: { password: superseded } });
  await upgrade(values);
  // As a log would repeat them, without a word that says what they are.
  const said = `old ${previous}, older ${superseded}, ${annotated}, redis://:${url}@cache/0`;
  const spec = { name: 'notes', annotations: { note: said } };
  await kubectl.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: spec, data: { said } });
}

test('a report holds findings, objects, events and logs, is private, and holds no secret', async () => {
  await using release = await aRelease(cluster, cluster.helms[0]!).withPassword().installed();
  const { cli, kubectl, name, secrets } = release;
  secrets.push(...Object.values(OTHERS).flat());
  await addOtherTeams(release, cluster.images);
  await rotatePasswords(release, cluster.images);
  await kubectl.ok(
    'run',
    'chatty',
    `--image=${cluster.images.memcached}`,
    '--restart=Never',
    '--command',
    '--',
    'sh',
    '-c',
    `echo '${secrets[0]?.replaceAll("'", "'\\''")}'; exit 3`,
  );
  const failed = ['wait', '--for=jsonpath={.status.phase}=Failed', '--timeout=60s'];
  await kubectl.ok(...failed, 'pod/chatty', 'pod/rambling');
  const file = join(cli.store, '..', 'doctor.tgz');

  const told = expectCode(await cli.run('doctor', name, '--report', file));

  assert.equal(statSync(file).mode & 0o777, 0o600);
  const names = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).trim().split('\n');
  const listed = [...told.stderr.matchAll(/^ {2}(\S+) \(/gm)].map(([, path]) => `doctor/${path}`);
  assert.deepEqual(listed, names, 'what is inside is listed');
  for (const wanted of [
    /^doctor\/findings\.json$/,
    /^doctor\/findings\.txt$/,
    /^doctor\/versions\.json$/,
    /^doctor\/events\.json$/,
    /^doctor\/pods\.json$/,
    /^doctor\/objects\/.*\/deployment\.apps\/my-memcached\.yaml$/,
    /^doctor\/objects\/.*\/secret\//,
    /^doctor\/logs\/.*\/chatty\/chatty\.log$/,
  ]) {
    assert.ok(
      names.some((path) => wanted.test(path)),
      `${wanted} is not among ${names.join(', ')}`,
    );
  }
  const everything = execFileSync('tar', ['-xzOf', file], { encoding: 'utf8', maxBuffer: 64 * 2 ** 20 });
  assertNoSecret('the report', everything, secrets);
  const content = (path: string): string =>
    execFileSync('tar', ['-xzOf', file, names.find((each) => each.endsWith(path))!], { encoding: 'utf8' });
  assert.equal(content('/chatty.log').trim(), '***');
  assert.deepEqual(content('/rambling.log').trim().split('\n'), [
    '+ export AWS_SECRET_ACCESS_KEY=***',
    '> Authorization: Bearer ***',
    'login failed, password=***',
  ]);
  assert.match(content('/configmap/database.yaml'), /db\.user=app\n.*db\.password=\*\*\*/);
  assert.match(everything, /sha256:[0-9a-f]{8}/, "a Secret's data is there as digests");
});

test('a report that can not be written leaves nothing behind, and says so', async () => {
  await using release = await aRelease(cluster, cluster.helms[0]!).installed();
  const { cli } = release;
  const folder = join(cli.store, '..');
  const missing = join(folder, 'missing', 'doctor.tgz');
  const taken = join(folder, 'taken.tgz');
  mkdirSync(taken);

  for (const [file, reason] of [
    [missing, /the report can't be written to .*ENOENT/],
    [taken, /the report can't be written to .*EISDIR/],
  ] as const) {
    const failed = expectCode(await cli.run('doctor', '--report', file), 1);
    assert.match(failed.stderr, reason);
  }

  assert.equal(existsSync(missing), false);
  assert.deepEqual(readdirSync(folder), ['taken.tgz']);
});
