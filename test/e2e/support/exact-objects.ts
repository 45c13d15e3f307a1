import { arrayAt, cloneJson, isObject, type JsonObject, stringAt } from '../../../src/model/json/json.ts';
import { nameOf } from '../../../src/model/kubernetes/object.ts';
import type { Kubectl } from './kubectl.ts';

const OWNED_KINDS =
  'deployments,services,configmaps,secrets,serviceaccounts,roles,rolebindings,poddisruptionbudgets,networkpolicies,horizontalpodautoscalers';
/** Set by the server on its own at each write or creation. */
const SERVER_SET = ['resourceVersion', 'uid', 'generation', 'creationTimestamp'];
/** Counters of controllers. */
const COUNTERS = ['deployment.kubernetes.io/revision', 'deprecated.daemonset.template.generation'];
/** What ties a claim to a volume. */
const BINDINGS = [
  'pv.kubernetes.io/bind-completed',
  'pv.kubernetes.io/bound-by-controller',
  'volume.kubernetes.io/selected-node',
  'volume.kubernetes.io/storage-provisioner',
  'volume.beta.kubernetes.io/storage-provisioner',
];

/**
 * The release's objects as they are, who owns which field included, without what differs between two equal
 * ones: kind/name → object.
 */
export async function exactObjects(kubectl: Kubectl, release: string): Promise<Record<string, JsonObject>> {
  return byName(await kubectl.objects.list(OWNED_KINDS, `app.kubernetes.io/instance=${release}`));
}

/** The same of objects by their names, as "configmap/one": of every kind, and also where no label ties them. */
export async function exactObjectsNamed(
  kubectl: Kubectl,
  names: string[],
): Promise<Record<string, JsonObject>> {
  const found = await Promise.all(names.map((name) => kubectl.objects.find(name)));
  return byName(found.filter((object) => object !== undefined));
}

/** The same objects without the volumes that claims get anew when they are made again. */
export function withoutVolumes(objects: Record<string, JsonObject>): Record<string, JsonObject> {
  return Object.fromEntries(
    Object.entries(cloneJson(objects)).map(([name, object]) => {
      if (object.kind === 'PersistentVolumeClaim') delete (object.spec as JsonObject).volumeName;
      return [name, object];
    }),
  );
}

function byName(objects: JsonObject[]): Record<string, JsonObject> {
  return Object.fromEntries(
    objects.map((object) => [`${stringAt(object, 'kind')}/${nameOf(object)}`, comparable(object)]),
  );
}

function comparable(object: JsonObject): JsonObject {
  const copy = cloneJson(object);
  delete copy.status;
  const metadata = copy.metadata as JsonObject;
  for (const key of SERVER_SET) delete metadata[key];
  const annotations = metadata.annotations;
  if (isObject(annotations)) for (const name of [...COUNTERS, ...BINDINGS]) delete annotations[name];
  if (isObject(annotations) && Object.keys(annotations).length === 0) delete metadata.annotations;
  metadata.managedFields = arrayAt(metadata, 'managedFields')
    .filter((entry) => stringAt(entry, 'subresource') !== 'status')
    .map((entry) => ({ ...(entry as JsonObject), time: '' }))
    .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  if (metadata.managedFields.length === 0) throw new Error(`${nameOf(object)} shows no field owners`);
  return copy;
}
