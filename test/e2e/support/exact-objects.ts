import { arrayAt, cloneJson, isObject, type JsonObject, stringAt } from '../../../src/model/json.ts';
import { nameOf } from '../../../src/model/object.ts';
import type { Kubectl } from './kubectl.ts';

const OWNED_KINDS =
  'deployments,services,configmaps,secrets,serviceaccounts,roles,rolebindings,poddisruptionbudgets,networkpolicies,horizontalpodautoscalers';
/** Set by the server on its own at each write or creation. */
const SERVER_SET = ['resourceVersion', 'uid', 'generation', 'creationTimestamp'];

/**
 * The release's objects as they are, who owns which field included, without what differs between two equal
 * ones: kind/name → object.
 */
export async function exactObjects(kubectl: Kubectl, release: string): Promise<Record<string, JsonObject>> {
  const list = await kubectl.json(
    'get',
    OWNED_KINDS,
    '-l',
    `app.kubernetes.io/instance=${release}`,
    '--show-managed-fields',
  );
  return Object.fromEntries(
    (arrayAt(list, 'items') as JsonObject[]).map((object) => [
      `${stringAt(object, 'kind')}/${nameOf(object)}`,
      comparable(object),
    ]),
  );
}

function comparable(object: JsonObject): JsonObject {
  const copy = cloneJson(object);
  delete copy.status;
  const metadata = copy.metadata as JsonObject;
  for (const key of SERVER_SET) delete metadata[key];
  const annotations = metadata.annotations;
  if (isObject(annotations)) delete annotations['deployment.kubernetes.io/revision'];
  metadata.managedFields = arrayAt(metadata, 'managedFields')
    .filter((entry) => stringAt(entry, 'subresource') !== 'status')
    .map((entry) => ({ ...(entry as JsonObject), time: '' }))
    .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  if (metadata.managedFields.length === 0) throw new Error(`${nameOf(object)} shows no field owners`);
  return copy;
}
