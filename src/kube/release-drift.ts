import { groupOf, type KubeObject, keyOf, type ObjectRef } from '../model/kubernetes/object.ts';
import { isScaledBy } from '../model/kubernetes/workload.ts';
import { isAbroad } from '../model/release/object-abroad.ts';
import { driftOf } from './drift.ts';
import type { LiveRelease } from './read-release.ts';

/** An object that is not as its Helm release has it. */
export interface DriftedObject {
  ref: ObjectRef;
  /** The manifest's own text of it. */
  manifest: KubeObject;
  /** Fields that differ, "spec.replicas"; or that there is no such object. */
  paths: string[] | 'missing';
}

/**
 * Objects that differ from the manifest of the newest deployed revision, or are missing. Of kinds that may not be
 * read nobody knows what is missing; what lies outside the namespace is missing or there, and no more is known of it.
 */
export function releaseDrift(live: LiveRelease): DriftedObject[] {
  const scalers = live.outlines('HorizontalPodAutoscaler');
  const denied = new Set(live.denied.map(({ type }) => kindOf(type)));
  const unmarked = new Set(live.unmarked.map(keyOf));
  return live.named.flatMap(({ ref, from, manifest, unfinished }): DriftedObject[] => {
    if (manifest === undefined || from !== 'manifest' || unfinished === true) return [];
    if (unmarked.has(keyOf(ref))) return [];
    const object = live.find(ref);
    if (object === undefined) return denied.has(kindOf(ref)) ? [] : [{ ref, manifest, paths: 'missing' }];
    // Of what is outside the namespace only the identity is known.
    if (isAbroad(ref, live.namespaceName)) return [];
    const scaled = scalers.some((hpa) => isScaledBy(object, hpa));
    const paths = driftOf(manifest, object, scaled ? ['spec.replicas'] : []);
    return paths.length === 0 ? [] : [{ ref, manifest, paths }];
  });
}

function kindOf({ apiVersion, kind }: { apiVersion: string; kind: string }): string {
  return `${groupOf(apiVersion)}/${kind}`;
}
