import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ToolError } from '../../../src/errors/tool-error.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { toolObstacle } from '../../cluster/build/go-tool.ts';
import { FaultyProxy, type Verdict } from '../../support/s3/faulty-proxy.ts';
import { type Minio, startMinio } from '../../support/s3/minio.ts';
import { s3Objects } from '../../support/s3/s3-objects.ts';
import { S3_KEYS, startVersitygw, type Versitygw } from '../../support/s3/versitygw.ts';
import { doWork } from './cut-work.ts';
import type { CutWork, Fault, StoreKind, TestedStore } from './kind.ts';
import { filesBelow, type KeptByName, piecesOf } from './pieces.ts';

/** Where a request may be cut; each once, so that the SDK's next try gets through, and for good. */
const CUTS = ['cut the request', 'cut the answer', 'cut in the answer'] as const;
const TIMES = ['for good', 'once'] as const;

const PREFIX = 'team-a';
let server: Promise<Versitygw> | undefined;
let buckets = 0;

/** One server for all tests of a file; a bucket each. */
export function versitygw(): Promise<Versitygw> {
  setCredentials();
  server ??= startVersitygw();
  return server;
}

function setCredentials(): void {
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: S3_KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: S3_KEYS.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  });
}

export async function stopVersitygw(): Promise<void> {
  await (await server)?.stop();
}

export const S3_ON_VERSITYGW: StoreKind = {
  name: 's3 on versitygw',
  obstacle: toolObstacle('versitygw'),
  make: async (t) => (await makeBucket(t)).tested,
};

let minio: Promise<Minio> | undefined;

export async function stopMinio(): Promise<void> {
  await (await minio)?.stop();
}

export const S3_ON_MINIO: StoreKind = {
  name: 's3 on MinIO',
  obstacle: toolObstacle('minio'),
  make: async (t) => {
    setCredentials();
    minio ??= startMinio();
    const server = await minio;
    const bucket = `bucket-${++buckets}`;
    server.makeBucket(bucket);
    return (await behindProxy(t, server.port, bucket, s3Objects(server.endpoint, bucket, PREFIX))).tested;
  },
};

/** A store in a bucket of its own, behind a proxy of its own. */
export async function makeBucket(
  t: TestContext,
): Promise<{ tested: TestedStore; proxy: FaultyProxy; location: string; folder: string }> {
  const gateway = await versitygw();
  const bucket = `bucket-${process.pid}-${++buckets}`;
  gateway.makeBucket(bucket);
  const folder = join(gateway.folder, bucket, PREFIX);
  return { ...(await behindProxy(t, gateway.port, bucket, filesBelow(folder))), folder };
}

async function behindProxy(
  t: TestContext,
  upstream: number,
  bucket: string,
  objects: KeptByName,
): Promise<{ tested: TestedStore; proxy: FaultyProxy; location: string }> {
  const proxy = await FaultyProxy.start(upstream);
  t.after(() => proxy.stop());
  const location = `s3://${bucket}/${PREFIX}`;
  const { endpoint, port } = proxy;
  const open: TestedStore['open'] = (signal) =>
    openStore(location, undefined, { s3: { endpoint }, ...(signal === undefined ? {} : { signal }) });
  const tested: TestedStore = {
    open,
    ...piecesOf(objects),
    cut: async (work, step) => cutAt(proxy, work, step, open),
    break: async (fault) => {
      if (fault === 'gone') {
        await proxy.stop();
        return () => proxy.listen(port);
      }
      proxy.reset(judgeOf(fault));
      return async () => proxy.reset();
    },
  };
  return { tested, proxy, location };
}

function judgeOf(fault: Exclude<Fault, 'gone'>): FaultyProxy['judge'] {
  const onWrites =
    (verdict: Verdict): FaultyProxy['judge'] =>
    (_, { method }) =>
      method === 'PUT' ? verdict : 'pass';
  switch (fault) {
    case 'full':
      return onWrites({ status: 507, code: 'XMinioStorageFull' });
    case 'read-only':
      return onWrites({ status: 403, code: 'AccessDenied' });
    case 'kept from deletions':
      return (_, { method }) => (method === 'DELETE' ? { status: 403, code: 'AccessDenied' } : 'pass');
    case 'slow':
      return () => ({ delayMs: 200 });
    case 'refused half way':
      // The archive is there, its entry in the catalog is not, and nothing can be cleared up.
      return (number) => (number > 1 ? { status: 400, code: 'ExpiredToken' } : 'pass');
  }
}

async function cutAt(
  proxy: FaultyProxy,
  work: CutWork,
  step: number,
  open: TestedStore['open'],
): Promise<'cut' | 'done' | 'beyond'> {
  const times = TIMES[(step - 1) % TIMES.length];
  const cut = CUTS[Math.floor((step - 1) / TIMES.length) % CUTS.length] ?? 'pass';
  const at = 1 + Math.floor((step - 1) / (TIMES.length * CUTS.length));
  let reached = false;
  proxy.reset((number) => {
    reached ||= number === at;
    return times === 'once' ? (number === at ? cut : 'pass') : number >= at ? cut : 'pass';
  });
  try {
    await doWork(await open(), work);
    return reached ? 'done' : 'beyond';
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return 'cut';
  } finally {
    proxy.reset();
  }
}
