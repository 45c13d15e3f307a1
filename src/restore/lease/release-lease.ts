import { setTimeout as sleep } from 'node:timers/promises';
import { interruptible } from '../../errors/interruptible.ts';
import { BrokenOffError, ToolError } from '../../errors/tool-error.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { stringAt } from '../../model/json/json.ts';
import {
  heldSpec,
  holderName,
  holderOf,
  holderText,
  isExpired,
  LEASE_SECONDS,
  type LeaseHolder,
  leaseRef,
  looksAbandoned,
  parseHolder,
  watchingTime,
} from '../../model/kubernetes/lease.ts';
import { type KubeObject, refOf, uidOf } from '../../model/kubernetes/object.ts';
import { OWN_MANAGER } from '../write/namespace.ts';
import { type Found, writeWithRetry } from '../write/write-with-retry.ts';
import { neighbourIsDead, ownHolder } from './lease-holder.ts';

/** A Lease that is ours until `release`. */
export interface HeldLease {
  /** Aborted with a BrokenOffError when it is ours no more: somebody else may go on. */
  lost: AbortSignal;
  release(): Promise<void>;
}

export interface LeaseOptions {
  /** Ends a wait for a holder that may be dead. */
  signal: AbortSignal;
  /** Waits; tests replace it. */
  wait?: (ms: number) => Promise<unknown>;
}

const RENEW_MS = (LEASE_SECONDS * 1000) / 3;
/** Between two looks at the clock: a machine that slept, or a server that went silent, is noticed so soon. */
const TICK_MS = 1000;
/** How long giving it back waits for a renewal under way. */
const LAST_RENEWAL_MS = 2000;

/**
 * Takes the release's Lease and renews it until it is released. It is taken over at once from a process of this
 * machine that is gone, and from whoever has not renewed it in time and does not while it is watched.
 * @throws ToolError naming who holds it.
 */
export async function takeLease(
  kube: KubeClient,
  namespace: string,
  release: string,
  options: LeaseOptions,
): Promise<HeldLease> {
  const holder = ownHolder();
  const ref = leaseRef(namespace, release);
  let acquired = new Date();
  const spec = (): KubeObject => {
    acquired = new Date();
    return heldSpec(holder, acquired, acquired);
  };
  let lease = await createOrTakeOver(kube, { namespace, release, holder, spec }, options);
  const lost = new AbortController();
  const lose = (why: string): void => {
    clearInterval(timer);
    lost.abort(new BrokenOffError(`its Lease was lost: ${why}`));
  };
  const renew = async (): Promise<void> => {
    const renewed = { ...lease, spec: heldSpec(holder, acquired, new Date()) };
    try {
      lease = await kube.replace(renewed, { fieldManager: OWN_MANAGER });
    } catch (error) {
      // Whatever else failed may succeed the next time; if not, it runs out.
      if (!isConflict(error) && !isMissing(error)) return;
      const there = await kube.get(ref).catch(() => lease);
      if (there === undefined) lose('somebody deleted it');
      else if (holderOf(there) !== holderText(holder)) lose(`${holderName(there)} took it over`);
      else lease = there;
    }
  };
  let asked = Date.now();
  let renewing: Promise<void> | undefined;
  const timer = setInterval(() => {
    if (isExpired(lease, new Date())) lose(`it could not be renewed for ${LEASE_SECONDS} s`);
    else if (renewing === undefined && Date.now() - asked >= RENEW_MS) {
      asked = Date.now();
      renewing = renew().finally(() => {
        renewing = undefined;
      });
    }
  }, TICK_MS);
  timer.unref();
  return {
    lost: lost.signal,
    release: async () => {
      clearInterval(timer);
      if (lost.signal.aborted) return;
      if (renewing !== undefined) await Promise.race([renewing, sleep(LAST_RENEWAL_MS)]);
      if (lost.signal.aborted) return;
      await deleteAsRead(kube, lease);
    },
  };
}

/**
 * Refuses at once where somebody else is at work, before anything is planned from a moving release.
 * @returns the Lease that nobody holds any more; undefined where there is none.
 */
