import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureCluster } from '../../cluster/cluster.ts';
import { expectCode } from '../support/process.ts';
import { aRelease } from '../support/release.ts';
import { assertNoSecret } from '../support/secret-scan.ts';

const cluster = await ensureCluster();

test('a report holds findings, objects, events and logs, is private, and holds no secret', async () => {
  await using release = await aRelease(cluster, cluster.helms[0]!).withPassword().installed();
  const { cli, kubectl, name, secrets } = release;
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
  await kubectl.ok('wait', '--for=jsonpath={.status.phase}=Failed', 'pod/chatty', '--timeout=60s');
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
  const log = execFileSync('tar', ['-xzOf', file, names.find((path) => path.endsWith('chatty.log'))!], {
    encoding: 'utf8',
  });
  assert.equal(log.trim(), '***');
  assert.match(everything, /sha256:[0-9a-f]{8}/, "a Secret's data is there as digests");
});

test('a report that can not be written leaves nothing behind, and says so', async () => {
  await using release = await aRelease(cluster, cluster.helms[0]!).installed();
  const { cli } = release;
  const file = join(cli.store, '..', 'missing', 'doctor.tgz');

  const failed = expectCode(await cli.run('doctor', '--report', file), 1);

  assert.match(failed.stderr, /the report can't be written to .*ENOENT/);
  assert.equal(existsSync(file), false);
  assert.throws(() => readFileSync(`${file}.part`), /ENOENT/);
});
