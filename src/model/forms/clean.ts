import {
  arrayAt,
  cloneJson,
  isObject,
  type Json,
  type JsonObject,
  jsonEqual,
  objectAt,
  valueAt,
} from '../json/json.ts';
import { isFieldOwned } from '../kubernetes/field-ownership.ts';
import { groupOf, type KubeObject } from '../kubernetes/object.ts';

/** One thing that `clean` took out: putting `value` back at `path` undoes it. */
export interface Removal {
  path: (string | number)[];
  /** What stood there before; a list that lost some entries is given whole. */
  value: Json;
}

export interface Cleaned {
  object: KubeObject;
  removed: Removal[];
}

/** Metadata that the API server writes (k8s.io/apimachinery, meta/v1 ObjectMeta: "Populated by the system"). */
const SERVER_METADATA = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'managedFields',
  'ownerReferences',
];

/** Annotations by which controllers tie a claim to a volume; a claim created with them would be Lost. */
export const CLAIM_BINDING = [
  'pv.kubernetes.io/bind-completed',
  'pv.kubernetes.io/bound-by-controller',
  'volume.kubernetes.io/selected-node',
  'volume.kubernetes.io/storage-provisioner',
  'volume.beta.kubernetes.io/storage-provisioner',
];

/** Annotations that controllers and kubectl write, by their own documented names. */
const SERVER_ANNOTATIONS = new Set([
  'deployment.kubernetes.io/revision',
  'deprecated.daemonset.template.generation',
  'kubectl.kubernetes.io/last-applied-configuration',
  ...CLAIM_BINDING,
]);

/** Finalizers that the cluster adds again by itself wherever they are due. */
export const SERVER_FINALIZERS: ReadonlySet<string> = new Set([
  'foregroundDeletion',
  'orphan',
  'kubernetes.io/pvc-protection',
  'service.kubernetes.io/load-balancer-cleanup',
]);

/**
 * The clean form of an object: what a person would write and `kubectl apply -f` takes. Pure and
 * idempotent. It removes named fields only, never a thing because it looks empty: `podSelector: {}` and
 * `emptyDir: {}` mean something.
 */
export function clean(raw: KubeObject): Cleaned {
  const object = cloneJson(raw);
  const removed: Removal[] = [];
  const remove = (...path: (string | number)[]): void => {
    const parent = path.slice(0, -1).reduce<Json | undefined>(child, object);
    const key = path.at(-1)!;
    const value = child(parent, key);
    if (value === undefined || !isObject(parent)) return;
    delete parent[key as string];
    removed.push({ path, value });
  };

  remove('status');
  for (const field of SERVER_METADATA) remove('metadata', field);
  removeAnnotations(object, remove);
  removeFinalizers(object, removed, remove);
  for (const template of TEMPLATES) {
    if (valueAt(object, ...template, 'metadata', 'creationTimestamp') === null)
      remove(...template, 'metadata', 'creationTimestamp');
  }
  for (const index of arrayAt(object, 'spec', 'volumeClaimTemplates').keys())
    remove('spec', 'volumeClaimTemplates', index, 'status');
  for (const path of jobIdentity(object)) remove(...path);
  if (object.kind === 'Service') removeAllocated(raw, object, remove);
  if (object.kind === 'PersistentVolumeClaim') remove('spec', 'volumeName');
  return { object, removed };
}

/** Undoes `clean`: the raw object again, key order aside. */
export function putBack({ object, removed }: Cleaned): KubeObject {
  const raw = cloneJson(object);
  for (const { path, value } of [...removed].reverse()) {
    const parent = path.slice(0, -1).reduce<Json | undefined>(child, raw) as JsonObject;
    parent[path.at(-1) as string] = cloneJson(value);
  }
  return raw;
}

type Remove = (...path: (string | number)[]) => void;

/** Where an object holds the metadata of objects to be made from it. */
const TEMPLATES = [
  ['spec', 'template'],
  ['spec', 'jobTemplate'],
  ['spec', 'jobTemplate', 'spec', 'template'],
];

