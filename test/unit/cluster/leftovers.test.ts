import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hierarchies } from '../../cluster/cgroups.ts';
import { mountsBelow } from '../../cluster/leftovers.ts';

const MOUNTINFO = [
  '20 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
  '31 20 0:27 / /sys/fs/cgroup/pids rw,relatime shared:9 - cgroup cgroup rw,pids',
  '32 20 0:28 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
  '40 20 0:40 / /state/one rw,relatime - tmpfs tmpfs rw',
  '41 40 0:41 / /state/one/with\\040space rw,relatime - tmpfs tmpfs rw',
  '42 20 0:42 / /state/one-more rw,relatime - tmpfs tmpfs rw',
].join('\n');

test('mounts below a folder are found, unescaped, without those of a folder whose name only begins alike', () => {
  assert.deepEqual(mountsBelow('/state/one', MOUNTINFO), ['/state/one', '/state/one/with space']);
});

test('control group hierarchies of both versions are found: in a hybrid the kubelet writes to all', () => {
  assert.deepEqual(hierarchies(MOUNTINFO), ['/sys/fs/cgroup/pids', '/sys/fs/cgroup/unified']);
});
