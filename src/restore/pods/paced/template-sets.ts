import { type JsonObject, jsonEqual, numberAt, objectAt } from '../../../model/json/json.ts';
import { type KubeObject, uidOf } from '../../../model/kubernetes/object.ts';
import { controllerUid, podsOfWorkload } from '../../../model/kubernetes/workload.ts';
import type { WorkloadNow } from '../read-workload.ts';

/** How far a held Deployment is. */
export interface Turnover {
  /** Pods that its new template's ReplicaSet is to have, and those of all others. */
  arriving: number;
  leaving: number;
  /** Pods of the new template that are there and stay. */
  fresh: KubeObject[];
  /** Those of other templates. */
  old: KubeObject[];
}

/**
 * Told by templates: while a Deployment is paused, its controller makes no ReplicaSet of a new template, and the revision that
 * the Deployment names is still the old one's.
 */
export function turnoverOf({ workload, replicaSets, pods }: WorkloadNow): Turnover {
  const own = replicaSets.filter((set) => controllerUid(set) === uidOf(workload));
  const fresh = own.find((set) => isOfTemplate(set, workload));
  const wanted = (set: KubeObject): number => numberAt(set, 'spec', 'replicas') ?? 0;
  const others = own.filter((set) => set !== fresh);
  const running = podsOfWorkload(workload, replicaSets, pods).map(({ pod }) => pod);
  const isFresh = (pod: KubeObject): boolean => fresh !== undefined && controllerUid(pod) === uidOf(fresh);
  return {
    arriving: fresh === undefined ? 0 : wanted(fresh),
    leaving: others.reduce((sum, set) => sum + wanted(set), 0),
    fresh: running.filter(isFresh),
    old: running.filter((pod) => !isFresh(pod)),
  };
}

/** Equal but for pod-template-hash (k8s.io/kubernetes/pkg/controller/deployment/util, FindNewReplicaSet). */
function isOfTemplate(set: KubeObject, deployment: KubeObject): boolean {
  const template = objectAt(set, 'spec', 'template');
  const { 'pod-template-hash': _, ...labels } = objectAt(template, 'metadata', 'labels') ?? {};
  const plain: JsonObject = { ...template, metadata: { ...objectAt(template, 'metadata'), labels } };
  return jsonEqual(plain, objectAt(deployment, 'spec', 'template') ?? {});
}
