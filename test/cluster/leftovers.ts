import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { killGroup } from './cgroups.ts';
import type { Instance } from './instance.ts';

/**
 * Removes what a cluster has on this machine, whether it runs, was killed, or died with an earlier machine:
 * processes, control groups, the state folder and what is mounted below it. Its network, its mounts and its other
 * files live in namespaces that end with its processes.
 */
export async function removeEverything(instance: Instance): Promise<void> {
  await killGroup(instance.cgroup);
  for (const point of mountsBelow(instance.state).reverse()) execFileSync('umount', ['-n', '-l', point]);
  rmSync(instance.state, { recursive: true, force: true });
  removeIfEmpty(dirname(instance.state));
}

/** Mount points at or below a folder, in mounting order. */
export function mountsBelow(
  folder: string,
  mountinfo = readFileSync('/proc/self/mountinfo', 'utf8'),
): string[] {
  return mountinfo
    .split('\n')
    .map((line) => unescapeOctal(line.split(' ')[4] ?? ''))
    .filter((point) => point === folder || point.startsWith(`${folder}/`));
}

/** proc(5): space, tab, newline and backslash are written as octal escapes. */
function unescapeOctal(field: string): string {
  return field.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function removeIfEmpty(folder: string): void {
  try {
    if (readdirSync(folder).length === 0) rmdirSync(folder);
  } catch {
    // gone, or another cluster's state came in between
  }
}
