import { arrayAt, stringAt } from '../../model/json/json.ts';
import { heldBy, holdsText, isBeingDeleted } from '../../model/kubernetes/deletion.ts';
import { displayName, type KubeObject, nameOf, type ObjectRef } from '../../model/kubernetes/object.ts';
import type { PlannedObject } from '../../model/plan/plan.ts';
import type { PlanInput } from './plan-input.ts';

/** Why an object that is being deleted is made again: an object that goes is never as it was. */
export function whyMadeAgain(current: KubeObject): string {
  const since = stringAt(current, 'metadata', 'deletionTimestamp') ?? '';
  const empty = current.kind === 'PersistentVolumeClaim' ? '; it comes back empty' : '';
  return `it is being deleted since ${since}, and is made again once it is gone${empty}`;
}

/**
 * Why a plan must not be carried out for a finalizer: it keeps what is deleted until whoever set it clears it, which
 * may be never, with the pods gone meanwhile.
 */
export function heldRefusals(
  objects: readonly PlannedObject[],
  { live, options }: PlanInput,
): { ref: ObjectRef; text: string }[] {
  if (options.recreate === true) return [];
  return objects.flatMap(({ action, ref }) => {
    const current = live.find(ref);
    const goes = action === 'recreate' || action === 'delete';
    const holds = current === undefined ? undefined : holdsText(current);
    if (!goes || current === undefined || holds === undefined || isBeingDeleted(current)) return [];
    const what = action === 'delete' ? 'deleted' : 'deleted and made again';
    const text = `${displayName(ref)} would have to be ${what}, and ${holds} until whoever set it clears it; --recreate does that, and waits as long as --timeout says`;
    return [{ ref, text }];
  });
}

/** Claims that would have to be made again and do not go, because pods use them. */
export function claimRefusals(objects: readonly PlannedObject[], { live }: PlanInput): string[] {
  return objects.flatMap(({ action, ref }) => {
    const current = live.find(ref);
    if (action !== 'create' || current === undefined) return [];
    const user = podThatUses(current, live.all('Pod'));
    if (user === undefined) return [];
    return [
      `${displayName(ref)} is being deleted, and goes once no pod uses it: pod/${nameOf(user)} does; delete its pods or wait for them, then restore again`,
    ];
  });
}

/** What a person should know of objects that go, or are to, and that something holds. */
export function deletionWarnings(objects: readonly PlannedObject[], { live }: PlanInput): string[] {
  return objects.flatMap(({ action, ref }) => {
    const current = live.find(ref);
    if (current === undefined || heldBy(current).length === 0) return [];
    const goes = action === 'recreate' || action === 'delete';
    if (!goes && !isBeingDeleted(current)) return [];
    const how = isBeingDeleted(current) ? 'is being deleted' : 'is deleted';
    const wait = action === 'keep' ? '' : '; it is waited for as long as --timeout says';
    return [`${displayName(ref)} ${how}, and ${holdsText(current)} until whoever set it clears it${wait}`];
  });
}

function podThatUses(claim: KubeObject, pods: readonly KubeObject[]): KubeObject | undefined {
  if (claim.kind !== 'PersistentVolumeClaim') return undefined;
  return pods.find((pod) =>
    arrayAt(pod, 'spec', 'volumes').some(
      (volume) => stringAt(volume, 'persistentVolumeClaim', 'claimName') === nameOf(claim),
    ),
  );
}