export async function assertLeaseFree(
  kube: KubeClient,
  namespace: string,
  release: string,
): Promise<KubeObject | undefined> {
  const held = await kube.get(leaseRef(namespace, release));
  if (held !== undefined && !isAbandoned(held)) throw isHeld(held, release);
  return held;
}

/**
 * Deletes the Lease that a process of this machine left when it was killed, where nothing is left to do that would
 * take it over. One that moved, or that may not be deleted, stays until it runs out.
 */
export async function dropDeadLease(kube: KubeClient, held: KubeObject | undefined): Promise<void> {
  if (held === undefined || isDead(held, ownHolder()) !== 'certain') return;
  try {
    await deleteAsRead(kube, held);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

/** Not where somebody wrote it since. */
async function deleteAsRead(kube: KubeClient, lease: KubeObject): Promise<void> {
  const resourceVersion = stringAt(lease, 'metadata', 'resourceVersion');
  const asRead = resourceVersion === undefined ? {} : { resourceVersion };
  await kube.delete(refOf(lease), { uid: uidOf(lease)!, ...asRead });
}

/** Whether nobody holds it any more: a restore takes it over. */
export function isAbandoned(lease: KubeObject): boolean {
  return mayTakeOver(lease, ownHolder());
}

function mayTakeOver(lease: KubeObject, own: LeaseHolder): boolean {
  return looksAbandoned(lease, new Date()) || isDead(lease, own) !== 'no';
}

function isDead(lease: KubeObject, own: LeaseHolder): ReturnType<typeof neighbourIsDead> {
  const holder = parseHolder(holderOf(lease));
  return holder === undefined ? 'no' : neighbourIsDead(holder, own);
}

/** A Lease to be held. */
interface WantedLease {
  namespace: string;
  release: string;
  holder: LeaseHolder;
  /** That of a Lease taken now: it runs from then, however long another holder was watched before. */
  spec: () => KubeObject;
}

async function createOrTakeOver(
  kube: KubeClient,
  { namespace, release, holder, spec }: WantedLease,
  options: LeaseOptions,
): Promise<KubeObject> {
  const ref = leaseRef(namespace, release);
  const { apiVersion, kind, name } = ref;
  for (let attempt = 1; ; attempt++) {
    try {
      return await writeWithRetry(
        () => {
          const fresh = { apiVersion, kind, metadata: { name, namespace }, spec: spec() };
          return kube.create(fresh, { fieldManager: OWN_MANAGER });
        },
        async (): Promise<Found<KubeObject>> => {
          const there = await kube.get(ref);
          if (there === undefined) return { is: 'not done' };
          const isOurs = holderOf(there) === holderText(holder);
          return isOurs ? { is: 'done', answer: there } : { is: 'something else' };
        },
      );
    } catch (error) {
      if (!isConflict(error) || attempt > 3) throw error;
    }
    const held = await kube.get(ref);
    if (held === undefined) continue;
    if (!mayTakeOver(held, holder)) throw isHeld(held, release);
    if (isDead(held, holder) !== 'certain') await watch(kube, held, release, options);
    try {
      return await kube.replace({ ...held, spec: spec() }, { fieldManager: OWN_MANAGER });
    } catch (error) {
      if (!isConflict(error) || attempt > 3) throw error;
    }
  }
}

/** @throws ToolError where the Lease's holder renews it after all. */
async function watch(
  kube: KubeClient,
  held: KubeObject,
  release: string,
  { signal, wait = (ms) => sleep(ms, undefined, { signal }) }: LeaseOptions,
): Promise<void> {
  await interruptible(wait(watchingTime(held)), signal, 'the release was not changed');
  const now = await kube.get(refOf(held));
  const version = (lease: KubeObject | undefined) => stringAt(lease, 'metadata', 'resourceVersion');
  if (now !== undefined && version(now) !== version(held)) throw isHeld(now, release);
}

function isHeld(lease: KubeObject, release: string): ToolError {
  return new ToolError(`release "${release}" is being restored or undone by ${holderName(lease)}`, {
    untouched: 'the release was not changed',
    next: `wait for it; a holder that died gives way after ${LEASE_SECONDS} s`,
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}
