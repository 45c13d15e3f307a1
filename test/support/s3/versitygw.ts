import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goTool } from '../../cluster/build/go-tool.ts';
import { freePort } from '../free-port.ts';
import { untilListening } from './until-listening.ts';

export const S3_KEYS = { accessKeyId: 'contract', secretAccessKey: 'contract-secret-key' } as const;

/** An S3 server of its own on 127.0.0.1, which keeps objects as files. */
export interface Versitygw {
  endpoint: string;
  port: number;
  /** Where the files are: FOLDER/BUCKET/KEY. */
  folder: string;
  makeBucket(name: string): void;
  stop(): Promise<void>;
}

export interface VersitygwOptions {
  /** Keys of its own. */
  keys?: { accessKeyId: string; secretAccessKey: string };
  /** Its buckets may keep versions, and lock objects. */
  versions?: boolean;
  /** Where it listens; 127.0.0.1 where absent. With it, what starts the server there. */
  elsewhere?: { address: string; start(words: string[], port: number): Promise<ChildProcess> };
}

/** @param tls the files of its certificate and key; absent: http. */
export async function startVersitygw(
  tls?: { cert: string; key: string },
  { keys = S3_KEYS, versions = false, elsewhere }: VersitygwOptions = {},
): Promise<Versitygw> {
  const program = await goTool('versitygw');
  const root = mkdtempSync(join(tmpdir(), 'memcached-backup-s3-'));
  const [folder, older] = [join(root, 'buckets'), join(root, 'versions')];
  for (const each of [folder, older]) mkdirSync(each);
  const port = await freePort();
  const address = elsewhere?.address ?? '127.0.0.1';
  const words = [
    program,
    ...['--port', `${address}:${port}`, '--region', 'us-east-1', '--quiet'],
    ...['--access', keys.accessKeyId, '--secret', keys.secretAccessKey],
    ...(tls === undefined ? [] : ['--cert', tls.cert, '--key', tls.key]),
    ...['posix', ...(versions ? ['--versioning-dir', older] : []), folder],
  ];
  const child = await (elsewhere?.start ?? startHere)(words, port);
  return {
    endpoint: `${tls === undefined ? 'http' : 'https'}://${address}:${port}`,
    port,
    folder,
    makeBucket: (name) => mkdirSync(join(folder, name)),
    stop: async () => {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await ended;
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function startHere([program = '', ...args]: string[], port: number): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  await untilListening(child, port);
  return child;
}
