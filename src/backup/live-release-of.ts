import type { KubeClient } from '../kube/client.ts';
import { type LiveRelease, readRelease } from '../kube/read-release.ts';
import type { RestoreSource } from './source.ts';

/**
 * The live release that a backup is of, as readRelease reads it, with objects of every kind that the backup holds, or left out.
 * @param withoutHistory Helm's records are not read.
 */
export function liveReleaseOf(
  kube: KubeClient,
  { document, objects }: RestoreSource,
  { withoutHistory = false }: { withoutHistory?: boolean } = {},
): Promise<LiveRelease> {
  return readRelease(kube, {
    namespace: document.namespace.name,
    release: document.release,
    alsoKinds: [...objects.map(({ ref }) => ref), ...(document.withoutSecrets?.objects ?? [])],
    ...(withoutHistory ? { withoutHistory } : {}),
  });
}
