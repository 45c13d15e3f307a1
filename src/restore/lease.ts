import { hostname, userInfo } from 'node:os';
import { ToolError } from '../errors/tool-error.ts';
import { ApiError } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import {
  type Holder,
  heldSpec,
  holderOf,
  holderText,
  isExpired,
  LEASE_SECONDS,
  leaseRef,
  parseHolder,
} from '../model/lease.ts';
import { type KubeObject, uidOf } from '../model/object.ts';

/** A Lease that is ours until `release`. */
export interface HeldLease {
  /** Aborted when the Lease could not be renewed in time: somebody else may go on. */
  lost: AbortSignal;
  release(): Promise<void>;
}

const MANAGER = 'memcached-backup';
const RENEW_MS = (LEASE_SECONDS * 1000) / 3;

/**
 * Takes the release's Lease and renews it until it is released. One that ran out is taken over, and so is
 * one whose holder was a process of this machine that is gone.
 * @throws ToolError naming who holds it.
 */
export async function takeLease(kube: KubeClient, namespace: string, release: string): Promise<HeldLease> {
  const holder = ownHolder();
  const ref = leaseRef(namespace, release);
  const acquired = new Date();
  const fresh: KubeObject = {
    apiVersion: ref.apiVersion,
    kind: ref.kind,
    metadata: { name: ref.name, namespace },
    spec: heldSpec(holder, acquired, acquired),
  };
  let lease = await createOrTakeOver(kube, fresh, holder, release);
  const lost = new AbortController();
  const timer = setInterval(() => {
    const renewed = { ...lease, spec: heldSpec(holder, acquired, new Date()) };
    kube.replace(renewed, { fieldManager: MANAGER }).then(
      (answer) => {
        lease = answer;
      },
      () => {
        if (isExpired(lease, new Date())) lost.abort();
      },
    );
  }, RENEW_MS);
  timer.unref();
  return {
    lost: lost.signal,
    release: async () => {
      clearInterval(timer);
      await kube.delete(ref, { uid: uidOf(lease)! });
    },
  };
}

/** Refuses at once where somebody else is at work, before anything is planned from a moving release. */
export async function assertLeaseFree(kube: KubeClient, namespace: string, release: string): Promise<void> {
  const held = await kube.get(leaseRef(namespace, release));
  if (held !== undefined && !mayTakeOver(held, ownHolder())) throw isHeld(held, release);
}

function mayTakeOver(lease: KubeObject, own: Holder): boolean {
  return isExpired(lease, new Date()) || isDeadNeighbour(holderOf(lease), own);
}

function ownHolder(): Holder {
  return { host: hostname(), pid: process.pid, user: userName() };
}

async function createOrTakeOver(
  kube: KubeClient,
  fresh: KubeObject,
  holder: Holder,
  release: string,
): Promise<KubeObject> {
  const ref = leaseRef((fresh.metadata as { namespace: string }).namespace, release);
  for (let attempt = 1; ; attempt++) {
    try {
      return await kube.create(fresh, { fieldManager: MANAGER });
    } catch (error) {
      if (!isConflict(error) || attempt > 3) throw error;
    }
    const held = await kube.get(ref);
    if (held === undefined) continue;
    if (!mayTakeOver(held, holder)) throw isHeld(held, release);
    try {
      return await kube.replace({ ...held, spec: fresh.spec! }, { fieldManager: MANAGER });
    } catch (error) {
      if (!isConflict(error) || attempt > 3) throw error;
    }
  }
}

function isHeld(lease: KubeObject, release: string): ToolError {
  return new ToolError(`release "${release}" is being restored or undone by ${holderOf(lease)}`, {
    untouched: 'the release was not changed',
    next: `wait for it; a holder that died gives way after ${LEASE_SECONDS} s`,
  });
}

/** A process of this machine and user that is no more. */
function isDeadNeighbour(text: string, own: Holder): boolean {
  const other = parseHolder(text);
  if (other === undefined || other.host !== own.host || holderText(other) === holderText(own)) return false;
  try {
    process.kill(other.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
