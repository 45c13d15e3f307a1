import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../../src/errors/tool-error.ts';
import { openStore } from '../../../../src/store/open-store.ts';
import { parseS3Location } from '../../../../src/store/s3/s3-location.ts';

for (const [location, bucket, prefix] of [
  ['s3://backups', 'backups', ''],
  ['s3://backups/', 'backups', ''],
  ['s3://backups/team-a', 'backups', 'team-a/'],
  ['s3://backups//team-a/x=1/', 'backups', 'team-a/x=1/'],
  ['S3://my.backups/a', 'my.backups', 'a/'],
] as const)
  test(`${location} is a place in a bucket`, () => {
    assert.deepEqual(parseS3Location(location), { bucket, prefix });
  });

for (const location of [
  's3://',
  's3:bucket',
  's3://a',
  's3://b/../c',
  's3://bucket/a b',
  's3://-x-/',
  `s3://bucket/${'x/'.repeat(200)}`,
])
  test(`${location.slice(0, 30)} is refused`, async () => {
    await assert.rejects(openStore(location), UsageError);
  });

for (const location of [
  's3://AKIAEXAMPLE:hunter2@backups/a',
  's3://AKIAEXAMPLE:hun/ter2@backups',
  's3://AKIAEXAMPLE:hunter2',
  's3://hunter2@backups',
  'git+https://me:hunter2@git.example/x.git',
])
  test(`a location that may hold credentials is refused and not repeated (${location.slice(0, 9)}…)`, async () => {
    await assert.rejects(openStore(location), (error) => {
      assert.ok(error instanceof UsageError);
      const said = [error.message, error.untouched, error.next].join(' ');
      assert.doesNotMatch(said, /hun|ter2|AKIAEXAMPLE/);
      assert.match(said, /holds credentials/);
      return true;
    });
  });

test('a command that is advised finds the same store, with the flags that lead to it', async () => {
  const access = { endpoint: 'http://127.0.0.1:9000', sse: 'aws:kms', kmsKeyId: 'alias/x y' } as const;
  const store = await openStore('s3://backups/a/', undefined, { s3: access });
  assert.equal(store.location, 's3://backups/a');
  assert.deepEqual(store.flags, [
    '--store',
    's3://backups/a/',
    '--s3-endpoint',
    'http://127.0.0.1:9000',
    '--s3-sse',
    'aws:kms',
    '--s3-sse-kms-key-id',
    'alias/x y',
  ]);
  assert.deepEqual((await openStore('s3://backups/a')).flags, ['--store', 's3://backups/a']);
});
