import { spawnSync } from 'node:child_process';

/** Why no image can be built on this machine, as a sentence without a full stop; undefined if it can. */
export function imageObstacle(): string | undefined {
  if (process.platform !== 'linux') return `the image is built on Linux only, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'the image needs root: its files belong to root';
  const isDebian = ['apt-get', 'dpkg-deb'].every((program) => spawnSync(program, ['--version']).status === 0);
  return isDebian ? undefined : 'the image is made of packages of Debian or Ubuntu, and apt-get is not here';
}
