import { ApiError } from '../../src/kube/api-error.ts';
import type { KubeClient, ListQuery, ResourceType } from '../../src/kube/client.ts';
import { PackedObject } from '../../src/kube/packed-object.ts';
import { builtInType } from '../../src/kube/resource-types.ts';
import {
  type KubeObject,
  keyOf,
  labelsOf,
  type ObjectRef,
  refOf,
} from '../../src/model/kubernetes/object.ts';

/** A cluster that holds these objects, and what was asked of it: "list secrets in shop", "get secret bank/vault". */
export function aSmallCluster(objects: KubeObject[], forbidden: readonly string[] = []) {
  const asked: string[] = [];
  const ask = (line: string, type: ResourceType): void => {
    asked.push(line);
    if (!forbidden.includes(line)) return;
    const [verb = ''] = line.split(' ');
    throw new ApiError(
      { status: 403, reason: 'Forbidden', message: `may not ${line}` },
      { verb, group: '', resource: type.plural },
    );
  };
  const find = (ref: ObjectRef) => objects.find((object) => keyOf(refOf(object)) === keyOf(ref));
  const nameIn = ({ kind, namespace, name }: ObjectRef) =>
    `${kind.toLowerCase()} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  const kube = {
    namespace: 'shop',
    resourceType: async (apiVersion: string, kind: string) => builtInType(apiVersion, kind),
    get: async (ref: ObjectRef) => {
      ask(`get ${nameIn(ref)}`, builtInType(ref.apiVersion, ref.kind)!);
      return find(ref);
    },
    getMetadata: async (ref: ObjectRef) => {
      ask(`metadata ${nameIn(ref)}`, builtInType(ref.apiVersion, ref.kind)!);
      const object = find(ref);
      return object === undefined ? undefined : metadataOf(object);
    },
    list: (type: ResourceType, options: ListQuery) => kube.listAs(type, options, (object) => object),
    listAs: async <T>(
      type: ResourceType,
      options: ListQuery,
      keep: (object: KubeObject, packed: PackedObject) => T,
    ) => {
      const { namespace, metadataOnly } = options;
      const verb = metadataOnly === true ? 'list metadata of' : 'list';
      ask(`${verb} ${type.plural}${namespace === undefined ? '' : ` in ${namespace}`}`, type);
      return objects
        .filter(({ kind }) => kind === type.kind)
        .filter((object) => namespace === undefined || refOf(object).namespace === namespace)
        .filter((object) => isSelected(object, options))
        .map((object) => keep(metadataOnly === true ? metadataOf(object) : object, PackedObject.of(object)));
    },
  } as unknown as KubeClient;
  return { kube, asked };
}

function metadataOf({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  return { apiVersion: apiVersion!, kind: kind!, metadata: metadata! };
}

/** Label selectors as far as they are used here: a=b, a!=b, a in (b,c). */
function isSelected(object: KubeObject, { labelSelector = '', fieldSelector = '' }: ListQuery): boolean {
  const labels = labelsOf(object);
  const byName = /^metadata\.name=(.*)$/.exec(fieldSelector)?.[1];
  if (byName !== undefined && refOf(object).name !== byName) return false;
  return labelSelector
    .split(/,(?![^(]*\))/)
    .filter((term) => term !== '')
    .every((term) => {
      const [, key = '', values = ''] = /^(\S+) in \((.*)\)$/.exec(term) ?? [];
      if (key !== '') return values.split(',').includes(labels[key] ?? '');
      const [, name = '', operator, value] = /^([^!=]+)(!?=)(.*)$/.exec(term)!;
      return (labels[name] === value) === (operator === '=');
    });
}
