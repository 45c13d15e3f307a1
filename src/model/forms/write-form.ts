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
import { annotationsOf, type KubeObject } from '../kubernetes/object.ts';
import {
  CLAIM_BINDING,
  isClusterIPChosen,
  isNodePortChosen,
  jobIdentity,
  SERVER_FINALIZERS,
} from './clean.ts';

/**
 * The write form: what a POST or PUT sends so that the object becomes what it was at the backup, made from
 * the raw copy and, for a PUT, from the live object. Unlike the clean form it keeps kubectl's last-applied
 * annotation: without it `kubectl apply` of the original would warn and report a change.
 */

const NEVER_SENT = [
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

/** Counters of the Deployment and DaemonSet controllers, which count on from the live value. */
export const CONTROLLER_COUNTERS = [
  'deployment.kubernetes.io/revision',
  'deprecated.daemonset.template.generation',
];

/** The object to POST where it does not exist. */
export function creationForm(raw: KubeObject): KubeObject {
  const object = base(raw);
  const metadata = object.metadata as JsonObject;
  dropServersFinalizers(metadata);
  dropAnnotations(metadata, CONTROLLER_COUNTERS);
  const spec = objectAt(object, 'spec');
  if (object.kind === 'Service' && spec !== undefined) {
    if (!isClusterIPChosen(raw)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    delete spec.healthCheckNodePort;
    for (const port of arrayAt(spec, 'ports')) {
      if (isObject(port) && !isNodePortChosen(raw, port)) delete port.nodePort;
    }
  }
  takeJobIdentity(object, {});
  dropBinding(object);
  return object;
}

/**
 * The object without what controllers write into it as soon as it is there: finalizers, and the volume that a
 * claim is bound to. None of that is a change that somebody made.
 */
export function unbound(object: KubeObject): KubeObject {
  const copy = cloneJson(object);
  const metadata = objectAt(copy, 'metadata');
  if (metadata !== undefined) dropServersFinalizers(metadata);
  dropBinding(copy);
  return copy;
}

/**
 * The object to PUT over `live`: exact, but for what the cluster allocates or keeps for itself
 * (resourceVersion, uid, finalizers, owners, addresses and unchosen node ports), which is taken from `live`.
 * @param keepLiveReplicas an HPA drives this workload: its count is the live one.
 */
export function replacementForm(raw: KubeObject, live: KubeObject, keepLiveReplicas = false): KubeObject {
  const object = base(raw);
  const metadata = object.metadata as JsonObject;
  const liveMetadata = objectAt(live, 'metadata') ?? {};
  for (const field of ['uid', 'resourceVersion', 'finalizers', 'ownerReferences']) {
    takeField(metadata, liveMetadata, field);
  }
  for (const counter of CONTROLLER_COUNTERS) {
    const count = annotationsOf(live)[counter];
    if (count === undefined) dropAnnotations(metadata, [counter]);
    else metadata.annotations = { ...objectAt(metadata, 'annotations'), [counter]: count };
  }
  const spec = objectAt(object, 'spec');
  const liveSpec = objectAt(live, 'spec');
  if (spec !== undefined && liveSpec !== undefined) {
    if (object.kind === 'Service') takeAllocated(raw, spec, liveSpec);
    if (keepLiveReplicas) takeField(spec, liveSpec, 'replicas');
  }
  if (object.kind === 'ServiceAccount') takeField(object, live, 'secrets');
  takeJobIdentity(object, live);
  return object;
}

function base(raw: KubeObject): KubeObject {
  const object = cloneJson(raw);
  delete object.status;
  const metadata = objectAt(object, 'metadata') ?? {};
  for (const field of NEVER_SENT) delete metadata[field];
  object.metadata = metadata;
  return object;
}

function takeAllocated(raw: KubeObject, spec: JsonObject, liveSpec: JsonObject): void {
  if (spec.clusterIP !== 'None' && liveSpec.clusterIP !== 'None') {
    takeField(spec, liveSpec, 'clusterIP');
    takeField(spec, liveSpec, 'clusterIPs');
  }
  takeField(spec, liveSpec, 'healthCheckNodePort');
  for (const port of arrayAt(spec, 'ports')) {
    // A port that had none may not get one: a Service of type ClusterIP would be refused with it.
    if (!isObject(port) || port.nodePort === undefined || isNodePortChosen(raw, port)) continue;
    const twin = arrayAt(liveSpec, 'ports').find((other) => samePort(other, port));
    if (isObject(twin)) takeField(port, twin, 'nodePort');
    else delete port.nodePort;
  }
}

function takeJobIdentity(object: KubeObject, live: KubeObject): void {
  for (const path of jobIdentity(object)) {
    const [above, field] = [path.slice(0, -1), path.at(-1)!];
    const parent = objectAt(object, ...above);
    if (parent !== undefined) takeField(parent, objectAt(live, ...above) ?? {}, field);
  }
}

function samePort(a: Json, b: Json): boolean {
  return (
    jsonEqual(valueAt(a, 'port'), valueAt(b, 'port')) &&
    (valueAt(a, 'protocol') ?? 'TCP') === (valueAt(b, 'protocol') ?? 'TCP')
  );
}

function takeField(target: JsonObject, source: JsonObject, field: string): void {
  const value = source[field];
  if (value === undefined) delete target[field];
  else target[field] = cloneJson(value);
}

function dropServersFinalizers(metadata: JsonObject): void {
  const finalizers = arrayAt(metadata, 'finalizers').filter((name) => !SERVER_FINALIZERS.has(String(name)));
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
}

function dropBinding(object: KubeObject): void {
  if (object.kind !== 'PersistentVolumeClaim') return;
  dropAnnotations(objectAt(object, 'metadata') ?? {}, CLAIM_BINDING);
  const spec = objectAt(object, 'spec');
  if (spec !== undefined) delete spec.volumeName;
}

function dropAnnotations(metadata: JsonObject, names: readonly string[]): void {
  const annotations = objectAt(metadata, 'annotations');
  if (annotations === undefined) return;
  for (const name of names) delete annotations[name];
  if (Object.keys(annotations).length === 0) delete metadata.annotations;
}
