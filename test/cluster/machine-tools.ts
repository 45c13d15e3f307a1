import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Looks at and changes this machine's own network, with the unpacked packages: nothing need be installed. */
export interface MachineTools {
  /** ip(8); returns its standard output. */
  ip(...args: string[]): string;
  /** `flavour` is "legacy" or "nft", `program` one of iptables, iptables-save, ip6tables-save, … */
  xtables(flavour: string, program: string, ...args: string[]): string;
}

/** `root` is the root file system of the unpacked packages. */
export function machineTools(root: string): MachineTools {
  const libraries = join(
    root,
    'usr/lib',
    readdirSync(join(root, 'usr/lib')).find((name) => name.endsWith('-linux-gnu')) ?? '',
  );
  const loader = join(libraries, readdirSync(libraries).find((name) => name.startsWith('ld-linux')) ?? '');
  const env = {
    XTABLES_LIBDIR: join(libraries, 'xtables'),
    XTABLES_LOCKFILE: join(tmpdir(), 'xtables.lock'),
  };
  const run = (file: string, args: string[]) =>
    execFileSync(file, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    ip: (...args) => run(join(root, 'bin/busybox'), ['ip', ...args]),
    xtables: (flavour, program, ...args) => {
      const loading = ['--library-path', libraries, '--argv0', program];
      return run(loader, [...loading, join(root, `usr/sbin/xtables-${flavour}-multi`), ...args]);
    },
  };
}
