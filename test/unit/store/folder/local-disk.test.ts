import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { areLocal, isOnLocalDisk } from '../../../../src/store/folder/local-disk.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** As proc(5) shows it, with and without optional fields. */
const MOUNTS = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
40 27 0:40 / /home rw,relatime shared:1 master:2 - xfs /dev/vdb rw
41 40 0:41 / /home/share rw,relatime shared:3 - nfs4 server:/export rw,vers=4.2
42 27 0:42 / /mnt/my\\040backups rw - cifs //server/share rw
43 27 0:43 / /home/shared-not rw shared:4 - tmpfs tmpfs rw
44 27 0:44 / /over rw - ext4 /dev/vdc rw
45 44 0:45 / /over rw - fuse.sshfs me@server: rw
46 41 0:46 / /home/share/tmp rw - tmpfs tmpfs rw
`;

const CASES: [path: string, isLocal: boolean, why: string][] = [
  ['/var/backups', true, 'the root file system'],
  ['/home/shared-not/store', true, 'a mount whose path begins as that of a share does'],
  ['/home/share', false, 'a share'],
  ['/home/share/store', false, 'within a share'],
  ['/home/share/tmp/store', true, 'a local file system within a share'],
  ['/home', false, 'a share lies below it'],
  ['/home/me', true, 'a share lies beside it'],
  ['/mnt/my backups/store', false, 'a share whose path has a space'],
  ['/mnt/my', true, 'no share'],
  ['/over/store', false, 'a share that is mounted over a disk'],
  ['/proc/self', false, 'a file system that nothing is known of'],
  ['/', false, 'everything'],
];
for (const [path, isLocal, why] of CASES) {
  test(`${path} is ${isLocal ? '' : 'not '}on a local disk: ${why}`, () => {
    assert.equal(areLocal(MOUNTS, path), isLocal);
  });
}

test('where nothing is known of mounts, nothing is local', () => {
  for (const text of ['', '\n', 'nonsense - ext4', '27 1 254:0 / /home rw - ext4 /dev/vda rw'])
    assert.equal(areLocal(text, '/var'), false);
});

test('what does not exist is not on a local disk', async (t) => {
  assert.equal(await isOnLocalDisk(join(await temporaryFolder(t), 'nothing')), false);
});

const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

test('a file system that this machine mounts is told apart', {
  skip: !canMount && 'needs Linux and root',
}, async (t) => {
  const root = await temporaryFolder(t);
  const look = `console.log(await (await import(process.argv[1])).isOnLocalDisk(process.argv[2]))`;
  const script = `mount -t "$1" none "$2" && "$3" --input-type=module -e "$4" "$5" "$2"`;
  const module = join(import.meta.dirname, '../../../../src/store/folder/local-disk.ts');
  const told = (type: string): string =>
    spawnSync('unshare', ['--mount', 'sh', '-c', script, 'sh', type, root, process.execPath, look, module], {
      encoding: 'utf8',
    }).stdout.trim();
  assert.equal(told('tmpfs'), 'true');
  assert.equal(told('ramfs'), 'false', 'one that is not in the list');
});
