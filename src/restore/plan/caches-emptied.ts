import { jsonEqual, objectAt, valueAt } from '../../model/json/json.ts';
import { type KubeObject, keyOf, uidOf } from '../../model/kubernetes/object.ts';
import { podsBefore } from '../../model/kubernetes/pod-turnover.ts';
import { isMemcachedDown, wasNeverReady } from '../../model/kubernetes/stuck-pods.ts';
import {
  controllerUid,
  isMemcachedWorkload,
  podsOfWorkload,
  replicasOf,
} from '../../model/kubernetes/workload.ts';
import type { PlannedObject } from '../../model/plan/plan.ts';
import type { PlanInput } from './plan-input.ts';

/** memcached pods that run and end: their workload's template changes, it is recreated, deleted, restarted or shrinks. */
export function cachesEmptied(objects: PlannedObject[], { source, live, answers }: PlanInput): number {
  const emptied = new Map<string, number>();
  for (const { action, ref, changes } of objects) {
    const current = live.find(ref);
    if (current === undefined || !isMemcachedWorkload(current)) continue;
    const serving = podsOfWorkload(current, live.all('ReplicaSet'), live.all('Pod')).filter(
      ({ pod }) => !wasNeverReady(pod) && !isMemcachedDown(pod),
    );
    const pods = serving.length;
    const lost = ((): number => {
      if (action === 'recreate' || action === 'delete' || action === 'restart') return pods;
      if (action !== 'replace') return 0;
      const answer = answers.get(keyOf(ref));
      if (answer?.kind === 'unasked' && answer.byClient === true) {
        const isTemplateChanged = changes.some((change) => change.startsWith('spec.template'));
        const raw = source.objects.find((object) => keyOf(object.ref) === keyOf(ref))?.raw;
        return isTemplateChanged || raw === undefined ? pods : Math.max(0, pods - replicasOf(raw));
      }
      if (answer?.kind !== 'accepted') return pods;
      const template = (object: KubeObject) => valueAt(object, 'spec', 'template');
      if (!jsonEqual(template(current), template(answer.object))) {
        // No old pod goes before a new one has come, and none comes.
        const staysUp = answer.refusesPods !== undefined && podsBefore(answer.object, pods) > 0;
        const kept = serving.filter(({ pod }) => isOfTemplate(pod, answer.object, live.all('ReplicaSet')));
        return staysUp ? 0 : pods - Math.min(kept.length, replicasOf(answer.object));
      }
      return Math.max(0, pods - replicasOf(answer.object));
    })();
    emptied.set(keyOf(ref), Math.max(lost, emptied.get(keyOf(ref)) ?? 0));
  }
  return [...emptied.values()].reduce((sum, count) => sum + count, 0);
}

/**
 * Whether a Deployment that gets this template goes back to the ReplicaSet that a pod is of, and so keeps it: after a rollout
 * that got stuck (k8s.io/kubernetes/pkg/controller/deployment/util, FindNewReplicaSet: equal but for pod-template-hash).
 */
function isOfTemplate(pod: KubeObject, deployment: KubeObject, replicaSets: readonly KubeObject[]): boolean {
  const owner = replicaSets.find((set) => uidOf(set) !== undefined && uidOf(set) === controllerUid(pod));
  const { 'pod-template-hash': _, ...labels } =
    objectAt(owner, 'spec', 'template', 'metadata', 'labels') ?? {};
  const template = objectAt(owner, 'spec', 'template');
  if (template === undefined) return false;
  const plain = { ...template, metadata: { ...objectAt(template, 'metadata'), labels } };
  return jsonEqual(plain, valueAt(deployment, 'spec', 'template'));
}
