import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import type { LeaseHolder } from '../../model/kubernetes/lease.ts';
import { isAlive } from '../../store/is-alive.ts';

/** This process, as the holder of a Lease. */
export function ownHolder(): LeaseHolder {
  const machine = thisMachine();
  const known = machine === undefined ? {} : { machine };
  return { host: hostname(), pid: process.pid, user: userName(), ...known };
}

/**
 * Whether a holder was a process of this host that is no more. "certain" where it surely was of this machine and
 * its pid namespace: machines may have one name (clones of an image, containers in the host's network), and
 * another's processes can't be seen.
 */
export function neighbourIsDead(other: LeaseHolder, own: LeaseHolder): 'certain' | 'likely' | 'no' {
  const isTold = other.machine !== undefined && own.machine !== undefined;
  if (other.host !== own.host || (isTold && other.machine !== own.machine)) return 'no';
  if (isAlive(other.pid)) return 'no';
  return isTold ? 'certain' : 'likely';
}

/**
 * Tells apart where a pid means something: the machine, since it was started (random(4), boot_id), and the pid
 * namespace (pid_namespaces(7)). Undefined where the system says neither: on anything but Linux.
 */
function thisMachine(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const namespace = readlinkSync('/proc/self/ns/pid');
    return createHash('sha256').update(`${boot} ${machineId()} ${namespace}`).digest('hex').slice(0, 12);
  } catch {
    return undefined;
  }
}

/** machine-id(5); many container images have none. */
function machineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return '';
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
