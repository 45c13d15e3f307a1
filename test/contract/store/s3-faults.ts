import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openStore } from '../../../src/store/open-store.ts';
import type { Store } from '../../../src/store/store.ts';
import type { FaultyProxy } from '../../support/s3/faulty-proxy.ts';
import { startVersitygw } from '../../support/s3/versitygw.ts';
import { makeBucket } from './s3-kind.ts';

/** Something that is wrong with a store in S3, brought about on a real server. */
export interface S3Fault {
  name: string;
  /** What doctor makes of it. */
  code: string;
  /** What the evidence says. */
  says: RegExp;
  /** One of the commands to paste; the URL of the server stands for URL. */
  command?: string;
  /** Opens the store that has it, until the test ends. */
  plant(t: TestContext): Promise<Store>;
}

/** One fault for each code of a store in S3; two where it shows when reading and when writing. */
export const S3_FAULTS: readonly S3Fault[] = [
  {
    name: 'a bucket that is not there',
    code: 'MB370',
    says: /the bucket does not exist \(s3:ListBucket of s3:\/\/no-such-bucket\//,
    command: 'aws s3 mb s3://no-such-bucket --endpoint-url URL',
    plant: async (t) => {
      const { proxy } = await makeBucket(t);
      return openStore('s3://no-such-bucket', undefined, { s3: { endpoint: proxy.endpoint } });
    },
  },
  {
    name: 'a policy that denies the listing',
    code: 'MB371',
    says: /no policy allows s3:ListBucket on arn:aws:s3:::bucket-[\d-]+, or one denies it/,
    plant: answering((method) => (method === 'GET' ? { status: 403, code: 'AccessDenied' } : 'pass')),
  },
  {
    name: 'a policy that denies writes',
    code: 'MB371',
    says: /no policy allows s3:PutObject on arn:aws:s3:::bucket-[\d-]+\/team-a\/\.writable/,
    plant: answering((method) => (method === 'PUT' ? { status: 403, code: 'AccessDenied' } : 'pass')),
  },
  {
    name: 'another region than the server’s',
    code: 'MB372',
    says: /the server wants another region/,
    plant: async (t) => {
      const { proxy, location } = await makeBucket(t);
      const env = { AWS_REGION: 'eu-central-1' };
      return openStore(location, undefined, { env, s3: { endpoint: proxy.endpoint } });
    },
  },
  {
    name: 'a clock that is wrong',
    code: 'MB373',
    says: /more than 15 minutes apart/,
    command: "curl -sI URL | grep -i '^date:'",
    plant: answering(() => ({ status: 403, code: 'RequestTimeTooSkewed' })),
  },
  {
    name: 'credentials that have expired',
    code: 'MB374',
    says: /the credentials have expired/,
    plant: answering(() => ({ status: 400, code: 'ExpiredToken' })),
  },
  {
    name: 'no credentials at all',
    code: 'MB375',
    says: /there are no credentials/,
    command: 'aws configure list',
    plant: async (t) => {
      const { tested } = await makeBucket(t);
      setEnvironment(t, {
        AWS_ACCESS_KEY_ID: undefined,
        AWS_SECRET_ACCESS_KEY: undefined,
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        AWS_CONFIG_FILE: '/dev/null',
      });
      return tested.open();
    },
  },
  {
    name: 'an access key that the server does not know',
    code: 'MB376',
    says: /S3 does not know the access key/,
    plant: withEnvironment({ AWS_ACCESS_KEY_ID: 'nobody' }),
  },
  {
    name: 'a secret key that is another’s',
    code: 'MB376',
    says: /the secret key does not belong to the access key/,
    plant: withEnvironment({ AWS_SECRET_ACCESS_KEY: 'another-secret' }),
  },
  {
    name: 'an endpoint where nothing listens',
    code: 'MB377',
    says: /URL can't be reached: nothing listens there/,
    command: 'curl -sSv -o /dev/null URL',
    plant: async (t) => {
      const { tested, proxy } = await makeBucket(t);
      const store = await tested.open();
      await proxy.stop();
      return store;
    },
  },
  {
    name: 'a certificate that nobody vouches for',
    code: 'MB378',
    says: /the certificate of https:\/\/127\.0\.0\.1:\d+ is not trusted/,
    command: 'export AWS_CA_BUNDLE=/path/to/ca.pem',
    plant: async (t) => {
      await makeBucket(t);
      const gateway = await startVersitygw(selfSigned(t));
      t.after(() => gateway.stop());
      gateway.makeBucket('backups');
      return openStore('s3://backups', undefined, { env: {}, s3: { endpoint: gateway.endpoint } });
    },
  },
  {
    name: 'a server that takes a checksum for wrong',
    code: 'MB379',
    says: /takes the checksum of what it got for wrong/,
    plant: answering((method) =>
      method === 'PUT' ? { status: 400, code: 'XAmzContentSHA256Mismatch' } : 'pass',
    ),
  },
  {
    name: 'a server that refuses conditional writes',
    code: 'MB380',
    says: /knows no conditional writes/,
    plant: answering((method) => (method === 'PUT' ? { status: 501, code: 'NotImplemented' } : 'pass')),
  },
  {
    name: 'a server that passes over encryption',
    code: 'MB381',
    says: /was to be encrypted with AES256, and its answer does not say so/,
    plant: async (t) => {
      const { proxy, location } = await makeBucket(t);
      return openStore(location, undefined, { s3: { endpoint: proxy.endpoint, sse: 'AES256' } });
    },
  },
  {
    name: 'a server that passes over conditions',
    code: 'MB382',
    says: /wrote over an object although it was asked not to/,
    plant: answering((method) => (method === 'PUT' ? { status: 200, code: '' } : 'pass')),
  },
];

function answering(
  judge: (method: string) => ReturnType<FaultyProxy['judge']>,
): (t: TestContext) => Promise<Store> {
  return async (t) => {
    const { tested, proxy } = await makeBucket(t);
    proxy.reset((_, { method }) => judge(method));
    return tested.open();
  };
}

function withEnvironment(changed: NodeJS.ProcessEnv): (t: TestContext) => Promise<Store> {
  return async (t) => {
    const { tested } = await makeBucket(t);
    setEnvironment(t, changed);
    return tested.open();
  };
}

/** The SDK's own chain of credentials reads the process's. */
function setEnvironment(t: TestContext, changed: Record<string, string | undefined>): void {
  const before = Object.keys(changed).map((name) => [name, process.env[name]] as const);
  const apply = (values: (readonly [string, string | undefined])[]): void => {
    for (const [name, value] of values)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  };
  apply(Object.entries(changed));
  t.after(() => apply(before));
}

/** A certificate of 127.0.0.1 that is its own CA. @returns the files. */
export function selfSigned(t: TestContext): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-ca-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', ...made, ...subject], { stdio: 'ignore' });
  return { key, cert };
}
