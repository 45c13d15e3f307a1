import { installedRelease } from '../../scripts/build/warm-up-release.ts';
import { ModelServer } from './api-server.ts';
import { aDeployment, aPod, aReplicaSet } from './objects.ts';

/** The installed release "cart" beside a Deployment "copy" that bears its marks, and which its record does not name; pod "copy-1-a". */
export function releaseBesideMarkedCopy(): ModelServer {
  const copy = aDeployment('copy')
    .annotated({ 'meta.helm.sh/release-name': 'cart', 'meta.helm.sh/release-namespace': 'shop' })
    .served();
  const set = aReplicaSet(copy.object).served();
  const pod = aPod('copy-1-a', set.object).served();
  const planted = [copy, set, pod].map(({ object }) => object);
  return new ModelServer([...installedRelease().objects, ...planted]);
}
