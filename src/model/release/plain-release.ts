import { objectAt } from '../json/json.ts';
import { type KubeObject, keyOf, labelsOf, refOf } from '../kubernetes/object.ts';
import {
  isMemcachedWorkload,
  isScaledBy,
  isWorkload,
  podTemplateOf,
  selects,
} from '../kubernetes/workload.ts';
import { ownMarkOf, plainNameOf } from './discover.ts';
import type { NamedObject } from './release-objects.ts';

const INSTANCE = 'app.kubernetes.io/instance';

/** Made by controllers for the workload; it will make them again. */
const MADE_BY_CONTROLLERS = new Set([
  'Pod',
  'ReplicaSet',
  'Endpoints',
  'EndpointSlice',
  'ControllerRevision',
  'Event',
]);

/**
 * What belongs to a release of which Helm has no record that can be read: what bears Helm's marks, and what plain
 * YAML of that name owns. Where a memcached workload bears the marks, a plain one of the same name is another's.
 * @param objects everything in the release's namespace.
 */
export function objectsWithoutRecord(
  release: string,
  namespace: string,
  objects: KubeObject[],
): NamedObject[] {
  const marked = objectsMarkedByHelm(release, namespace, objects);
  if (marked.some(({ object }) => isMemcachedWorkload(object))) return marked.map(({ named }) => named);
  return [...marked.map(({ named }) => named), ...plainReleaseObjects(release, objects)];
}

/**
 * What a release of plain YAML owns: its memcached workloads; objects with their instance label; Services, PDBs
 * and NetworkPolicies whose selector, where it is not empty, picks their pods; HPAs that drive them.
 * @param objects everything in the release's namespace.
 */
function plainReleaseObjects(release: string, objects: KubeObject[]): NamedObject[] {
  const free = objects.filter(
    (object) => ownMarkOf(object) === undefined && !MADE_BY_CONTROLLERS.has(String(object.kind)),
  );
  const workloads = free.filter(
    (object) => isMemcachedWorkload(object) && plainNameOf(object).release === release,
  );
  if (workloads.length === 0) return [];
  const found = new Map<string, NamedObject>();
  const add = (object: KubeObject, from: string): void => {
    const ref = refOf(object);
    if (!found.has(keyOf(ref))) found.set(keyOf(ref), { ref, from });
  };
  for (const workload of workloads) add(workload, 'memcached container');
  const isLabelled = (object: KubeObject): boolean => labelsOf(object)[INSTANCE] === release;
  const isByLabel = workloads.some(isLabelled);
  for (const object of free) {
    const because = isByLabel && isLabelled(object) ? `label ${INSTANCE}=${release}` : tie(object, workloads);
    if (because !== undefined) add(object, because);
  }
  return [...found.values()];
}

function objectsMarkedByHelm(
  release: string,
  namespace: string,
  objects: KubeObject[],
): { object: KubeObject; named: NamedObject }[] {
  return objects
    .filter((object) => {
      const mark = ownMarkOf(object);
      return (
        mark?.release === release &&
        mark.namespace === namespace &&
        // A Deployment's annotations are copied to its ReplicaSets.
        !MADE_BY_CONTROLLERS.has(String(object.kind))
      );
    })
    .map((object) => ({
      object,
      named: { ref: refOf(object), from: 'annotation meta.helm.sh/release-name' },
    }));
}

/** How an object is tied to one of the workloads without sharing a label of ownership. */
function tie(object: KubeObject, workloads: KubeObject[]): string | undefined {
  if (isWorkload(object)) return undefined;
  const pods = workloads.map((workload) => ({
    metadata: objectAt(podTemplateOf(workload), 'metadata') ?? {},
  }));
  const picks = (...path: string[]): boolean => pods.some((pod) => selects(objectAt(object, ...path), pod));
  switch (object.kind) {
    case 'Service':
      return picks('spec', 'selector') ? 'selects its pods' : undefined;
    case 'PodDisruptionBudget':
      return picks('spec', 'selector', 'matchLabels') ? 'selects its pods' : undefined;
    case 'NetworkPolicy':
      return picks('spec', 'podSelector', 'matchLabels') ? 'selects its pods' : undefined;
    case 'HorizontalPodAutoscaler':
      return workloads.some((workload) => isScaledBy(workload, object)) ? 'scales it' : undefined;
    default:
      return undefined;
  }
}