/** Labels by which a Job finds its pods. */
const JOB_LABELS = ['controller-uid', 'batch.kubernetes.io/controller-uid'];

/**
 * What the API server writes into a Job so that it finds its pods by its own uid (batch/v1 JobSpec.selector):
 * another Job may not carry it.
 */
export function jobIdentity(object: KubeObject): string[][] {
  const isGenerated = valueAt(object, 'spec', 'manualSelector') !== true;
  if (object.kind !== 'Job' || groupOf(String(object.apiVersion)) !== 'batch' || !isGenerated) return [];
  const labels = ['spec', 'template', 'metadata', 'labels'];
  return [['spec', 'selector'], ...JOB_LABELS.map((label) => [...labels, label])];
}

/** A map that holds nothing but the server's annotations goes as a whole. */
function removeAnnotations(object: KubeObject, remove: Remove): void {
  const annotations = Object.keys(objectAt(object, 'metadata', 'annotations') ?? {});
  const servers = annotations.filter((name) => SERVER_ANNOTATIONS.has(name));
  if (servers.length > 0 && servers.length === annotations.length) remove('metadata', 'annotations');
  else for (const name of servers) remove('metadata', 'annotations', name);
}

function removeFinalizers(object: KubeObject, removed: Removal[], remove: Remove): void {
  const before = arrayAt(object, 'metadata', 'finalizers');
  const kept = before.filter((name) => !SERVER_FINALIZERS.has(String(name)));
  if (kept.length === before.length) return;
  if (kept.length === 0) {
    remove('metadata', 'finalizers');
    return;
  }
  removed.push({ path: ['metadata', 'finalizers'], value: before });
  (object.metadata as JsonObject).finalizers = kept;
}

/**
 * Addresses and ports that the API server allocated. A headless Service's "None" was chosen by its author,
 * and so was an address or a nodePort that a field manager owns: allocation comes after ownership is recorded.
 */
function removeAllocated(raw: KubeObject, object: KubeObject, remove: Remove): void {
  if (!isClusterIPChosen(raw)) {
    remove('spec', 'clusterIP');
    remove('spec', 'clusterIPs');
  }
  remove('spec', 'healthCheckNodePort');
  for (const [index, port] of arrayAt(object, 'spec', 'ports').entries()) {
    if (!isNodePortChosen(raw, port)) remove('spec', 'ports', index, 'nodePort');
  }
}

/** Whether somebody asked for this address, or for none. Unknown without managedFields: then it is kept. */
export function isClusterIPChosen(service: KubeObject): boolean {
  if (valueAt(service, 'spec', 'clusterIP') === 'None') return true;
  if (arrayAt(service, 'metadata', 'managedFields').length === 0) return true;
  return isFieldOwned(service, (fields) => objectAt(fields, 'f:spec', 'f:clusterIP') !== undefined);
}

/** Whether somebody asked for this nodePort. Unknown without managedFields: then it is kept. */
export function isNodePortChosen(service: KubeObject, port: Json): boolean {
  const entries = arrayAt(service, 'metadata', 'managedFields');
  if (entries.length === 0) return true;
  const key = { port: valueAt(port, 'port') ?? null, protocol: valueAt(port, 'protocol') ?? 'TCP' };
  return isFieldOwned(service, (fields) => {
    const ports = objectAt(fields, 'f:spec', 'f:ports') ?? {};
    return Object.entries(ports).some(
      ([name, owned]) =>
        name.startsWith('k:') &&
        jsonEqual(JSON.parse(name.slice(2)) as Json, key) &&
        objectAt(owned, 'f:nodePort') !== undefined,
    );
  });
}

function child(parent: Json | undefined, key: string | number): Json | undefined {
  if (Array.isArray(parent)) return parent[key as number];
  return isObject(parent) && Object.hasOwn(parent, key) ? parent[key as string] : undefined;
}
