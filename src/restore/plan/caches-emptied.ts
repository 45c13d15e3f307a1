import type { EmptiedCaches } from '../../model/cache/emptying-cost.ts';
import { jsonEqual, objectAt, stringAt, valueAt } from '../../model/json/json.ts';
import { HELD_LABEL } from '../../model/kubernetes/held-rollout.ts';
import { type KubeObject, keyOf, labelsOf, nameOf, uidOf } from '../../model/kubernetes/object.ts';
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
export function cachesEmptied(objects: PlannedObject[], input: PlanInput): number {
  return emptiedCaches(objects, input).reduce((sum, { count }) => sum + count, 0);
}

/** The same by workload, with the pods that may be meant. */
export function emptiedCaches(
  objects: PlannedObject[],
  { source, live, answers }: Pick<PlanInput, 'source' | 'live' | 'answers'>,
): EmptiedCaches[] {
  const emptied = new Map<string, EmptiedCaches>();
  for (const { action, ref, changes } of objects) {
    const current = live.find(ref);
    if (current === undefined || !isMemcachedWorkload(current)) continue;
    const all = podsOfWorkload(current, live.all('ReplicaSet'), live.all('Pod'));
    const fresh = new Set(all.flatMap((each) => (each.current ? [each.pod] : [])));
    const serving = all.flatMap(({ pod }) => (wasNeverReady(pod) || isMemcachedDown(pod) ? [] : [pod]));
    // A paced restore that was cut off holds pods of an older template back, which go when it holds them no more.
    const isHeld = labelsOf(current)[HELD_LABEL] !== undefined;
    const pods = serving.length;
    const some = (count: number, of: KubeObject[] = serving): EmptiedCaches => ({
      pods: of.map(nameOf),
      count: Math.max(0, Math.min(count, of.length)),
    });
    const lost = ((): EmptiedCaches => {
      if (action === 'recreate' || action === 'delete' || action === 'restart') return some(pods);
      if (action !== 'replace') return some(0);
      const answer = answers.get(keyOf(ref));
      if (answer?.kind === 'unasked' && answer.byClient === true) {
        const isTemplateChanged = changes.some((change) => change.startsWith('spec.template'));
        const raw = source.objects.find((object) => keyOf(object.ref) === keyOf(ref))?.raw;
        return some(isTemplateChanged || raw === undefined ? pods : pods - replicasOf(raw));
      }
      if (answer?.kind !== 'accepted') return some(pods);
      const template = (object: KubeObject) => valueAt(object, 'spec', 'template');
      if (staysAsItIs(answer.object)) return some(pods - replicasOf(answer.object));
      const isSame = jsonEqual(template(current), template(answer.object));
      if (!isSame || isHeld) {
        // No old pod goes before a new one has come, and none comes.
        const staysUp = answer.refusesPods !== undefined && podsBefore(answer.object, pods) > 0;
        const isKept = (pod: KubeObject): boolean =>
          isOfTemplate(pod, answer.object, live.all('ReplicaSet')) ||
          (isSame && ref.kind !== 'Deployment' && fresh.has(pod));
        const kept = Math.min(serving.filter(isKept).length, replicasOf(answer.object));
        const others = serving.filter((pod) => !isKept(pod));
        if (staysUp) return some(0);
        return some(pods - kept, others.length === pods - kept ? others : serving);
      }
      return some(pods - replicasOf(answer.object));
    })();
    const known = emptied.get(keyOf(ref));
    if (known === undefined || lost.count > known.count) emptied.set(keyOf(ref), lost);
  }
  return [...emptied.values()].filter(({ count }) => count > 0);
}

/** Whether its pods keep an older template: a partition lets some of them go. */
function staysAsItIs(workload: KubeObject): boolean {
  const isOnDelete = stringAt(workload, 'spec', 'updateStrategy', 'type') === 'OnDelete';
  return isOnDelete || valueAt(workload, 'spec', 'paused') === true;
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
