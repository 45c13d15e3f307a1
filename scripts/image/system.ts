import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { BuildStep } from '../../test/cluster/build/cache.ts';
import { ARCHITECTURE, writeDockerArchive } from '../../test/cluster/build/docker-archive.ts';
import { unpackPackages } from '../../test/cluster/build/packages.ts';
import { cachedStep } from './cached-step.ts';
import type { Architecture } from './place.ts';

/** What the Dockerfile's stage of that name installs, and what a slim base has of it. git runs ssh, and its hooks, by a shell. */
const PACKAGES = [
  'base-files',
  'ca-certificates',
  'dash',
  'git',
  'libatomic1',
  'libc6',
  'libgcc-s1',
  'libstdc++6',
  'openssh-client',
];

/** Nobody reads them in a pod, or they are programs in Perl and Tcl, which is not there. Licences stay. */
const NOT_WANTED = [
  'usr/share/{man,info,locale,lintian,bash-completion,bug,doc-base,perl,perl5,gitweb,applications,pixmaps}',
  'usr/share/doc/*/!(copyright)',
  'usr/share/git-core/contrib',
  'usr/lib/*/{perl,perl5,perl-base,gconv}',
  'usr/lib/git-core/{git-svn,git-cvs*,git-send-email,git-p4,git-instaweb,git-add--interactive,git-archimport,git-gui*,git-citool}',
  'usr/bin/git-shell',
  'var/{cache,log,lib/apt,lib/systemd}',
  'etc/{bash_completion.d,apt,dpkg}',
  '{boot,home,media,mnt,opt,srv}',
];

const USERS = `root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/bin/sh
memcached-backup:x:65532:65532::/tmp:/bin/sh
`;
const GROUPS = `root:x:0:
nogroup:x:65534:
memcached-backup:x:65532:
`;

/** Changed when what is below changes what comes out. */
const RECIPE = '1';

/** What an image is made from where no base can be pulled: an archive of one layer, its name in it, and the versions in it. */
export interface System {
  archive: string;
  name: string;
  versions: string;
}

/** Made of Debian's packages, unpacked and not installed, so that the processor may be another one; once, and cached. */
export async function systemOf(architecture: Architecture): Promise<System> {
  const name = `localhost/memcached-backup-system:${architecture}`;
  const step: BuildStep = {
    name: `system-${architecture}`,
    inputs: [RECIPE, ...PACKAGES, ...NOT_WANTED, USERS, GROUPS, architecture],
    make: (folder, log) => make(folder, log, { architecture, name }),
  };
  const folder = await cachedStep(step);
  return {
    archive: join(folder, 'system.tar'),
    name,
    versions: readFileSync(join(folder, 'versions.txt'), 'utf8'),
  };
}

async function make(
  folder: string,
  log: string,
  { architecture, name }: { architecture: Architecture; name: string },
): Promise<void> {
  const isForeign = architecture !== ARCHITECTURE;
  await unpackPackages(PACKAGES, folder, log, {
    ...(isForeign ? { architecture } : {}),
    alsoDo: async (deb, root) => noteVersion(deb, root),
  });
  const root = join(folder, 'root');
  trim(root);
  configure(root);
  await writeDockerArchive(join(folder, 'system.part'), name, root, { architecture });
  rmSync(root, { recursive: true });
  renameSync(join(folder, 'system.part'), join(folder, 'system.tar'));
}

/** Where scanners look for the packages of an image that has no dpkg. */
function noteVersion(deb: string, root: string): void {
  const control = execFileSync('dpkg-deb', ['--field', deb], { encoding: 'utf8' });
  const folder = join(root, 'var/lib/dpkg/status.d');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, basename(deb).replace(/_.*/, '')), control);
}

function trim(root: string): void {
  for (const pattern of NOT_WANTED)
    for (const file of globSync(pattern, { cwd: root }))
      rmSync(join(root, file), { recursive: true, force: true });
  // Nothing here needs to become another user.
  execFileSync('find', [root, '-xdev', '-type', 'f', '-perm', '/6000', '-exec', 'chmod', 'a-s', '{}', '+']);
}

/** What the packages' own scripts would do, as far as it matters here. */
function configure(root: string): void {
  rmSync(join(root, 'usr/bin/sh'), { force: true });
  symlinkSync('dash', join(root, 'usr/bin/sh'));
  for (const name of ['tmp', 'etc/ssl/certs', 'usr/local/bin', 'root', 'proc', 'sys', 'dev'])
    mkdirSync(join(root, name), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  const bundle = join(root, 'etc/ssl/certs/ca-certificates.crt');
  writeFileSync(bundle, '');
  for (const file of globSync('usr/share/ca-certificates/**/*.crt', { cwd: root }).sort())
    appendFileSync(bundle, readFileSync(join(root, file)));
  writeFileSync(join(root, 'etc/passwd'), USERS);
  writeFileSync(join(root, 'etc/group'), GROUPS);
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n');
}
