import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { KubeObject } from '../../src/model/kubernetes/object.ts';
import { SCHEDULE_LABELS } from '../../src/model/schedule/scheduled-store.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { S3_KEYS, startVersitygw } from '../support/s3/versitygw.ts';
import { BINARY } from './support/cli.ts';
import { aCart } from './support/fixtures/a-cart.ts';
import { expectCode, type Outcome, run } from './support/process.ts';

const cluster = await ensureCluster();

test('a release is backed up to S3, listed, shown, verified, restored and put back', async (t) => {
  const gateway = await startVersitygw();
  t.after(() => gateway.stop());
  gateway.makeBucket('backups');
  await using cart = await aCart(cluster);
  const state = join(cart.cli.env.HOME!, '.local/state/memcached-backup');
  const env = {
    ...cart.cli.env,
    AWS_ACCESS_KEY_ID: S3_KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: S3_KEYS.secretAccessKey,
    MEMCACHED_BACKUP_STORE: '',
  };
  const store = ['--store', 's3://backups/team', '--s3-endpoint', gateway.endpoint];
  const inS3 = (...args: string[]): Promise<Outcome> =>
    run(BINARY, [...args, '-n', cart.namespace, ...store], { env });
  const said: string[] = [];
  const ok = async (...args: string[]): Promise<string> => {
    const { stdout, stderr } = expectCode(await inS3(...args));
    said.push(stdout, stderr);
    return stdout;
  };
  await ok('backup', 'cart');
  assert.match(await ok('list', '-o', 'name'), /^\S+\/cart@\d{8}T\d{6}Z\n$/);
  assert.match(await ok('show', 'cart'), /cart@/);
  await ok('verify', 'cart', '--offline');
  const [listed] = JSON.parse(await ok('list', '-o', 'json')).items;
  assert.ok(listed.location.startsWith('s3://backups/team/'), listed.location);
  const tier = () => cart.kubectl.objects.field('deployment/cart', '.spec.template.spec.containers[0].env');
  const before = await tier();
  await cart.kubectl.ok('set', 'env', 'deployment/cart', 'TIER=other');
  const changed = await tier();
  const restored = expectCode(await inS3('restore', 'cart', '--yes'));
  said.push(restored.stdout, restored.stderr);
  assert.match(
    restored.stderr,
    /^Its journal and safety backup are kept in \S+memcached-backup: the store s3:\/\/backups\/team takes no journals\.$/m,
  );
  const kept = readdirSync(state, { recursive: true, encoding: 'utf8' });
  assert.equal(kept.filter((path) => /\.restore-[^/]*\.jsonl$/.test(path)).length, 1, 'its journal');
  assert.equal(kept.filter((path) => path.endsWith('/backup.json')).length, 1, 'and the safety backup');
  assert.deepEqual(await tier(), before);
  await ok('undo', 'cart', '--yes');
  assert.deepEqual(await tier(), changed);

  // A namespace whose schedule keeps its backups there needs no --store.
  const args = ['backup', '--store', 's3://backups/team', '--s3-endpoint', gateway.endpoint];
  await cart.kubectl.apply(aSchedule(args, cluster.images.memcached));
  const found = expectCode(await run(BINARY, ['list', '-n', cart.namespace, '-o', 'name'], { env }));
  assert.match(found.stdout, /^\S+\/cart@/m);
  assert.equal(found.stderr, 'Store: s3://backups/team, as cronjob/nightly uses it.\n');
  const elsewhere = await run(BINARY, ['list', '-n', cart.namespace, '--store', './memcached-backups'], {
    env,
  });
  assert.doesNotMatch(elsewhere.stderr, /cronjob/);
  assert.ok(!said.join('\n').includes(S3_KEYS.secretAccessKey));
});

function aSchedule(args: string[], image: string): KubeObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'nightly', labels: { ...SCHEDULE_LABELS } },
    spec: {
      schedule: '0 2 * * *',
      suspend: true,
      jobTemplate: {
        spec: {
          template: { spec: { restartPolicy: 'Never', containers: [{ name: 'backup', image, args }] } },
        },
      },
    },
  };
}
