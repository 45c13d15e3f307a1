import { spellAdvice } from '../../advice/spell.ts';
import type { LiveRelease } from '../../kube/read-release.ts';
import { clean } from '../../model/forms/clean.ts';
import { jsonEqual, numberAt, objectAt } from '../../model/json/json.ts';
import { foreignManager } from '../../model/kubernetes/foreign-manager.ts';
import { displayName, groupOf, type KubeObject, keyOf, refOf } from '../../model/kubernetes/object.ts';
import { pausedRollout } from '../../model/kubernetes/paused-rollout.ts';
import { referencesOf } from '../../model/kubernetes/references.ts';
import {
  isMemcachedWorkload,
  isWorkload,
  podTemplateOf,
  replicasOf,
  selects,
} from '../../model/kubernetes/workload.ts';
import type { PlannedObject } from '../../model/plan/plan.ts';
import { ownMarkOf, type ReleaseName } from '../../model/release/discover.ts';
import { movedImages } from './moved-images.ts';
import type { PlanInput } from './plan-input.ts';

/** Objects of the release that something else would put back at once, and how to suspend that. */
export function managedByOthers({ live, spelling }: Pick<PlanInput, 'live' | 'spelling'>): string[] {
  const managed = live.classified.flatMap(({ object, ref }) => {
    // Pods and ReplicaSets are controlled by the workload itself, and never written.
    const manager = ref.kind === 'Pod' || ref.kind === 'ReplicaSet' ? undefined : foreignManager(object);
    return manager === undefined ? [] : [{ manager, what: displayName(ref) }];
  });
  return [...Map.groupBy(managed, ({ manager }) => manager.name).values()].map((group) => {
    const { name, suspend } = group[0]!.manager;
    return `${name} manages ${group.map(({ what }) => what).join(', ')} and would revert this (${spellAdvice(suspend, spelling)})`;
  });
}

/**
 * Objects of the backup that another Helm release took since: its next upgrade would take them back, or its
 * uninstall delete them. Marks that an object had at the backup already tell nothing new.
 */
export function takenByOthers({
  source,
  live,
  options,
}: Pick<PlanInput, 'source' | 'live' | 'options'>): string[] {
  return source.objects.flatMap(({ ref, raw, entry }) => {
    const mark = otherOwner(live.find(ref), live);
    const was = ownMarkOf(raw);
    const isNews = was?.release !== mark?.release || was?.namespace !== mark?.namespace;
    if (mark === undefined || !isNews || entry.role !== 'owned' || options.mayWrite?.(ref) === false)
      return [];
    return [
      `${displayName(ref)} belongs to Helm release ${mark.namespace}/${mark.release} now, and would be written over`,
    ];
  });
}

/** The Helm release, if another than this one, that an object is marked as belonging to. */
export function otherOwner(
  object: KubeObject | undefined,
  { release, namespaceName }: Pick<LiveRelease, 'release' | 'namespaceName'>,
): ReleaseName | undefined {
  const mark = object === undefined ? undefined : ownMarkOf(object);
  return mark?.release === release && mark.namespace === namespaceName ? undefined : mark;
}

/** What a person should know before saying yes, read off the objects alone. */
export function planWarnings(objects: PlannedObject[], input: PlanInput): string[] {
  return [
    ...referencedThatDiffer(input),
    ...unreadConfigMaps(objects, input),
    ...interruptions(objects, input),
    ...movedImages(input.source.pods, withNewPods(objects), input.live),
  ];
}

/** Workloads that the plan makes new pods for. */
function withNewPods(objects: PlannedObject[]): Set<string> {
  const isNew = ({ action, changes }: PlannedObject): boolean =>
    action === 'create' ||
    action === 'recreate' ||
    action === 'restart' ||
    (action === 'replace' && changes.some((change) => /^spec\.(template|replicas)/.test(change)));
  return new Set(objects.filter(isNew).map(({ ref }) => displayName(ref)));
}

function referencedThatDiffer({ source, live, options }: PlanInput): string[] {
  return source.objects.flatMap(({ ref, raw, entry }) => {
    const current = live.find(ref);
    if (entry.role !== 'referenced' || current === undefined || ref.kind === 'PersistentVolumeClaim')
      return [];
    if (options.referencedToo?.(ref) === true || options.mayWrite?.(ref) === false) return [];
    if (jsonEqual(clean(raw).object, clean(current).object)) return [];
    return [
      `${displayName(ref)} differs from the backup and is left as it is, for others may use it too; --include-referenced replaces it`,
    ];
  });
}

/** The trap of many a runbook: settings in a ConfigMap, while the container has its own arguments. */
function unreadConfigMaps(objects: PlannedObject[], { source }: PlanInput): string[] {
  const read = new Set(
    source.objects.flatMap(({ raw }) =>
      referencesOf(raw).map(({ ref }) => keyOf({ ...ref, namespace: source.document.namespace.name })),
    ),
  );
  return objects.flatMap(({ ref, action }) => {
    const isWritten = action === 'create' || action === 'replace' || action === 'recreate';
    if (ref.kind !== 'ConfigMap' || groupOf(ref.apiVersion) !== '' || !isWritten) return [];
    if (read.has(keyOf({ ...ref, namespace: source.document.namespace.name }))) return [];
    return [
      `no pod of the release reads ${displayName(ref)}: restoring it changes no setting by itself (args and env do)`,
    ];
  });
}

/** Pods that are replaced with none beside them, budgets that hold a restart up, pods that stay as they are. */
function interruptions(
  objects: PlannedObject[],
  { source, live, answers, options, spelling }: PlanInput,
): string[] {
  return objects.flatMap((planned) => {
    const current = live.find(planned.ref);
    if (current === undefined || !isWorkload(current) || !isMemcachedWorkload(current)) return [];
    const isReplaced =
      planned.action === 'recreate' ||
      planned.action === 'restart' ||
      (planned.action === 'replace' && planned.changes.some((change) => change.startsWith('spec.template')));
    if (!isReplaced) return [];
    const name = displayName(planned.ref);
    const wanted = source.objects.find(({ ref }) => keyOf(ref) === keyOf(planned.ref))?.raw ?? current;
    const held = planned.action === 'replace' ? pausedRollout(wanted, options.operation) : undefined;
    if (held !== undefined) {
      return [
        `the pods of ${name} keep their old settings, because ${held.why}: ${spellAdvice(held.next, spelling)}`,
      ];
    }
    const found: string[] = [];
    // An autoscaler's count is the live one, whatever the backup had: the server's answer tells.
    const answer = answers.get(keyOf(planned.ref));
    const becomes = answer?.kind === 'accepted' ? answer.object : wanted;
    if (replicasOf(becomes) === 1) {
      const count = replicasOf(current);
      found.push(
        count > 1
          ? `${name} has one replica at the backup and ${count} now: clients meet one empty cache`
          : `${name} has one replica: clients meet an empty cache, and may meet none for a moment`,
      );
    }
    if (planned.action !== 'restart') return found;
    const labels = objectAt(podTemplateOf(current), 'metadata');
    const blocking = live.all('PodDisruptionBudget').filter((budget) => {
      const matches = selects(objectAt(budget, 'spec', 'selector', 'matchLabels'), {
        metadata: labels ?? {},
      });
      return matches && numberAt(budget, 'status', 'disruptionsAllowed') === 0;
    });
    for (const budget of blocking) {
      found.push(`${displayName(refOf(budget))} allows no disruption now: ${name} waits for it`);
    }
    return found;
  });
}
