import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { openStore } from '../../../src/store/open-store.ts';
import { toolObstacle } from '../../cluster/build/go-tool.ts';
import { fromSource } from '../../support/from-source.ts';
import { startVersitygw } from '../../support/s3/versitygw.ts';
import { writeSmallBackup } from '../../support/small-backup.ts';
import { temporaryFolder } from '../../unit/store/temporary-folder.ts';
import { makeBucket, stopVersitygw } from './s3-kind.ts';

after(stopVersitygw);

const MAIN = join(import.meta.dirname, '../../../src/main.ts');

describe('copy between stores in S3', { skip: toolObstacle('versitygw') ?? false }, () => {
  test('from one server to another, each with an endpoint of its own', async (t) => {
    const { tested, location, proxy } = await makeBucket(t);
    const saved = await writeSmallBackup(await tested.open());
    const other = await startVersitygw();
    t.after(() => other.stop());
    other.makeBucket('elsewhere');
    const words = ['copy', '--all', '--store', location, '--to', 's3://elsewhere'];
    const endpoints = ['--s3-endpoint', proxy.endpoint, '--to-s3-endpoint', other.endpoint];
    const run = promisify(execFile);
    const { stderr } = await run(process.execPath, fromSource(MAIN, ...words, ...endpoints));
    assert.match(stderr, /Copied 1 of 1 backups to s3:\/\/elsewhere/);
    const s3 = { endpoint: other.endpoint };
    const [copy, ...others] = await (await openStore('s3://elsewhere', undefined, { s3 })).list({});
    assert.equal(copy?.address.id, saved.id);
    assert.deepEqual(others, []);
    const again = await run(process.execPath, fromSource(MAIN, ...words, ...endpoints));
    assert.match(again.stderr, /1 were there/);
  });

  test('each with credentials of its own, by a profile that wins over keys in the environment', async (t) => {
    const { tested, location, proxy } = await makeBucket(t);
    await writeSmallBackup(await tested.open());
    const keys = { accessKeyId: 'somebody', secretAccessKey: 'somebody-elses-key' };
    const other = await startVersitygw(undefined, { keys });
    t.after(() => other.stop());
    other.makeBucket('elsewhere');
    const credentials = join(await temporaryFolder(t), 'credentials');
    const profile = `[elsewhere]\naws_access_key_id = ${keys.accessKeyId}\naws_secret_access_key = ${keys.secretAccessKey}\n`;
    writeFileSync(credentials, profile, { mode: 0o600 });
    const words = [
      'copy',
      '--all',
      '--store',
      location,
      '--s3-endpoint',
      proxy.endpoint,
      '--to',
      's3://elsewhere',
    ];
    const to = ['--to-s3-endpoint', other.endpoint];
    const env = { ...process.env, AWS_SHARED_CREDENTIALS_FILE: credentials, AWS_CONFIG_FILE: '/dev/null' };
    const run = promisify(execFile);
    await assert.rejects(run(process.execPath, fromSource(MAIN, ...words, ...to), { env }), /access key/);
    const profiles = [...to, '--to-s3-profile', 'elsewhere'];
    const { stdout, stderr } = await run(process.execPath, fromSource(MAIN, ...words, ...profiles), { env });
    assert.match(stderr, /Copied 1 of 1 backups to s3:\/\/elsewhere/);
    assert.ok(!`${stdout}${stderr}`.includes(keys.secretAccessKey));
    const list = ['list', '-A', '--store', 's3://elsewhere', '--s3-endpoint', other.endpoint];
    const listed = await run(process.execPath, fromSource(MAIN, ...list, '--s3-profile', 'elsewhere'), {
      env,
    });
    assert.match(listed.stdout, /cart/);
    assert.equal(listed.stderr, '', 'the SDK says nothing of the keys that it passes over');
    const nowhere = run(process.execPath, fromSource(MAIN, ...list, '--s3-profile', 'nowhere'), { env });
    await assert.rejects(
      nowhere,
      /the profile nowhere gives no credentials .*aws configure list --profile nowhere/s,
    );
  });
});
