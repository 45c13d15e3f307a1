import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { openStore } from '../../../src/store/open-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { toolObstacle } from '../../cluster/build/go-tool.ts';
import { FaultyProxy } from '../../support/s3/faulty-proxy.ts';
import { startMinio } from '../../support/s3/minio.ts';
import { S3_KEYS, startVersitygw } from '../../support/s3/versitygw.ts';
import { writeSmallBackup } from '../../support/small-backup.ts';

const BUCKET = 'locked';

interface Locked {
  store: Store;
  client: S3Client;
  /** What a person was told. */
  said: string[];
}

/** A store in a bucket that locks each object for a day, whoever asks (Object Lock, mode COMPLIANCE). */
async function aLockedBucket(t: TestContext, port: number): Promise<Locked> {
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: S3_KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: S3_KEYS.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  const proxy = await FaultyProxy.start(port);
  t.after(() => proxy.stop());
  const { endpoint } = proxy;
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true });
  t.after(() => client.destroy());
  await client.send(new CreateBucketCommand({ Bucket: BUCKET, ObjectLockEnabledForBucket: true }));
  const Rule = { DefaultRetention: { Mode: 'COMPLIANCE', Days: 1 } } as const;
  await client.send(
    new PutObjectLockConfigurationCommand({
      Bucket: BUCKET,
      ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule },
    }),
  );
  // Amazon S3 API, PutObject: Content-MD5 or a checksum is required for objects that are locked. Servers here take less.
  proxy.reset((_, { method, hasChecksum }) =>
    method === 'PUT' && !hasChecksum ? { status: 400, code: 'InvalidRequest' } : 'pass',
  );
  const said: string[] = [];
  const s3 = { endpoint, warn: (text: string) => void said.push(text) };
  return { store: await openStore(`s3://${BUCKET}/team`, undefined, { s3 }), client, said };
}

async function holds({ store, client, said }: Locked): Promise<void> {
  const [first, second] = [
    await writeSmallBackup(store, { id: '20261122T101500Z' }),
    await writeSmallBackup(store, { id: '20261123T101500Z' }),
  ];
  await store.remove(first);
  assert.deepEqual(
    (await store.list({})).map(({ address, damage }) => [address.id, damage]),
    [[second.id, undefined]],
    'to every reader it is gone',
  );
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /^s3:\/\/locked\/team keeps older versions of what was removed: .*Object Lock/);
  await store.remove(second);
  assert.equal(said.length, 1, 'it is said once');

  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: BUCKET }));
  assert.equal(Versions.length, 4, 'an archive and an entry of each');
  for (const { Key, VersionId } of Versions) {
    const command = new DeleteObjectCommand({ Bucket: BUCKET, Key: Key!, VersionId: VersionId! });
    await assert.rejects(client.send(command), /WORM|lock/i, 'the lock holds it');
  }
  // The same second again: what is locked stands in nobody's way, though a server may hold the id for taken.
  const { id } = await writeSmallBackup(store, { id: first.id });
  assert.match(id, new RegExp(`^${first.id}(?:-2)?$`));
  assert.deepEqual(
    (await store.list({})).map(({ address, damage }) => [address.id, damage]),
    [[id, undefined]],
  );
}

describe('a bucket that locks its objects', () => {
  test('on versitygw', { skip: toolObstacle('versitygw') ?? false }, async (t) => {
    const gateway = await startVersitygw(undefined, { versions: true });
    t.after(() => gateway.stop());
    await holds(await aLockedBucket(t, gateway.port));
  });

  test('on MinIO', { skip: toolObstacle('minio') ?? false }, async (t) => {
    const minio = await startMinio();
    t.after(() => minio.stop());
    await holds(await aLockedBucket(t, minio.port));
  });
});

test('a bucket without versions keeps nothing of what was removed, and nothing is said', {
  skip: toolObstacle('versitygw') ?? false,
}, async (t) => {
  const gateway = await startVersitygw();
  t.after(() => gateway.stop());
  gateway.makeBucket(BUCKET);
  const said: string[] = [];
  const s3 = { endpoint: gateway.endpoint, warn: (text: string) => void said.push(text) };
  const store = await openStore(`s3://${BUCKET}`, undefined, { s3 });
  await store.remove(await writeSmallBackup(store));
  assert.deepEqual(said, []);
});
