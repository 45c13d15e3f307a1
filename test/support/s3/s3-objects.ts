import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { S3_KEYS } from './versitygw.ts';

/** The objects of a bucket below a prefix, past the tool; names are relative to that. */
export interface S3Objects {
  names(): Promise<string[]>;
  read(name: string): Promise<Buffer>;
  write(name: string, content: Buffer): Promise<void>;
  remove(name: string): Promise<void>;
}

export function s3Objects(endpoint: string, Bucket: string, prefix: string): S3Objects {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { ...S3_KEYS },
  });
  const Key = (name: string): string => `${prefix}/${name}`;
  return {
    names: async () => {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: `${prefix}/` }));
      return Contents.map(({ Key: key = '' }) => key.slice(prefix.length + 1));
    },
    read: async (name) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: Key(name) }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    write: async (name, Body) => {
      await client.send(new PutObjectCommand({ Bucket, Key: Key(name), Body }));
    },
    remove: async (name) => {
      await client.send(new DeleteObjectCommand({ Bucket, Key: Key(name) }));
    },
  };
}
