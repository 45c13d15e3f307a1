import type { KubeClient } from '../../kube/client.ts';
import type { ReleaseName } from '../../model/release/discover.ts';
import type { CommandContext } from '../../session/context.ts';
import { takeLease } from './release-lease.ts';

/**
 * Runs `work` while the release's Lease is held, so that two restores never meet.
 * @param work gets a signal that is aborted by Ctrl-C, SIGTERM or the loss of the Lease.
 * @throws ToolError naming who holds the Lease.
 */
export async function underLease<T>(
  kube: KubeClient,
  { namespace, release }: ReleaseName,
  context: CommandContext,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lease = await takeLease(kube, namespace, release, { signal: context.signal });
  lease.lost.addEventListener('abort', () =>
    context.io.warn(`${(lease.lost.reason as Error).message}; stopping after the object in hand`),
  );
  try {
    return await work(AbortSignal.any([context.signal, lease.lost]));
  } finally {
    await lease.release().catch((error: unknown) => {
      context.io.warn(`the Lease stays until it runs out: ${(error as Error).message}`);
    });
  }
}
