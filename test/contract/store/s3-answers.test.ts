import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { troubleOf } from '../../../src/store/store-error.ts';
import { toolObstacle } from '../../cluster/build/go-tool.ts';
import { S3_KEYS, startVersitygw } from '../../support/s3/versitygw.ts';
import { spelled } from '../../unit/spelled.ts';
import { ADDRESS, writeSample } from '../../unit/store/sample-backup.ts';
import { selfSigned } from './s3-faults.ts';
import { makeBucket, stopVersitygw } from './s3-kind.ts';

after(stopVersitygw);

const obstacle = toolObstacle('versitygw');

describe('a store in S3', { skip: obstacle ?? false }, () => {
  test('takes two requests to save, and one to list all backups of fifty releases', async (t) => {
    const { tested, proxy } = await makeBucket(t);
    await writeSample(await tested.open());
    assert.deepEqual(
      proxy.requests.map(({ method }) => method),
      ['PUT', 'PUT'],
    );
    const store = await tested.open();
    const releases = Array.from({ length: 50 }, (_, at) => `release-${at}`);
    for (const release of releases) await writeSample(store, { release });
    proxy.reset();
    assert.equal((await store.list({})).length, 51);
    assert.equal(proxy.requests.length, 1);
    proxy.reset();
    const reader = await store.open(ADDRESS);
    assert.equal(proxy.requests.length, 2, 'to open: the entry, and backup.json in it');
    for (const { path } of reader.document.files) await reader.read(path);
    assert.equal(proxy.requests.length, 3, 'the archive, once');
  });

  test('fails where the encryption that was asked for is not in the answer, and leaves nothing', async (t) => {
    const { tested, location, proxy } = await makeBucket(t);
    const s3 = { endpoint: proxy.endpoint, sse: 'AES256' } as const;
    await assert.rejects(writeSample(await openStore(location, undefined, { s3 })), (error) => {
      assert.ok(error instanceof ToolError);
      assert.match(error.message, /without the encryption that was asked for: s3:\/\/.*backup\.tar\.gz/);
      assert.match(error.untouched ?? '', /^nothing is left in it/);
      return true;
    });
    assert.deepEqual(await tested.pieces(), []);
  });

  test('names what a writer that was killed left, once a day has passed, and sweeps it', async (t) => {
    const { tested, proxy, folder } = await makeBucket(t);
    proxy.reset((number) => (number > 1 ? 'cut the request' : 'pass'));
    await assert.rejects(writeSample(await tested.open()));
    proxy.reset();
    const [left, ...others] = await tested.pieces();
    assert.ok(left !== undefined, 'the archive');
    assert.match(left.name, /backup\.tar\.gz$/);
    assert.deepEqual(others, []);
    assert.deepEqual((await (await tested.open()).condition()).leftovers, []);
    await (await tested.open()).sweep(ADDRESS);
    assert.equal((await tested.pieces()).length, 1, 'it may be of a backup that is being written');
    const twoDaysAgo = Date.now() / 1000 - 2 * 86_400;
    utimesSync(join(folder, left.name), twoDaysAgo, twoDaysAgo);
    const { leftovers } = await (await tested.open()).condition();
    assert.match(spelled(leftovers[0]?.fix), /^aws s3 rm s3:\/\/.*backup\.tar\.gz --endpoint-url http/);
    await (await tested.open()).sweep(ADDRESS);
    assert.deepEqual(await tested.pieces(), []);
  });

  for (const [code, status, says] of [
    ['NoSuchBucket', 404, /the bucket does not exist \(s3:ListBucket of s3:\/\/bucket/],
    ['AccessDenied', 403, /no policy allows s3:ListBucket on arn:aws:s3:::bucket-[\d-]+, or one denies it/],
    ['PermanentRedirect', 301, /wants another region/],
    ['RequestTimeTooSkewed', 403, /clock of this machine and that of S3 are more than 15 minutes apart/],
    ['ExpiredToken', 400, /the credentials have expired/],
    ['InvalidAccessKeyId', 403, /S3 does not know the access key/],
    ['SignatureDoesNotMatch', 403, /the secret key does not belong to the access key/],
    ['SlowDown', 503, /asks to slow down, after several tries/],
    ['InternalError', 500, /InternalError: .*\(HTTP 500\)/],
  ] as const)
    test(`says what ${code} means, what to do, and no credential`, async (t) => {
      const { tested, proxy } = await makeBucket(t);
      proxy.reset(() => ({ status, code }));
      await assert.rejects((await tested.open()).list({}), (error) => {
        assert.ok(error instanceof ToolError);
        assert.equal(error.exitCode, 4);
        assert.match(error.message, says);
        assert.match(spelled(error.next), /./);
        assert.ok(
          ![error.message, spelled(error.next), error.stack].join().includes(S3_KEYS.secretAccessKey),
        );
        return true;
      });
    });

  test('a body that a proxy changed is refused by the real server, and nothing is left', async (t) => {
    const { tested, proxy } = await makeBucket(t);
    proxy.reset((_, { method }) => (method === 'PUT' ? 'change the body' : 'pass'));
    await assert.rejects(writeSample(await tested.open()), (error) => {
      assert.match(String(error), /the server takes the checksum of what it got for wrong/);
      assert.equal(troubleOf(error)?.kind, 'checksum refused');
      return true;
    });
    assert.deepEqual(await tested.pieces(), []);
  });

  test('a real refusal of a wrong secret key is told from others', async (t) => {
    const { tested } = await makeBucket(t);
    process.env.AWS_SECRET_ACCESS_KEY = 'another-secret';
    try {
      await assert.rejects(
        (await tested.open()).list({}),
        /the secret key does not belong to the access key/,
      );
    } finally {
      process.env.AWS_SECRET_ACCESS_KEY = S3_KEYS.secretAccessKey;
    }
  });

  test('a bucket that is not there is named by the real server', async (t) => {
    const { proxy } = await makeBucket(t);
    const store = await openStore('s3://no-such-bucket/x', undefined, { s3: { endpoint: proxy.endpoint } });
    await assert.rejects(
      store.list({}),
      /the bucket does not exist \(s3:ListBucket of s3:\/\/no-such-bucket/,
    );
    await assert.rejects(
      writeSample(store),
      /the bucket does not exist \(s3:PutObject of s3:\/\/no-such-bucket/,
    );
  });

  test('trusts the CA of AWS_CA_BUNDLE, and says so of a certificate that nobody vouches for', async (t) => {
    const { cert, key } = selfSigned(t);
    const gateway = await startVersitygw({ cert, key });
    t.after(() => gateway.stop());
    gateway.makeBucket('backups');
    const open = (env: NodeJS.ProcessEnv) =>
      openStore('s3://backups', undefined, { env, s3: { endpoint: gateway.endpoint } });
    const trusting = await open({ AWS_CA_BUNDLE: cert });
    await writeSample(trusting);
    assert.equal((await trusting.list({})).length, 1);
    await assert.rejects((await open({})).list({}), (error) => {
      assert.ok(error instanceof ToolError);
      assert.match(error.message, /the certificate of https:\/\/127\.0\.0\.1:\d+ is not trusted/);
      assert.match(spelled(error.next), /AWS_CA_BUNDLE/);
      return true;
    });
  });

  test('goes through HTTP_PROXY, but not to what NO_PROXY names', async (t) => {
    const { proxy, location } = await makeBucket(t);
    const seen: string[] = [];
    const httpProxy = createServer((socket) => {
      socket.once('data', (data) => {
        seen.push(String(data).split('\r\n')[0] ?? '');
        socket.end('HTTP/1.1 503 no\r\ncontent-length: 0\r\n\r\n');
      });
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => httpProxy.listen(0, '127.0.0.1', resolve));
    t.after(() => httpProxy.close());
    const { port } = httpProxy.address() as { port: number };
    const endpoint = 'http://s3.example.test';
    const env = { HTTP_PROXY: `http://127.0.0.1:${port}` };
    const open = (more: NodeJS.ProcessEnv, s3 = { endpoint }) =>
      openStore(location, undefined, { env: { ...env, ...more }, s3 });
    await assert.rejects((await open({})).list({}));
    assert.match(seen[0] ?? '', /s3\.example\.test/);
    const before = seen.length;
    await assert.rejects((await open({ NO_PROXY: 's3.example.test' })).list({}), /no such host|DNS/);
    assert.deepEqual(
      await (await open({}, { endpoint: proxy.endpoint })).list({}),
      [],
      'nor to this machine',
    );
    assert.equal(seen.length, before);
  });

  test('gives up an endpoint that takes connections and is silent, within a minute', async (t) => {
    const { location } = await makeBucket(t);
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    t.after(() => silent.close());
    const { port } = silent.address() as { port: number };
    const store = await openStore(location, undefined, { s3: { endpoint: `http://127.0.0.1:${port}` } });
    const began = performance.now();
    await assert.rejects(store.list({}), /can't be reached: it does not answer/);
    assert.ok(performance.now() - began < 60_000);
  });
});
