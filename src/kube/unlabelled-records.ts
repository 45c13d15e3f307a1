import { isFoundByLabels, recordName } from '../model/helm/helm-record-name.ts';
import { stringAt } from '../model/json/json.ts';
import { nameOf, type ObjectRef, refOf } from '../model/kubernetes/object.ts';
import type { KubeClient, ResourceType } from './client.ts';
import type { PackedObject } from './packed-object.ts';

/** Of Secrets that are Helm's records. ConfigMaps have no type. */
const RECORDS_OF_HELM = 'type=helm.sh/release.v1';

/**
 * Helm's records that Helm does not find, because their labels are gone or another's: backup tools and copies lose them. They are
 * told by the type of Secrets and by their names, from a list of metadata; only what is found so is read as a whole.
 * @param wanted names of releases; every one where undefined.
 * @throws as `list`.
 */
export async function readUnlabelledRecords(
  kube: KubeClient,
  type: ResourceType,
  { namespace, wanted }: { namespace: string | undefined; wanted: ReadonlySet<string> | undefined },
): Promise<{ key: string; packed: PackedObject }[]> {
  const options = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(type.kind === 'Secret' ? { fieldSelector: RECORDS_OF_HELM } : {}),
    metadataOnly: true,
  };
  const lost = await kube.listAs(type, options, (object): ObjectRef | undefined => {
    const said = recordName(nameOf(object));
    if (said === undefined || wanted?.has(said.release) === false) return undefined;
    return isFoundByLabels(object) ? undefined : refOf(object);
  });
  const read = lost.map(async (ref) => {
    if (ref === undefined) return [];
    const place = ref.namespace === undefined ? {} : { namespace: ref.namespace };
    const byName = { ...place, fieldSelector: `metadata.name=${ref.name}` };
    const key = `${ref.namespace}/${recordName(ref.name)!.release}`;
    return kube.listAs(type, byName, (object, packed) =>
      stringAt(object, 'data', 'release') === undefined ? [] : [{ key, packed }],
    );
  });
  return (await Promise.all(read)).flat(2);
}
