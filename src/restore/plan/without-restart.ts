import { newestRevision } from '../../model/helm/helm-release.ts';
import { numberAt, objectAt } from '../../model/json/json.ts';
import {
  annotationsOf,
  displayName,
  type KubeObject,
  keyOf,
  type ObjectRef,
} from '../../model/kubernetes/object.ts';
import { referencesOf } from '../../model/kubernetes/references.ts';
import { isMemcachedWorkload } from '../../model/kubernetes/workload.ts';
import type { Plan, PlannedObject } from '../../model/plan/plan.ts';
import type { LeftForRestart, RuntimeChange } from '../../model/plan/runtime.ts';
import { settingText } from '../../output/setting-text.ts';
import { emptiedCaches } from './caches-emptied.ts';
import type { PlanInput } from './plan-input.ts';
import { type PodChange, plannedChanges } from './runtime-changes.ts';

/** Objects by which others end pods: fewer are wanted, or other ones. */
const SCALERS = new Set(['HorizontalPodAutoscaler', 'ScaledObject', 'VerticalPodAutoscaler']);
/** Stakater's Reloader restarts what reads a ConfigMap or a Secret that changed. */
const RELOADER = /^(?:configmap\.|secret\.)?reloader\.stakater\.com\//;

/**
 * Takes out of a plan whatever ends a pod that has a cache: the workload stays as it is, and so does Helm's record, which would
 * say something else. A later plain restore of the same backup writes both. Pure.
 * @param changes what is sent to the running servers.
 */
export function leaveRunning(plan: Plan, input: PlanInput, changes: readonly PodChange[]): Plan {
  const { live } = input;
  const left: LeftForRestart[] = [];
  const reloaded = reloadedRefs(input);
  const leave = (object: PlannedObject, why: string): PlannedObject => {
    const { ref } = object;
    const known = left.find((each) => keyOf(each.ref) === keyOf(ref));
    if (known !== undefined) known.changes.push(...object.changes);
    else
      left.push({
        ref,
        why,
        generation: generationOf(live.find(ref)),
        changes: [...object.changes],
        settings: [],
      });
    return { ...object, action: 'keep', reason: why, changes: [], checked: false };
  };
  const objects = plan.objects.flatMap((object): PlannedObject[] => {
    const { action, ref } = object;
    const current = live.find(ref);
    if (action === 'keep') return [object];
    if (current !== undefined && isMemcachedWorkload(current) && emptiedCaches([object], input).length > 0) {
      const kept = leave(object, 'writing it would end pods');
      // The workload stands in the plan already.
      return action === 'restart' ? [] : [kept];
    }
    if (SCALERS.has(ref.kind)) return [leave(object, 'it may have pods ended')];
    return reloaded.has(keyOf(ref)) ? [leave(object, 'pods are restarted where it changes')] : [object];
  });
  for (const { pod, left: settings } of changes) {
    const of = left.find(({ ref }) => displayName(ref) === pod.workload);
    for (const setting of settings) {
      const isKnown = of?.settings.some(
        ({ key, actual }) => key === setting.key && actual === setting.actual,
      );
      if (of !== undefined && isKnown === false) of.settings.push(setting);
    }
  }
  const runtime = { changes: plannedChanges(changes), left };
  if (runtime.changes.length + left.length === 0) return plan;
  const { proof: _ofPodsAsTheyAre, stuckPods = [], helm, ...rest } = plan;
  const isLeft = new Set(left.map(({ ref }) => keyOf(ref)));
  const stuck = stuckPods.filter(({ workload }) => !isLeft.has(keyOf(workload)));
  return {
    ...rest,
    helm: left.length === 0 ? helm : untouched(helm, input),
    objects,
    ...(stuck.length === 0 ? {} : { stuckPods: stuck }),
    runtime,
    warnings: [...plan.warnings, ...shrinkWarnings(runtime.changes)],
    nothingToDo: false,
  };
}

/** Helm's record says what is there; while the workload is not as the backup has it, none says that it is. */
function untouched(helm: Plan['helm'], { live }: PlanInput): Plan['helm'] {
  if (helm.action === 'keep' || helm.action === 'none') return helm;
  const newest = newestRevision(live.history);
  return newest === undefined ? { action: 'none' } : { action: 'keep', revision: newest.revision };
}

/** What of ConfigMaps and Secrets a restart follows by itself. */
function reloadedRefs({ live }: PlanInput): Set<string> {
  const watched = live.classified
    .map(({ object }) => object)
    .filter((object) => isMemcachedWorkload(object) && isReloaded(object));
  return new Set(
    watched.flatMap((object) =>
      referencesOf(object).map(({ ref }) => keyOf(inNamespace(ref, live.namespaceName))),
    ),
  );
}

function isReloaded(workload: KubeObject): boolean {
  const ofTemplate = objectAt(workload, 'spec', 'template', 'metadata', 'annotations') ?? {};
  return [...Object.keys(annotationsOf(workload)), ...Object.keys(ofTemplate)].some((key) =>
    RELOADER.test(key),
  );
}

function inNamespace(ref: ObjectRef, namespace: string): ObjectRef {
  return { ...ref, namespace: ref.namespace ?? namespace };
}

function generationOf(object: KubeObject | undefined): number {
  return numberAt(object, 'metadata', 'generation') ?? 0;
}

/** memcached 1.6.18, measured: 40 MiB in use stayed so under a limit of 8, and nothing was evicted. */
function shrinkWarnings(changes: readonly RuntimeChange[]): string[] {
  const smaller = changes.flatMap(({ pod, settings }) =>
    settings.flatMap(({ key, from, to }) =>
      key === 'maxbytes' && Number(to) < Number(from) ? [`pod/${pod} (${settingText(key, to)})`] : [],
    ),
  );
  if (smaller.length === 0) return [];
  return [
    `a smaller cache takes no more memory from now on, and gives none back that it uses already before its next start: ${smaller.join(', ')}`,
  ];
}
