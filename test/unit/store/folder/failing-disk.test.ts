import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { shell } from '../../../../src/advice/command.ts';
import { openStore } from '../../../../src/store/open-store.ts';
import { spelled } from '../../spelled.ts';
import { ADDRESS, writeSample } from '../sample-backup.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const HERE = import.meta.dirname;

/** The mounts live in a namespace of their own, so that none is left behind however the test ends. */
const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;
const mounts = { skip: canMount ? false : 'needs Linux and root, to mount small file systems' };
const NOBODY = 65534;
const asNobody = { encoding: 'utf8', uid: NOBODY, gid: NOBODY } as const;
/** Root may act as someone else; the checkout must be readable for them. */
const canBeNobody =
  process.getuid?.() === 0 &&
  spawnSync(
    process.execPath,
    ['-e', 'fs.readFileSync(process.argv[1])', join(HERE, 'failing-writer.ts')],
    asNobody,
  ).status === 0;
const twoUsers = { skip: canBeNobody ? false : 'needs root and a checkout that others may read' };

interface Outcome {
  done?: true;
  message?: string;
  untouched?: string;
  next?: string;
  exitCode?: number;
  left: string[];
  backups: string[];
}

/** Mounts a tmpfs, puts one backup there, and tries to write a second one. */
function onTmpfs(
  root: string,
  {
    size,
    inodes,
    bytes,
    before,
  }: {
    size: string;
    inodes?: number;
    bytes: number;
    /** A shell command between the two. */
    before?: string;
  },
): Outcome {
  const script = [
    'set -e',
    `mount -t tmpfs -o size=${size},nr_inodes=${inodes ?? 1000} tmpfs "$1"`,
    `"$2" "$3/first-writer.ts" "$1"`,
    before ?? ':',
    `"$2" "$3/failing-writer.ts" "$1" ${bytes}`,
  ].join('\n');
  return outcome(
    spawnSync('unshare', ['--mount', 'sh', '-c', script, 'sh', root, process.execPath, HERE], {
      encoding: 'utf8',
    }),
  );
}

function outcome({
  status,
  stdout,
  stderr,
}: {
  status: number | null;
  stdout: string;
  stderr: string;
}): Outcome {
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Outcome;
}

function assertRefused(result: Outcome, root: string, reason: string, exitCode: number): void {
  assert.equal(result.message, `can't write to the store ${root}: ${reason}`);
  assert.equal(result.exitCode, exitCode);
  assert.equal(
    result.untouched,
    'nothing half written is left in it; the backups that it holds are as they were',
  );
  assert.ok(spelled(result.next).includes(root));
  assert.deepEqual(result.left, []);
  assert.deepEqual(result.backups, [ADDRESS.id]);
}

test(
  'a disk with room takes the backup (so that the tests below fail for their own reason)',
  mounts,
  async (t) => {
    const result = onTmpfs(await temporaryFolder(t), { size: '1m', bytes: 100_000 });
    assert.equal(result.done, true);
    assert.equal(result.backups.length, 2);
  },
);

test('a disk that fills up in the middle is named, and nothing half written is left', mounts, async (t) => {
  const root = await temporaryFolder(t);
  const result = onTmpfs(root, { size: '128k', bytes: 1_000_000 });
  assertRefused(result, root, 'the disk is full', 1);
  assert.match(spelled(result.next), /^free some space \(df -h /);
});

test(
  'a disk without room for the last file is named, and nothing half written is left',
  mounts,
  async (t) => {
    const root = await temporaryFolder(t);
    // Pages of 4 KiB: the first backup takes 8, this one's files 4; nothing is left for backup.json.
    const result = onTmpfs(root, { size: '48k', bytes: 400 });
    assertRefused(result, root, 'the disk is full', 1);
  },
);

test(
  'a file system without room for more files is named, and nothing half written is left',
  mounts,
  async (t) => {
    const root = await temporaryFolder(t);
    assertRefused(onTmpfs(root, { size: '1m', inodes: 26, bytes: 400 }), root, 'the disk is full', 1);
  },
);

test('a read-only file system is named; it can still be listed', mounts, async (t) => {
  const root = await temporaryFolder(t);
  const result = onTmpfs(root, { size: '1m', bytes: 1, before: 'mount -o remount,ro "$1"' });
  assertRefused(result, root, 'the file system is read-only', 4);
});

test('a store of someone else is named', twoUsers, async (t) => {
  const root = await temporaryFolder(t);
  await writeSample(await openStore(root));
  spawnSync('chown', ['-R', `${NOBODY}`, root]);
  chownSync(join(root, ADDRESS.cluster), 0, 0);
  chmodSync(join(root, ADDRESS.cluster), 0o755);
  // The release's folder may be read but not written.
  const release = join(root, ADDRESS.cluster, ADDRESS.namespace, ADDRESS.release);
  chownSync(release, 0, 0);
  chmodSync(release, 0o755);
  const args = [join(HERE, 'failing-writer.ts'), root, '100'];
  const result = outcome(spawnSync(process.execPath, args, asNobody));
  assertRefused(result, root, 'permission denied', 4);
});

test(
  'a folder that may not be looked into is listed as damaged, because backups may be in it',
  twoUsers,
  async (t) => {
    const root = await temporaryFolder(t);
    chmodSync(root, 0o755);
    await writeSample(await openStore(root));
    const script = `
    const { openStore } = await import(${JSON.stringify(join(HERE, '../../../../src/store/open-store.ts'))});
    console.log(JSON.stringify(await (await openStore(process.argv[1])).list({ release: 'cart' })));`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', script, root],
      asNobody,
    );
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), [
      {
        address: { cluster: ADDRESS.cluster, namespace: '', release: '', id: '' },
        location: join(root, ADDRESS.cluster),
        damage: "the folder can't be read: permission denied",
        unreadable: true,
        next: shell('ls', '-ld', join(root, ADDRESS.cluster)),
      },
    ]);
  },
);
