import type { Role } from './backup.ts';
import { currentRevisions, type HelmRevision, hooksOf, manifestOf } from './helm-release.ts';
import { arrayAt, isObject, type Json, stringAt } from './json.ts';
import { displayName, groupOf, type KubeObject, keyOf, type ObjectRef, refOf } from './object.ts';
import { referencesOf } from './references.ts';
import { parseYamlStream } from './yaml.ts';

/** An object that belongs to a release. */
export interface NamedObject {
  ref: ObjectRef;
  /** Why: "manifest" or "hook" of a Helm release; for plain YAML, what ties it to the workload. */
  from: string;
  /** The manifest's own text of it; absent for plain YAML. */
  manifest?: KubeObject;
}

/** A live object and where it belongs. */
export interface PlacedObject {
  object: KubeObject;
  ref: ObjectRef;
  role: Role;
  from: string;
}

/**
 * What the release's current manifests and hooks name. Names are read from the manifest, never guessed from
 * the release's name. An object without a namespace lies in the release's.
 * @param isNamespaced tells namespaced kinds from cluster-wide ones.
 */
export function namedObjects(
  history: HelmRevision[],
  namespace: string,
  isNamespaced: (apiVersion: string, kind: string) => boolean,
): NamedObject[] {
  const found = new Map<string, NamedObject>();
  for (const revision of currentRevisions(history)) {
    const texts = [
      { from: 'manifest' as const, text: manifestOf(revision) },
      ...hooksOf(revision).map((hook) => ({ from: 'hook' as const, text: hook.manifest })),
    ];
    for (const { from, text } of texts) {
      for (const manifest of parseYamlStream(text).flatMap(unfoldList)) {
        const { namespace: ownNamespace, ...ref } = refOf(manifest);
        const place = isNamespaced(ref.apiVersion, ref.kind) ? { namespace: ownNamespace ?? namespace } : {};
        const named = { ref: { ...ref, ...place }, from, manifest };
        const key = keyOf(named.ref);
        // A later revision's text wins; an object that is also a hook is still one of the manifest's.
        if (found.get(key)?.from !== 'manifest' || from === 'manifest') found.set(key, named);
      }
    }
  }
  return [...found.values()];
}

function unfoldList(value: Json): KubeObject[] {
  if (!isObject(value) || typeof value.kind !== 'string') return [];
  if (value.kind === 'List' && value.apiVersion === 'v1') return arrayAt(value, 'items').flatMap(unfoldList);
  return [value];
}

/**
 * Places the live objects of a release: owned where a manifest names them, referenced where an owned one
 * names them, recorded only where a restore must not write them.
 * @param live looks an object up by its reference.
 * @returns owned ones in the manifest's order, then referenced ones, and what is named but not there.
 */
export function placeObjects(
  named: NamedObject[],
  namespace: string,
  live: (ref: ObjectRef) => KubeObject | undefined,
): { placed: PlacedObject[]; missing: ObjectRef[] } {
  const placed = new Map<string, PlacedObject>();
  const missing: ObjectRef[] = [];
  const place = (ref: ObjectRef, role: Role, from: string): void => {
    const key = keyOf(ref);
    if (placed.has(key)) return;
    const object = live(ref);
    if (object === undefined) missing.push(ref);
    else {
      const onlyRecorded = recordedOnly(object, namespace);
      placed.set(key, {
        object,
        ref: refOf(object),
        role: onlyRecorded === undefined ? role : 'recorded',
        from: onlyRecorded === undefined ? from : `${from}; ${onlyRecorded}`,
      });
    }
  };
  for (const { ref, from } of named) place(ref, 'owned', from);
  // A referenced ServiceAccount names Secrets in its turn, so the list grows while it is walked.
  const toFollow = [...placed.values()];
  for (const { object, ref: owner, role } of toFollow) {
    if (role === 'recorded') continue;
    for (const { ref, by } of referencesOf(object)) {
      const before = placed.size;
      place({ ...ref, namespace }, 'referenced', `${displayName(owner)} ${by}`);
      if (placed.size > before) toFollow.push([...placed.values()].at(-1)!);
    }
  }
  return { placed: [...placed.values()], missing };
}

/** Why an object must never be written by a restore; undefined where it may be. */
export function recordedOnly(object: KubeObject, namespace: string): string | undefined {
  const ref = refOf(object);
  if (ref.namespace === undefined) return 'cluster-wide';
  if (ref.namespace !== namespace) return `in namespace ${ref.namespace}`;
  const controller = arrayAt(object, 'metadata', 'ownerReferences').find(
    (owner) => isObject(owner) && owner.controller === true,
  );
  if (controller !== undefined) {
    return `controlled by ${stringAt(controller, 'kind') ?? '?'} ${stringAt(controller, 'name') ?? '?'}`;
  }
  if (groupOf(ref.apiVersion) !== '') return undefined;
  if (ref.kind === 'Secret' && stringAt(object, 'type') === 'kubernetes.io/service-account-token') {
    return 'a ServiceAccount token';
  }
  if (ref.kind === 'ConfigMap' && ref.name === 'kube-root-ca.crt') return 'made by the cluster';
  if (ref.kind === 'ServiceAccount' && ref.name === 'default') return 'made by the cluster';
  return undefined;
}
