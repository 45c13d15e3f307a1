import { numberAt, stringAt } from './json.ts';
import type { KubeObject, ObjectRef } from './object.ts';

/** How long a holder that says nothing more is believed to be alive, in seconds. */
export const LEASE_SECONDS = 15;

/** Who holds a Lease: enough to recognise one's own machine and to name a person. */
export interface Holder {
  host: string;
  pid: number;
  user: string;
}

/** The Lease of a release: one restore or undo at a time. */
export function leaseRef(namespace: string, release: string): ObjectRef {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    namespace,
    name: `memcached-backup.${release}`,
  };
}

export function holderText({ host, pid, user }: Holder): string {
  return `${user}@${host}/${pid}`;
}

export function parseHolder(text: string): Holder | undefined {
  const match = /^(.*)@(.*)\/(\d+)$/.exec(text);
  return match === null ? undefined : { user: match[1]!, host: match[2]!, pid: Number(match[3]) };
}

export function holderOf(lease: KubeObject): string {
  return stringAt(lease, 'spec', 'holderIdentity') ?? '';
}

/** Whether the holder renewed it within its duration. Clocks are taken to agree within a few seconds. */
export function isExpired(lease: KubeObject, now: Date): boolean {
  const renewed = Date.parse(stringAt(lease, 'spec', 'renewTime') ?? '');
  const seconds = numberAt(lease, 'spec', 'leaseDurationSeconds') ?? LEASE_SECONDS;
  return Number.isNaN(renewed) || now.getTime() - renewed > seconds * 1000;
}

/** The Lease's spec while it is held. Times are MicroTime: six digits after the second. */
export function heldSpec(holder: Holder, acquired: Date, renewed: Date): KubeObject {
  return {
    holderIdentity: holderText(holder),
    leaseDurationSeconds: LEASE_SECONDS,
    acquireTime: microTime(acquired),
    renewTime: microTime(renewed),
  };
}

function microTime(at: Date): string {
  return at.toISOString().replace(/\.(\d{3})Z$/, '.$1000Z');
}
