import { numberAt, stringAt } from '../json/json.ts';
import type { KubeObject, ObjectRef } from './object.ts';

/** How long a holder that says nothing more is believed to be alive, in seconds. */
export const LEASE_SECONDS = 15;

/** Who holds a Lease: enough to recognise one's own machine and to name a person. */
export interface LeaseHolder {
  host: string;
  pid: number;
  user: string;
  /** Tells apart where this pid means something, in hexadecimal digits; absent where nobody knows. */
  machine?: string;
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

export function holderText(holder: LeaseHolder): string {
  const { machine } = holder;
  return machine === undefined ? nameOf(holder) : `${nameOf(holder)}#${machine}`;
}

/** Also what an older version of this tool wrote, which knew no machine. */
export function parseHolder(text: string): LeaseHolder | undefined {
  const match = /^(.*)@(.*)\/(\d+)(?:#([0-9a-f]+))?$/.exec(text);
  if (match === null) return undefined;
  const machine = match[4] === undefined ? {} : { machine: match[4] };
  return { user: match[1]!, host: match[2]!, pid: Number(match[3]), ...machine };
}

/** Who holds a Lease, for a person: "ada@build-7/4711". */
export function holderName(lease: KubeObject): string {
  const holder = parseHolder(holderOf(lease));
  return holder === undefined ? holderOf(lease) : nameOf(holder);
}

function nameOf({ host, pid, user }: LeaseHolder): string {
  return `${user}@${host}/${pid}`;
}

export function holderOf(lease: KubeObject): string {
  return stringAt(lease, 'spec', 'holderIdentity') ?? '';
}

/** Whether it was not renewed within its duration, by the clock that wrote it. */
export function isExpired(lease: KubeObject, now: Date): boolean {
  const age = ageOf(lease, now);
  return Number.isNaN(age) || age > durationOf(lease);
}

/**
 * Whether its holder may be dead, as far as another clock can tell: it ran out, or was renewed in the future. Two
 * clocks may disagree, so only watching it tells (k8s.io/client-go/tools/leaderelection compares no clocks).
 */
export function looksAbandoned(lease: KubeObject, now: Date): boolean {
  return isExpired(lease, now) || ageOf(lease, now) < -durationOf(lease);
}

/** How long a Lease is watched, in milliseconds, before its holder is believed dead: a renewal and a bit. */
export function watchingTime(lease: KubeObject): number {
  return durationOf(lease) / 3 + 2000;
}

function durationOf(lease: KubeObject): number {
  return (numberAt(lease, 'spec', 'leaseDurationSeconds') ?? LEASE_SECONDS) * 1000;
}

/** Milliseconds since it was renewed; NaN where nobody ever did. */
function ageOf(lease: KubeObject, now: Date): number {
  return now.getTime() - Date.parse(stringAt(lease, 'spec', 'renewTime') ?? '');
}

/** The Lease's spec while it is held. Times are MicroTime: six digits after the second. */
export function heldSpec(holder: LeaseHolder, acquired: Date, renewed: Date): KubeObject {
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
