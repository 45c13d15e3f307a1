import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const S3_KEYS = {
  AWS_ACCESS_KEY_ID: 'warm-up',
  AWS_SECRET_ACCESS_KEY: 'warm-up',
  AWS_EC2_METADATA_DISABLED: 'true',
} as const;

/** An S3 server on this machine. */
export interface WarmUpBucket extends AsyncDisposable {
  /** http://127.0.0.1:… */
  endpoint: string;
}

/** Takes what is put, and lists the keys of one bucket: what `backup` and `list` ask of S3. */
export async function warmUpBucket(): Promise<WarmUpBucket> {
  const keys: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://any');
    request.resume().on('end', () => {
      if (request.method === 'PUT') {
        keys.push(decodeURIComponent(pathname.split('/').slice(2).join('/')));
        response.writeHead(200, { etag: '"0"' }).end();
        return;
      }
      const prefix = searchParams.get('prefix') ?? '';
      const contents = keys
        .filter((key) => key.startsWith(prefix))
        .map((key) => `<Contents><Key>${encodeURIComponent(key)}</Key><Size>1</Size></Contents>`);
      response.writeHead(200, { 'content-type': 'application/xml' });
      response.end(
        `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`,
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
