import type { RestoreSource } from '../../backup/source.ts';
import type { LiveRelease } from '../../kube/read-release.ts';
import { type KubeObject, keyOf, type ObjectRef } from '../../model/kubernetes/object.ts';

/**
 * Where the users of a server started with -Y stand while a release is restored: as the backup has them, and as the cluster had
 * them before. Which of the two a pod was started with, it alone knows.
 */
export function loginFinders({
  source,
  live,
}: {
  source: RestoreSource;
  live: LiveRelease;
}): ((ref: ObjectRef) => KubeObject | undefined)[] {
  const restored = new Map(source.objects.map(({ ref, raw }) => [keyOf(ref), raw]));
  return [
    (ref) => restored.get(keyOf(ref)) ?? live.find(ref),
    (ref) => live.find(ref) ?? restored.get(keyOf(ref)),
  ];
}
