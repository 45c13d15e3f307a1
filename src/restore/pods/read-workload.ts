import type { KubeClient } from '../../kube/client.ts';
import { objectAt } from '../../model/json/json.ts';
import { type KubeObject, type ObjectRef, stringMap } from '../../model/kubernetes/object.ts';

/** A workload with everything that belongs to it, read at one moment. */
export interface WorkloadNow {
  workload: KubeObject;
  replicaSets: KubeObject[];
  pods: KubeObject[];
}

/** Reads a workload, its ReplicaSets and pods; undefined where it is gone. */
export async function readWorkload(kube: KubeClient, ref: ObjectRef): Promise<WorkloadNow | undefined> {
  const workload = await kube.get(ref);
  if (workload === undefined) return undefined;
  const options = { namespace: ref.namespace ?? '', labelSelector: selectorOf(workload) };
  const [replicaSets, pods] = await Promise.all(
    [
      ['apps/v1', 'ReplicaSet'],
      ['v1', 'Pod'],
    ].map(async ([apiVersion, kind]) => kube.list((await kube.resourceType(apiVersion!, kind!))!, options)),
  );
  return { workload, replicaSets: replicaSets!, pods: pods! };
}

/** matchLabels as a query; matchExpressions are left out, which only makes the answer longer. */
function selectorOf(workload: KubeObject): string {
  const labels = stringMap(objectAt(workload, 'spec', 'selector', 'matchLabels'));
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}
