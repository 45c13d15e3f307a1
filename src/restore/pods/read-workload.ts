import type { KubeClient } from '../../kube/client.ts';
import { objectAt } from '../../model/json/json.ts';
import { type KubeObject, type ObjectRef, stringMap } from '../../model/kubernetes/object.ts';

/** A workload with everything that belongs to it, read at one moment. */
export interface WorkloadNow {
  workload: KubeObject;
  replicaSets: KubeObject[];
  pods: KubeObject[];
}

/**
 * Reads a workload, its ReplicaSets and pods; undefined where it is gone.
 * @param before as it was read last: where it still selects the same, all is read in one round trip.
 */
export async function readWorkload(
  kube: KubeClient,
  ref: ObjectRef,
  before?: WorkloadNow,
): Promise<WorkloadNow | undefined> {
  const likely = before && selectorOf(before.workload);
  const listing = likely === undefined ? undefined : listSelected(kube, ref, likely);
  listing?.catch(() => {});
  const workload = await kube.get(ref);
  if (workload === undefined) return undefined;
  const selector = selectorOf(workload);
  const [replicaSets, pods] = await (selector === likely ? listing! : listSelected(kube, ref, selector));
  return { workload, replicaSets: replicaSets!, pods: pods! };
}

function listSelected(kube: KubeClient, { namespace = '' }: ObjectRef, labelSelector: string) {
  return Promise.all(
    [
      ['apps/v1', 'ReplicaSet'],
      ['v1', 'Pod'],
    ].map(async ([apiVersion, kind]) =>
      kube.list((await kube.resourceType(apiVersion!, kind!))!, { namespace, labelSelector }),
    ),
  );
}

/** matchLabels as a query; matchExpressions are left out, which only makes the answer longer. */
function selectorOf(workload: KubeObject): string {
  const labels = stringMap(objectAt(workload, 'spec', 'selector', 'matchLabels'));
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}
