import { createHash, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { HelperDoor } from '../../../src/store/pvc/client/helper.ts';
import { Link, LinkLost } from '../../../src/store/pvc/client/link.ts';
import { PvcStore } from '../../../src/store/pvc/pvc-store.ts';
import { serveClaim } from '../../../src/store/pvc/server/serve-claim.ts';

/** What a claim's pod does, in this process: the server on a folder. */
export interface ServedClaim extends AsyncDisposable {
  port: number;
  token: Buffer;
  /** Settles when it ends. */
  ended: Promise<void>;
}

export async function serveFolder(root: string, idleMs: number = 60_000): Promise<ServedClaim> {
  const token = randomBytes(32);
  const end = new AbortController();
  const { promise: listening, resolve } = Promise.withResolvers<number>();
  const served = serveClaim({
    root,
    port: 0,
    firstMs: 60_000,
    idleMs,
    tokenDigest: createHash('sha256').update(token).digest(),
    signal: end.signal,
    onListening: resolve,
  });
  return {
    port: await listening,
    token,
    ended: served,
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await served;
    },
  };
}

/** A store whose server is at `port` of this machine, and not in a pod. */
export function storeAt(port: number, token: Buffer): PvcStore {
  const door: HelperDoor = { connect: async () => Link.over(await dial(port), token) };
  const claim = {
    location: 'pvc://shop/backups',
    flags: ['--store', 'pvc://shop/backups'],
    namespace: 'shop',
    claim: 'backups',
  };
  return new PvcStore(claim, door);
}

function dial(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error) => reject(new LinkLost(error.message, { cause: error })));
  });
}
