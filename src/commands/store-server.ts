import { ExitCode } from '../errors/exit-code.ts';
import type { CommandContext } from '../session/context.ts';
import { serveClaim } from '../store/pvc/server/serve-claim.ts';

/** A client hears that the pod runs from the API server, which the kubelet of a busy node tells late. */
const FIRST_MS = 60_000;

/** Where its connection was cut, a client comes again at once; whoever was killed never does. */
const IDLE_MS = 15_000;

export interface StoreServerOptions {
  folder: string;
  /** On 127.0.0.1. */
  port: number;
  /** sha256 of what clients have to show. */
  tokenDigest: Buffer;
}

/** `store-server`: serves a store in a folder until nobody has been connected for some time. */
export async function storeServer(
  { folder, port, tokenDigest }: StoreServerOptions,
  { signal }: CommandContext,
): Promise<ExitCode> {
  await serveClaim({ root: folder, port, tokenDigest, firstMs: FIRST_MS, idleMs: IDLE_MS, signal });
  return ExitCode.ok;
}
