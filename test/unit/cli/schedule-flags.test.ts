import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlagValues } from '../../../src/cli/flag-values.ts';
import { SCHEDULE_FLAGS, wantedSchedule } from '../../../src/cli/schedule-flags.ts';
import { type ToolError, UsageError } from '../../../src/errors/tool-error.ts';

test('a Pushgateway that runs could not push to, or whose URL holds credentials, comes into no CronJob', async () => {
  const of = (url: string) =>
    wantedSchedule(new FlagValues(new Map([['push-gateway', [url]]]), SCHEDULE_FLAGS), [], {
      MEMCACHED_BACKUP_STORE: 's3://backups',
    });
  assert.deepEqual((await of('http://gateway:9091')).backupFlags, ['--push-gateway', 'http://gateway:9091']);
  await assert.rejects(of('http://me:s3cret@gateway'), (error: Error) => {
    assert.doesNotMatch(error.message, /s3cret/);
    return /holds credentials/.test(error.message);
  });
  await assert.rejects(of('gateway:9091'), /takes the URL of a Pushgateway/);
});

test('a store is named, and what the environment says of S3 stands on the command line of runs', async () => {
  const of = (given: [string, string[]][], env: NodeJS.ProcessEnv) =>
    wantedSchedule(new FlagValues(new Map(given), SCHEDULE_FLAGS), [], env);
  await assert.rejects(of([], {}), /a schedule needs --store/);
  const env = { AWS_ENDPOINT_URL_S3: 'https://s3.example', AWS_REGION: 'eu-central-1' };
  const wanted = await of([['store', ['s3://backups']]], env);
  assert.deepEqual(wanted.backupFlags, ['--s3-endpoint', 'https://s3.example']);
  assert.equal(wanted.region, 'eu-central-1');
  assert.deepEqual((await of([['store', ['pvc://claim']]], env)).backupFlags, []);
});

test('an S3 endpoint that holds credentials, by flag or environment, comes into no CronJob and is not repeated', async () => {
  const bad = 'http://AKIA:hunter2@minio:9000';
  for (const [flags, env] of [
    [[['s3-endpoint', [bad]]], {}],
    [[], { AWS_ENDPOINT_URL_S3: bad }],
    [[], { AWS_ENDPOINT_URL: bad }],
    [[['s3-endpoint', ['AKIA:hunter2@minio']]], {}],
  ] as [[string, string[]][], NodeJS.ProcessEnv][]) {
    const values = new FlagValues(new Map([...flags, ['store', ['s3://backups']]]), SCHEDULE_FLAGS);
    await assert.rejects(wantedSchedule(values, [], env), (error: ToolError) => {
      assert.doesNotMatch(JSON.stringify([error.message, error.next]), /hunter2/);
      return error instanceof UsageError && /endpoint/.test(error.message);
    });
  }
});

test('a release that is none, or would be read as a flag of the run, is refused', async () => {
  for (const release of ['--store=/x', '-A', 'Cart']) {
    const values = new FlagValues(new Map([['store', ['s3://backups']]]), SCHEDULE_FLAGS);
    await assert.rejects(wantedSchedule(values, [release], {}), /is not a release name/);
  }
});
