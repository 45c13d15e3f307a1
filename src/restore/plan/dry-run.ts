import type { RestoreSource, SourceObject } from '../../backup/source.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { LiveRelease } from '../../kube/read-release.ts';
import { creationForm, replacementForm } from '../../model/forms/write-form.ts';
import { isBeingDeleted } from '../../model/kubernetes/deletion.ts';
import { writingManager } from '../../model/kubernetes/field-ownership.ts';
import { type KubeObject, keyOf, labelsOf, type ObjectRef } from '../../model/kubernetes/object.ts';
import { isScaledBy, isWorkload } from '../../model/kubernetes/workload.ts';
import { createObject, type LostAddress } from '../write/create-object.ts';

/** What the API server said to a write that it was asked to try (dryRun=All). */
export type DryRunAnswer =
  | {
      kind: 'accepted';
      object: KubeObject;
      /** Addresses that a Service would not get back; absent where none is known. */
      lost?: LostAddress[];
      /** Why the namespace's Pod Security refuses the pods that it makes, in the server's words; absent where it does not. */
      refusesPods?: string;
    }
  | { kind: 'refused'; status: number; reason: string; message: string }
  /** Nobody could be asked; `byClient`: nobody was to be, and clean forms are compared instead. */
  | { kind: 'unasked'; why: string; byClient?: true };

/** The manager that a restore writes Helm's objects as. */
export const HELM_MANAGER = 'helm';

/** Whether an HPA drives this workload once the restore is done: its replica count is then left alone. */
export function isAutoscaled(object: KubeObject, source: RestoreSource, live: LiveRelease): boolean {
  if (!isWorkload(object)) return false;
  const scalers = [
    ...source.objects.filter(({ raw }) => raw.kind === 'HorizontalPodAutoscaler').map(({ raw }) => raw),
    ...live
      .all('HorizontalPodAutoscaler')
      .filter((hpa) => !live.classified.some((classified) => classified.object === hpa)),
  ];
  return scalers.some((hpa) => isScaledBy(object, hpa));
}

/** What would be sent to bring an object back over its live state, or to create it. */
export function formToWrite(object: SourceObject, source: RestoreSource, live: LiveRelease): KubeObject {
  const current = live.find(object.ref);
  return current === undefined
    ? creationForm(object.raw)
    : replacementForm(object.raw, current, isAutoscaled(object.raw, source, live));
}

/** Tells which referenced objects are replaced where they exist; by default none is. */
export type ReferencedToo = (ref: ObjectRef) => boolean;

/** Claims are never written over; referenced objects that exist are kept, for others may share them. */
function isLeftAlone({ ref, entry }: SourceObject, referencedToo: ReferencedToo): boolean {
  return ref.kind === 'PersistentVolumeClaim' || (entry.role === 'referenced' && !referencedToo(ref));
}

/**
 * Asks the server what every write of the restore would give, without writing. Its answers show what would
 * really change (defaults and webhooks applied) and what would be refused.
 * @param asked objects: those of the backup to ask about, all where absent.
 * @returns answers by the object's key.
 */
export async function tryWrites(
  kube: KubeClient,
  source: RestoreSource,
  live: LiveRelease,
  asked: { objects?: SourceObject[]; referencedToo?: ReferencedToo | undefined } = {},
): Promise<Map<string, DryRunAnswer>> {
  const { objects = source.objects, referencedToo = () => false } = asked;
  const answers = await Promise.all(
    objects.map(async (object): Promise<[string, DryRunAnswer]> => {
      const key = keyOf(object.ref);
      if (live.namespace === undefined)
        return [key, { kind: 'unasked', why: 'its namespace does not exist yet' }];
      const current = live.find(object.ref);
      if (current !== undefined && isBeingDeleted(current))
        return [key, { kind: 'unasked', why: 'it is being deleted' }];
      if (current !== undefined && isLeftAlone(object, referencedToo))
        return [key, { kind: 'unasked', why: 'it is left as it is' }];
      return [key, await tryWrite(kube, object, source, live)];
    }),
  );
  return new Map(answers);
}

async function tryWrite(
  kube: KubeClient,
  object: SourceObject,
  source: RestoreSource,
  live: LiveRelease,
): Promise<DryRunAnswer> {
  const exists = live.find(object.ref) !== undefined;
  const warned: string[] = [];
  const options = {
    fieldManager: writingManager(object.raw, HELM_MANAGER),
    dryRun: true,
    onWarning: (text: string) => void warned.push(text),
  };
  const told = (): { refusesPods?: string } => {
    const refusesPods = warned.find((text) => isEnforced(text, live));
    return refusesPods === undefined ? {} : { refusesPods };
  };
  let form = formToWrite(object, source, live);
  for (let attempt = 1; ; attempt++) {
    try {
      if (exists) return { kind: 'accepted', object: await kube.replace(form, options), ...told() };
      const create = (asking: KubeObject) => kube.create(asking, options);
      const { object: created, lost } = await createObject(object.raw, source, create);
      return { kind: 'accepted', object: created, ...(lost.length === 0 ? {} : { lost }), ...told() };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // A controller that writes status at this moment is no refusal.
      const current = exists && error.status === 409 && attempt < 5 ? await kube.get(object.ref) : undefined;
      if (current === undefined) return refusalOf(error, object.ref);
      form = replacementForm(object.raw, current, isAutoscaled(object.raw, source, live));
    }
  }
}

/**
 * Pod Security takes each workload and refuses its pods; of a workload it only warns, by the level to warn of, which is
 * the enforced one where nobody set it (k8s.io/pod-security-admission/api, PolicyToEvaluate).
 */
function isEnforced(warning: string, { namespace }: LiveRelease): boolean {
  const [, level] = /^would violate PodSecurity "(\w+):/.exec(warning) ?? [];
  const enforced = namespace && labelsOf(namespace)['pod-security.kubernetes.io/enforce'];
  return level !== undefined && level === enforced;
}

function refusalOf(error: ApiError, ref: ObjectRef): DryRunAnswer {
  // Whoever may not bind every role has to hold this one's rules, and the server can't read them yet.
  if (error.status === 404 && ref.kind === 'RoleBinding') {
    return { kind: 'unasked', why: 'the role that it binds does not exist yet' };
  }
  if (error.status === 400 && /dry run/i.test(error.message)) {
    return { kind: 'unasked', why: 'an admission webhook does not support dry run' };
  }
  return { kind: 'refused', status: error.status, reason: error.reason, message: error.message };
}
