import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { BrokenOffError, UnreachableError } from '../../../../src/errors/tool-error.ts';
import { ApiError } from '../../../../src/kube/api-error.ts';
import type { KubeClient } from '../../../../src/kube/client.ts';
import { heldSpec, holderOf, holderText, type LeaseHolder } from '../../../../src/model/kubernetes/lease.ts';
import type { KubeObject } from '../../../../src/model/kubernetes/object.ts';
import { ownHolder } from '../../../../src/restore/lease/lease-holder.ts';
import {
  assertLeaseFree,
  dropDeadLease,
  type HeldLease,
  takeLease,
} from '../../../../src/restore/lease/release-lease.ts';

const OTHER: LeaseHolder = { host: 'elsewhere', pid: 77, user: 'ada' };
const OWN = holderText(ownHolder());
const seconds = (count: number): number => count * 1000;

/** The one Lease of an API server, with the bookkeeping that tells two writers apart. */
class LeaseServer {
  lease: KubeObject | undefined;
  /** Happens in the place of the next write's answer; the write is done all the same where `done`. */
  fault: { error: Error; done: boolean } | undefined;
  /** Every write hangs. */
  silent = false;
  #version = 1;

  store(spec: KubeObject, uid = 'u1'): KubeObject {
    const metadata = { name: 'memcached-backup.cart', uid, resourceVersion: String(this.#version++) };
    this.lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
    return this.lease;
  }

  get kube(): KubeClient {
    const stub: Partial<KubeClient> = {
      get: async () => this.lease,
      create: (object) =>
        this.#write(() => {
          if (this.lease !== undefined) throw conflict();
          return this.store(object.spec as KubeObject);
        }),
      replace: (object) =>
        this.#write(() => {
          if (versionOf(object) !== versionOf(this.lease)) throw conflict();
          return this.store(object.spec as KubeObject);
        }),
      delete: async (_ref, { resourceVersion }) => {
        if (resourceVersion !== undefined && resourceVersion !== versionOf(this.lease)) throw conflict();
        this.lease = undefined;
        return true;
      },
    };
    return stub as KubeClient;
  }

  async #write(work: () => KubeObject): Promise<KubeObject> {
    if (this.silent) return new Promise(() => {});
    const { fault } = this;
    this.fault = undefined;
    if (fault === undefined || fault.done) {
      const answer = work();
      if (fault === undefined) return answer;
    }
    throw fault.error;
  }
}

function versionOf(object: KubeObject | undefined): unknown {
  return (object?.metadata as KubeObject | undefined)?.resourceVersion;
}

function conflict(): ApiError {
  const call = { verb: 'update', group: 'coordination.k8s.io', resource: 'leases' };
  return ApiError.fromReply(
    409,
    JSON.stringify({ kind: 'Status', reason: 'Conflict', message: 'moved' }),
    call,
  );
}

