import type { KubeClient } from '../kube/client.ts';
import { type LiveRelease, type ReleaseReading, readRelease } from '../kube/read-release.ts';
import type { RestoreSource } from './source.ts';

/**
 * The live release that a backup is of, as readRelease reads it, with objects of every kind that the backup holds, or left out.
 * @param withoutHistory Helm's records are not read.
 * @param begun a reading that is under way; one of another release is none.
 */
export function liveReleaseOf(
  kube: KubeClient,
  { document, objects }: RestoreSource,
  { withoutHistory = false, begun }: { withoutHistory?: boolean; begun?: ReleaseReading | undefined } = {},
): Promise<LiveRelease> {
  const { release } = document;
  const namespace = document.namespace.name;
  const isIt = begun?.namespace === namespace && begun.release === release;
  return readRelease(kube, {
    namespace,
    release,
    ...(isIt ? { begun } : {}),
    alsoKinds: [...objects.map(({ ref }) => ref), ...(document.withoutSecrets?.objects ?? [])],
    ...(withoutHistory ? { withoutHistory } : {}),
  });
}
