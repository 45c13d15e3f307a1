import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { MAX_XML } from '../../../../src/store/s3/bounded-answers.ts';
import { S3Bucket } from '../../../../src/store/s3/s3-bucket.ts';
import { connectS3 } from '../../../../src/store/s3/s3-client.ts';
import { S3Failure } from '../../../../src/store/s3/s3-failure.ts';

// The SDK's chain of credentials looks nowhere else.
Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'us-east-1' });

const PAGE = '<?xml version="1.0"?><ListBucketResult>';

/** A bucket of a server that answers so. */
async function bucketOf(answer: (response: ServerResponse) => void) {
  const server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { client } = await connectS3({ endpoint }, process.env);
  const place = { bucket: 'b', prefix: '' };
  return {
    bucket: new S3Bucket(place, { endpoint }, async () => ({ client, endpoint })),
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

test('a listing and a refusal that do not end are given up after 16 MiB; an object is not counted here', async () => {
  let sent = 0;
  let status = 200;
  const endless = (response: ServerResponse): void => {
    response.writeHead(status, { 'Content-Type': 'application/xml' });
    response.write(PAGE);
    const block = Buffer.alloc(2 ** 20, ' ');
    const more = (): void => {
      while (!response.destroyed && sent < 64 * 2 ** 20) {
        sent += block.length;
        if (!response.write(block)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  };
  await using hostile = await bucketOf(endless);
  const given = (error: unknown): boolean =>
    error instanceof S3Failure && /more than 16777216 bytes/.test(error.message);
  await assert.rejects(async () => void (await hostile.bucket.list('').next()), given);
  assert.ok(sent < MAX_XML + 16 * 2 ** 20, `${sent} bytes were sent`);
  [sent, status] = [0, 403];
  await assert.rejects(hostile.bucket.get('k', 2 ** 30), given);
  [sent, status] = [0, 200];
  const object = await hostile.bucket.get('k', 2 ** 30);
  assert.equal(object?.length, PAGE.length + 64 * 2 ** 20);
});
