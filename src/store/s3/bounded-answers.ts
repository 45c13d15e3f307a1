import { pipeline, Readable, Transform } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { BeyondLimit } from '../../model/json/limits.ts';

/**
 * Of every answer but an object: S3 says it in XML, of which a page of a thousand keys takes some 4 MiB where each of their 1,024 bytes is
 * written as %XX. Bytes.
 */
export const MAX_XML = 16 * 2 ** 20;

/** The SDK reads an answer to its end, however long it is: from now on to a bound. An object is counted by whoever asked for it. */
export function boundAnswers(client: S3Client): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args);
        const response = result.response as { statusCode: number; body?: unknown };
        const isObject = commandName === 'GetObjectCommand' && response.statusCode < 300;
        if (!isObject && response.body instanceof Readable) response.body = atMost(response.body, MAX_XML);
        return result;
      },
    { name: 'boundAnswers', step: 'deserialize', priority: 'low' },
  );
}

/** @returns what the body is read through: it fails with BeyondLimit, and hangs up, where more than `maximum` bytes come. */
function atMost(body: Readable, maximum: number): Readable {
  let left = maximum;
  const limit = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      left -= chunk.length;
      if (left < 0) done(new BeyondLimit(`the answer has more than ${maximum} bytes`));
      else done(null, chunk);
    },
  });
  // Whoever reads meets the error.
  return pipeline(body, limit, () => {});
}
