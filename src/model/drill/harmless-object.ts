import { arrayAt, cloneJson, isObject, type JsonObject, objectAt, stringAt } from '../json/json.ts';
import { groupOf, type KubeObject, labelsOf } from '../kubernetes/object.ts';
import { isMemcachedWorkload, isWorkload } from '../kubernetes/workload.ts';
import { withoutSignals } from './harmless-annotations.ts';
import { tamePodSpec, withoutClaims } from './harmless-pod.ts';
import { tameService } from './harmless-service.ts';

/** Says of a namespace, and of every object in it that a drill made, by which drill: its id. */
export const DRILL_LABEL = 'memcached-backup/drill';

/** An object of a backup as a drill makes it. */
export type Harmless =
  | {
      object: KubeObject;
      /** What is other than in the backup, a clause each. */
      changes: string[];
    }
  /** It is not made, one clause. */
  | { left: string };

/** What a drill makes of an object. */
export interface DrillTerms {
  /** The drill's id, with which everything is marked. */
  id: string;
  /** The namespace of the drill, in which the object lies already. */
  namespace: string;
  /** Keys of labels that a selector of the release names. */
  selectors: ReadonlySet<string>;
  /** Pods of a Deployment or a StatefulSet; as in the backup where absent. */
  replicas?: number;
}

/** Why objects of a kind of Kubernetes' own are left out. */
const LEFT_KINDS: ReadonlyMap<string, string> = new Map([
  ['networking.k8s.io/Ingress', 'not made: it would take requests of the host that the original serves'],
  [
    'networking.k8s.io/NetworkPolicy',
    "not made: what it lets in or out adds to the drill's own, which lets nothing",
  ],
  ['policy/PodDisruptionBudget', 'not made: it would hold up whoever drains a node'],
  ['autoscaling/HorizontalPodAutoscaler', 'not made: the pods stay as many as the drill says'],
  ['batch/CronJob', 'not made: it would run'],
  ['/PersistentVolumeClaim', 'not made: pods get an empty directory'],
  ['/ResourceQuota', 'not made: it would bind what else is in the namespace'],
  ['/LimitRange', 'not made: it would bind what else is in the namespace'],
]);

/** Kinds that a drill makes; every other one, as all custom resources, makes a controller act that knows of no drill. */
export const DRILL_KINDS = [
  ['v1', 'ConfigMap'],
  ['v1', 'Secret'],
  ['v1', 'Service'],
  ['v1', 'ServiceAccount'],
  ['apps/v1', 'DaemonSet'],
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'StatefulSet'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['rbac.authorization.k8s.io/v1', 'Role'],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
] as const;

const MADE = new Set(DRILL_KINDS.map(([apiVersion, kind]) => `${groupOf(apiVersion)}/${kind}`));

/**
 * The object as a drill makes it beside the original: marked, and without whatever would reach beyond its namespace (an address, a
 * name in DNS, a port of a node, alerts, other pods' places). Pure.
 */
export function harmless(object: KubeObject, terms: DrillTerms): Harmless {
  const kind = stringAt(object, 'kind') ?? '';
  const name = `${groupOf(stringAt(object, 'apiVersion') ?? '')}/${kind}`;
  const left =
    LEFT_KINDS.get(name) ??
    (MADE.has(name) ? undefined : `not made: what acts on a ${kind} knows of no drill`);
  if (left !== undefined) return { left };
  if (isWorkload(object) && !isMemcachedWorkload(object))
    return { left: 'not made: it does not run memcached' };
  if (kind === 'Service' && stringAt(object, 'spec', 'type') === 'ExternalName') {
    return { left: 'not made: it stands for a name outside the namespace' };
  }
  const made = cloneJson(object);
  const metadata = objectAt(made, 'metadata')!;
  const changes = withoutSignals(metadata, terms.selectors);
  const spec = objectAt(made, 'spec');
  if (kind === 'Service' && spec !== undefined) changes.push(...tameService(spec));
  if (kind === 'RoleBinding') {
    const strangers = withoutStrangers(made, terms.namespace);
    if (arrayAt(made, 'subjects').length === 0)
      return { left: 'not made: it gives rights to others than the release' };
    changes.push(...strangers);
  }
  if (isWorkload(made) && spec !== undefined) changes.push(...tameWorkload(made, spec, terms));
  metadata.labels = { ...labelsOf(made), [DRILL_LABEL]: terms.id };
  return { object: made, changes };
}

function tameWorkload(
  workload: KubeObject,
  spec: JsonObject,
  { id, selectors, replicas }: DrillTerms,
): string[] {
  const changes: string[] = [];
  if (replicas !== undefined && workload.kind !== 'DaemonSet') {
    const before = spec.replicas ?? 1;
    spec.replicas = replicas;
    if (before !== replicas) changes.push(`replicas ${replicas} instead of ${String(before)}`);
  }
  if (workload.kind === 'StatefulSet') changes.push(...withoutClaims(spec));
  const template = objectAt(spec, 'template');
  const pod = objectAt(template, 'spec');
  if (template === undefined || pod === undefined) return changes;
  const metadata = isObject(template.metadata) ? template.metadata : {};
  template.metadata = metadata;
  changes.push(...withoutSignals(metadata, selectors), ...tamePodSpec(pod));
  metadata.labels = { ...labelsOf(template), [DRILL_LABEL]: id };
  return changes;
}

/** Only the release's own accounts, which lie in the drill's namespace with it, get what it grants. */
function withoutStrangers(binding: KubeObject, namespace: string): string[] {
  const subjects = arrayAt(binding, 'subjects');
  const own = subjects.filter(
    (subject) =>
      stringAt(subject, 'kind') === 'ServiceAccount' && stringAt(subject, 'namespace') === namespace,
  );
  binding.subjects = own;
  return subjects
    .filter((subject) => !own.includes(subject))
    .map(
      (subject) => `without its ${stringAt(subject, 'kind') ?? 'subject'} ${stringAt(subject, 'name') ?? ''}`,
    );
}
