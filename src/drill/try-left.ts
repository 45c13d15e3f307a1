import type { RestoreSource, SourceObject } from '../backup/source.ts';
import type { KubeClient } from '../kube/client.ts';
import type { LiveRelease } from '../kube/read-release.ts';
import { displayName, keyOf } from '../model/kubernetes/object.ts';
import { tryWrites } from '../restore/plan/dry-run.ts';
import { unservedKinds } from '../restore/plan/unserved-kinds.ts';

/** In the words of RBAC (k8s.io/apiserver/pkg/endpoints/handlers/responsewriters, ForbiddenStatusError): it never came to the object. */
const LACKS_RIGHT = / cannot create resource /;

/**
 * Asks the server whether it would take what a drill leaves out, and makes nothing of it.
 * @returns what it would not, or could not be asked about, a clause each.
 */
export async function tryLeft(
  kube: KubeClient,
  left: SourceObject[],
  source: RestoreSource,
  live: LiveRelease,
): Promise<string[]> {
  if (left.length === 0) return [];
  const unserved = (await unservedKinds(kube, left)).flatMap(({ objects }) => objects);
  const missing = new Set(unserved.map(keyOf));
  const objects = left.filter(({ ref }) => !missing.has(keyOf(ref)));
  const answers = await tryWrites(kube, { ...source, objects }, live, { objects });
  return [
    ...unserved.map((ref) => `${displayName(ref)}: the cluster does not serve ${ref.apiVersion} ${ref.kind}`),
    ...objects.flatMap(({ ref }) => {
      const answer = answers.get(keyOf(ref));
      if (answer?.kind === 'refused' && LACKS_RIGHT.test(answer.message))
        return [`${displayName(ref)} was not tried: ${answer.message}`];
      if (answer?.kind === 'refused')
        return [`${displayName(ref)}: the server would refuse it: ${answer.message}`];
      return answer?.kind === 'unasked' ? [`${displayName(ref)} was not tried: ${answer.why}`] : [];
    }),
  ];
}
