import type { KubeClient } from '../kube/client.ts';
import { objectAt } from '../model/json.ts';
import { type KubeObject, type ObjectRef, stringMap } from '../model/object.ts';

/** A Deployment with everything that belongs to it, read at one moment. */
export interface WorkloadNow {
  deployment: KubeObject;
  replicaSets: KubeObject[];
  pods: KubeObject[];
}

/** Reads a Deployment, its ReplicaSets and pods; undefined where the Deployment is gone. */
export async function readWorkload(kube: KubeClient, ref: ObjectRef): Promise<WorkloadNow | undefined> {
  const deployment = await kube.get(ref);
  if (deployment === undefined) return undefined;
  const options = { namespace: ref.namespace ?? '', labelSelector: selectorOf(deployment) };
  const [replicaSets, pods] = await Promise.all(
    [
      ['apps/v1', 'ReplicaSet'],
      ['v1', 'Pod'],
    ].map(async ([apiVersion, kind]) => kube.list((await kube.resourceType(apiVersion!, kind!))!, options)),
  );
  return { deployment, replicaSets: replicaSets!, pods: pods! };
}

/** matchLabels as a query; matchExpressions are left out, which only makes the answer longer. */
function selectorOf(workload: KubeObject): string {
  const labels = stringMap(objectAt(workload, 'spec', 'selector', 'matchLabels'));
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}
