import { setImmediate } from 'node:timers/promises';
import { withDeadline } from '../kube/deadline.ts';
import type { CommandContext } from '../session/context.ts';
import type { AreaCheck, DoctorContext } from './doctor-context.ts';
import type { DoctorScope } from './doctor-scope.ts';
import { EarlyReads } from './early-reads.ts';

/** Longest that one request may take, retries included, milliseconds: half a cluster must not hold doctor up. */
export const REQUEST_DEADLINE_MS = 10_000;

/**
 * Reads what doctor and status work with: every list at once, then the releases. Writes nothing.
 * @throws UnreachableError, ApiError where the API server gives no answer at all.
 */
export async function openDoctorContext(
  options: DoctorScope,
  context: CommandContext,
): Promise<{ doctor: DoctorContext; checks: AreaCheck[] }> {
  const kube = withDeadline(await context.kube(), REQUEST_DEADLINE_MS);
  const namespace = options.allNamespaces ? undefined : kube.namespace;
  const { clusterName } = options;
  const reads = new EarlyReads({ kube, namespace, clusterName, session: context });
  // Connecting takes round trips, in which the rest is loaded.
  void reads.connection();
  await setImmediate();
  const { readDoctorContext } = await import('./read-doctor-context.ts');
  return readDoctorContext(reads, options, context);
}
