import { spawnSync } from 'node:child_process';
import { isEverythingBuilt } from './build/build.ts';
import { onPath } from './external.ts';

/** Go since 1.21 fetches the newer toolchain that a go.mod names; an older one only fails. */
const OLDEST_GO_MINOR = 21;

/** Why this machine can't run the test cluster, as a sentence without a full stop; undefined if it can. */
export function clusterObstacle(): string | undefined {
  if (process.platform !== 'linux') return `the cluster runs on Linux only, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'the cluster needs root (namespaces, mounts, control groups)';
  return missingProgram() ?? namespaceObstacle() ?? buildObstacle();
}

function missingProgram(): string | undefined {
  const needed = ['unshare', 'nsenter', 'pivot_root', 'mount', 'umount', 'flock', 'setpriv', 'tar'];
  const missing = needed.filter((program) => !onPath(program));
  return missing.length > 0
    ? `these programs are not on PATH: ${missing.join(', ')} (Debian: util-linux, mount, tar)`
    : undefined;
}

function namespaceObstacle(): string | undefined {
  const { status, stderr } = spawnSync('unshare', ['--mount', '--pid', '--net', '--fork', 'true'], {
    encoding: 'utf8',
  });
  return status === 0
    ? undefined
    : `this root may not create namespaces (a container without privileges?): ${stderr.trim()}`;
}

function buildObstacle(): string | undefined {
  if (isEverythingBuilt()) return undefined;
  if (!onPath('apt-get') || !onPath('dpkg-deb'))
    return 'the build takes packages from Debian or Ubuntu, and apt-get is not here';
  const go = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).stdout;
  const minor = Number(/^go1\.(\d+)/.exec(go ?? '')?.[1] ?? 0);
  if (minor >= OLDEST_GO_MINOR) return undefined;
  return minor > 0
    ? `Go 1.${minor} is too old to build the cluster (1.${OLDEST_GO_MINOR} or newer)`
    : 'Go is not on PATH';
}
