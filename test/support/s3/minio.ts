import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goTool } from '../../cluster/build/go-tool.ts';
import { freePort } from '../free-port.ts';
import { untilListening } from './until-listening.ts';
import { S3_KEYS } from './versitygw.ts';

/** A MinIO of its own on 127.0.0.1. */
export interface Minio {
  endpoint: string;
  port: number;
  makeBucket(name: string): void;
  stop(): Promise<void>;
}

export async function startMinio(): Promise<Minio> {
  const program = await goTool('minio');
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-minio-'));
  const port = await freePort();
  const child = spawn(program, ['server', folder, '--address', `127.0.0.1:${port}`, '--quiet'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      HOME: folder,
      MINIO_ROOT_USER: S3_KEYS.accessKeyId,
      MINIO_ROOT_PASSWORD: S3_KEYS.secretAccessKey,
      MINIO_BROWSER: 'off',
      // One folder of the machine's own disk will do.
      MINIO_CI_CD: 'on',
    },
  });
  await untilListening(child, port);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    // A folder beside its own, .minio.sys, is a bucket.
    makeBucket: (name) => mkdirSync(join(folder, name)),
    stop: async () => {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
