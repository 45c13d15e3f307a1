import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/store/open-store.ts';
import { BINARY } from '../../test/e2e/support/cli.ts';
import { distantPort } from '../../test/e2e/support/latency-proxy.ts';
import { run } from '../../test/e2e/support/process.ts';
import type { TestRelease } from '../../test/e2e/support/release.ts';
import { S3_KEYS, startVersitygw } from '../../test/support/s3/versitygw.ts';
import { ADDRESS, writeSample } from '../../test/unit/store/sample-backup.ts';
import { GUIDE_METHOD_2 } from './backup.ts';
import type { Figure } from './figures.ts';
import { compare, listing } from './interleaved.ts';

const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: S3_KEYS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: S3_KEYS.secretAccessKey,
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
};
const ONE_WAY_MS = 15;
const RELEASES = 50;
const BACKUPS_A_RELEASE = 20;

/**
 * `backup` to S3, and `list` of a thousand backups there, against Debian's awscli.
 * @param env has helm and kubectl on PATH, and a KUBECONFIG that leads to a cluster 30 ms away.
 * @returns no figures where there is no aws program: that is said.
 */
export async function benchS3(release: TestRelease, env: NodeJS.ProcessEnv): Promise<Figure[]> {
  const aws = await run('aws', ['--version'], { env }).catch(() => undefined);
  if (aws?.code !== 0) {
    process.stderr.write(
      'Warning: no figures for S3: there is no aws program (Debian: apt install awscli)\n',
    );
    return [];
  }
  const gateway = await startVersitygw();
  try {
    gateway.makeBucket('backups');
    await using distant = await distantPort({ host: '127.0.0.1', port: gateway.port }, ONE_WAY_MS);
    return [
      await backupFigure(release, { ...env, ...CREDENTIALS }, `http://127.0.0.1:${distant.port}`),
      await listFigure({ ...env, ...CREDENTIALS }, gateway.endpoint),
    ];
  } finally {
    await gateway.stop();
  }
}

async function backupFigure(release: TestRelease, env: NodeJS.ProcessEnv, endpoint: string): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-bench-'));
  const guideEnv = { ...env, RELEASE: release.name, NAMESPACE: release.namespace };
  const upload = `aws s3 cp --only-show-errors --endpoint-url ${endpoint} $BACKUP_DIR.tar.gz s3://backups/guide/`;
  const guide = `${GUIDE_METHOD_2}\n${upload}`;
  const store = ['--store', 's3://backups/ours', '--s3-endpoint', endpoint];
  const args = ['backup', release.name, '-n', release.namespace, ...store];
  try {
    return await compare(
      {
        what: '`backup` to S3, 30 ms added to both',
        ours: () => run(BINARY, args, { cwd: folder, env }),
        yardstick: "the guide's method 2, and `aws s3 cp`",
        theirs: () => run('/bin/sh', ['-c', guide], { cwd: folder, env: guideEnv }),
      },
      { rounds: 15, deadlineMs: 120_000 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function listFigure(env: NodeJS.ProcessEnv, endpoint: string): Promise<Figure> {
  const location = 's3://backups/many';
  Object.assign(process.env, CREDENTIALS);
  const store = await openStore(location, undefined, { s3: { endpoint } });
  for (let release = 0; release < RELEASES; release++) {
    const ids = Array.from({ length: BACKUPS_A_RELEASE }, (_, day) => String(day + 1).padStart(2, '0'));
    await Promise.all(
      ids.map((day) =>
        writeSample(store, { ...ADDRESS, release: `cart-${release}`, id: `202611${day}T101500Z` }),
      ),
    );
  }
  const list = ['list', '-A', '--store', location, '--s3-endpoint', endpoint];
  const ls = ['s3', 'ls', '--recursive', `${location}/`, '--endpoint-url', endpoint];
  return await compare({
    what: '`list` of 1,000 backups in S3',
    ours: () => listing(RELEASES * BACKUPS_A_RELEASE, run(BINARY, list, { env })),
    yardstick: '`aws s3 ls --recursive`',
    theirs: () => listing(RELEASES * BACKUPS_A_RELEASE, run('aws', ls, { env })),
  });
}