describe('the Lease of a restore', () => {
  let server: LeaseServer;
  let held: HeldLease | undefined;
  /** What happens while somebody waits, once. */
  let meanwhile: (() => void) | undefined;
  const wait = async (ms: number): Promise<void> => {
    mock.timers.tick(ms);
    meanwhile?.();
  };
  const take = async (): Promise<HeldLease> => {
    held = await takeLease(server.kube, 'shop', 'cart', { signal: new AbortController().signal, wait });
    return held;
  };
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 1000) {
      mock.timers.tick(1000);
      await turn();
      await turn();
    }
  };
  const heldByOther = (agoMs: number): KubeObject => heldBy(OTHER, agoMs);
  const heldBy = (holder: LeaseHolder, agoMs: number): KubeObject => {
    const renewed = new Date(Date.now() - agoMs);
    return heldSpec(holder, renewed, renewed);
  };

  beforeEach(() => {
    mock.timers.enable({
      apis: ['setInterval', 'setTimeout', 'Date'],
      now: Date.parse('2026-11-22T10:15:00Z'),
    });
    server = new LeaseServer();
    held = undefined;
    meanwhile = undefined;
  });
  afterEach(async () => {
    server.silent = false;
    await held?.release().catch(() => {});
    mock.timers.reset();
  });

  test('is renewed for as long as it is held, and given back', async () => {
    const lease = await take();
    await pass(seconds(60));
    assert.equal(lease.lost.aborted, false);
    assert.equal(holderOf(server.lease!), OWN);
    await lease.release();
    assert.equal(server.lease, undefined);
  });

  test('that had to be watched first runs from the moment that it was taken', async () => {
    server.store(heldByOther(seconds(60)));
    const watched = Date.now();
    await take();
    const { acquireTime, renewTime } = server.lease!.spec as Record<string, string>;
    assert.ok(Date.now() > watched, 'it was watched');
    assert.equal(Date.parse(renewTime!), Date.now());
    assert.equal(Date.parse(acquireTime!), Date.now());
  });

  test('survives a renewal that failed, and one whose answer was lost', async () => {
    const lease = await take();
    server.fault = { error: new UnreachableError('reset'), done: false };
    await pass(seconds(10));
    server.fault = { error: new UnreachableError('reset'), done: true };
    await pass(seconds(30));
    assert.equal(lease.lost.aborted, false);
    await lease.release();
    assert.equal(server.lease, undefined);
  });

  test('is lost 15 seconds after its last renewal where the server says nothing at all any more', async () => {
    const lease = await take();
    server.silent = true;
    await pass(seconds(15));
    assert.equal(lease.lost.aborted, false);
    await pass(seconds(2));
    assert.equal(lease.lost.aborted, true);
    assert.ok(lease.lost.reason instanceof BrokenOffError);
  });

  test('is lost at once where somebody took it over, who is named, and who keeps it', async () => {
    const lease = await take();
    server.store(heldByOther(0));
    await pass(seconds(6));
    assert.equal(lease.lost.aborted, true);
    assert.match(String(lease.lost.reason), /ada@elsewhere\/77/);
    await lease.release();
    assert.equal(holderOf(server.lease!), 'ada@elsewhere/77');
  });

  test('is not taken away from who took it over just before it is given back', async () => {
    const lease = await take();
    server.store(heldByOther(0));
    await assert.rejects(lease.release());
    assert.equal(holderOf(server.lease!), 'ada@elsewhere/77');
  });

  test('is refused while its holder renews it, with his name', async () => {
    server.store(heldByOther(seconds(10)));
    await assert.rejects(take(), /is being restored or undone by ada@elsewhere\/77/);
    await assert.rejects(assertLeaseFree(server.kube, 'shop', 'cart'), /by ada@elsewhere\/77/);
  });

  for (const [what, agoMs] of [
    ['behind', seconds(600)],
    ['ahead', seconds(-600)],
  ] as const) {
    test(`is refused to whoever only believes it to be old: the holder's clock is ${what}`, async () => {
      server.store(heldByOther(agoMs));
      meanwhile = () => server.store(heldByOther(agoMs));
      await assert.rejects(take(), /is being restored or undone by ada@elsewhere\/77/);
      assert.equal(holderOf(server.lease!), 'ada@elsewhere/77');
    });

    test(`is taken over where nobody renews it, although the holder's clock was ${what}`, async () => {
      server.store(heldByOther(agoMs));
      await assertLeaseFree(server.kube, 'shop', 'cart');
      await take();
      assert.equal(holderOf(server.lease!), OWN);
    });
  }

  describe('whose holder had this host name and is no process here', () => {
    const dead = spawnSync(process.execPath, ['--version']).pid;
    let watched: boolean;
    beforeEach(() => {
      watched = false;
      meanwhile = () => {
        watched = true;
      };
    });

    test('is taken over at once where it was of this machine', async () => {
      server.store(heldBy({ ...ownHolder(), pid: dead }, 0));
      await assertLeaseFree(server.kube, 'shop', 'cart');
      await take();
      assert.equal(watched, false);
      assert.equal(holderOf(server.lease!), OWN);
    });

    test('is dropped where it was of this machine, and left where that is not certain', async () => {
      server.store(heldBy({ ...ownHolder(), pid: dead }, 0));
      await dropDeadLease(server.kube, await assertLeaseFree(server.kube, 'shop', 'cart'));
      assert.equal(server.lease, undefined);
      await dropDeadLease(server.kube, await assertLeaseFree(server.kube, 'shop', 'cart'));
      for (const machine of ['ffffffffffff', undefined]) {
        const { machine: _own, ...holder } = ownHolder();
        const left = server.store(
          heldBy({ ...holder, pid: dead, ...(machine && { machine }) }, seconds(600)),
        );
        await dropDeadLease(server.kube, left);
        assert.equal(server.lease, left);
      }
    });

    test('is refused where it is of another machine of that name, or of another pid namespace', async () => {
      server.store(heldBy({ ...ownHolder(), pid: dead, machine: 'ffffffffffff' }, 0));
      await assert.rejects(assertLeaseFree(server.kube, 'shop', 'cart'), /is being restored or undone/);
      await assert.rejects(take(), new RegExp(`by \\S+@${hostname()}/${dead}$`));
    });

    test('is watched first where nobody knows of which machine it is', async () => {
      const { machine: _unknown, ...unknown } = ownHolder();
      const spec = heldBy({ ...unknown, pid: dead }, 0);
      server.store(spec);
      await assertLeaseFree(server.kube, 'shop', 'cart');
      meanwhile = () => server.store(spec);
      await assert.rejects(take(), /is being restored or undone/);
      meanwhile = () => {
        watched = true;
      };
      await take();
      assert.equal(watched, true);
      assert.equal(holderOf(server.lease!), OWN);
    });
  });
});
