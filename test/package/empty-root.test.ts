import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { archive } from '../../scripts/build/package.ts';
import { root as checkout, executable } from '../../scripts/build/paths.ts';
import { VERSION } from '../../src/cli/version.ts';
import { createEmptyRoot } from './empty-root.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root (chroot)';

describe('in an empty root file system with only glibc and libstdc++', { skip }, () => {
  const root = createEmptyRoot(archive);
  after(() => root[Symbol.dispose]());

  test('--version prints the version', () => {
    assert.deepEqual(root.run('--version'), { code: 0, stdout: `memcached-backup ${VERSION}\n`, stderr: '' });
  });

  test('--help prints help', () => {
    const { code, stdout, stderr } = root.run('restore', '--help');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Usage:\n {2}kubectl memcached-backup restore RELEASE/m);
  });

  test('a backup of a cluster that can not be reached says so and exits 4', () => {
    const { code, stderr } = root.run(
      'backup',
      'my-memcached',
      '--server',
      'https://127.0.0.1:1',
      '-n',
      'cache',
    );
    assert.match(stderr, /^error: .*127\.0\.0\.1:1/m);
    assert.equal(code, 4, stderr);
  });

  test('without the libatomic.so.1 of the archive it would not start', () => {
    using bare = createEmptyRoot(archive, ['dist/libatomic.so.1']);
    const { code, stderr } = bare.run('--version');
    assert.notEqual(code, 0);
    assert.match(stderr, /libatomic\.so\.1/);
  });
});

test('the executable asks for the glibc that docs/versions.md names, and no newer one', () => {
  const [, own = ''] = /Version information:\n\t\S+:\n((?:\t\t.*\n)*)/.exec(ldd('-v', executable)) ?? [];
  const asked = [...own.matchAll(/\(GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
  const [, named] =
    /^The executable needs .*glibc 2\.(\d+) /m.exec(
      readFileSync(join(checkout, 'docs/versions.md'), 'utf8'),
    ) ?? [];
  assert.equal(Math.max(...asked), Number(named));
});

function ldd(...args: string[]): string {
  return execFileSync('ldd', args, { encoding: 'utf8', env: { PATH: process.env.PATH } });
}
