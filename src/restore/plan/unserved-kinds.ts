import type { SourceObject } from '../../backup/source.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import { arrayAt, stringAt } from '../../model/json/json.ts';
import { displayName, groupOf } from '../../model/kubernetes/object.ts';
import type { UnservedKind } from '../../model/plan/rehearsal.ts';
import { kindWord } from './kind-words.ts';

/** Kinds of the objects that the cluster does not serve in their version. Asks also where there is no namespace. */
export async function unservedKinds(
  kube: KubeClient,
  objects: readonly SourceObject[],
): Promise<UnservedKind[]> {
  const kinds = Map.groupBy(objects, ({ ref }) => `${ref.apiVersion} ${ref.kind}`);
  const found = await Promise.all(
    [...kinds.values()].map(async (group): Promise<UnservedKind[]> => {
      const { apiVersion, kind } = group[0]!.ref;
      if ((await kube.resourceType(apiVersion, kind)) !== undefined) return [];
      const servedAs = await otherVersion(kube, apiVersion, kind);
      return [
        {
          apiVersion,
          kind,
          ...(servedAs === undefined ? {} : { servedAs }),
          objects: group.map(({ ref }) => ref),
        },
      ];
    }),
  );
  return found.flat();
}

/** Why a restore with such objects is refused, and how to go on without them. */
export function unservedRefusal({ apiVersion, kind, servedAs, objects }: UnservedKind): string {
  const other = servedAs === undefined ? '' : ` (it serves ${servedAs})`;
  return `this cluster does not serve ${apiVersion} ${kind}${other}, which the restore would write: ${objects.map(displayName).join(', ')}; install its CustomResourceDefinition, or leave it out: --skip-kind ${kindWord({ apiVersion, kind })}`;
}

/** The version of the same API group in which the cluster serves a kind: the preferred one first. */
async function otherVersion(kube: KubeClient, apiVersion: string, kind: string): Promise<string | undefined> {
  const group = await kube.raw(`/apis/${encodeURIComponent(groupOf(apiVersion))}`).catch((error: unknown) => {
    if (error instanceof ApiError && (error.status === 404 || error.status === 403)) return undefined;
    throw error;
  });
  const versions = [
    stringAt(group, 'preferredVersion', 'groupVersion'),
    ...arrayAt(group, 'versions').map((version) => stringAt(version, 'groupVersion')),
  ];
  for (const version of versions) {
    if (version === undefined || version === apiVersion) continue;
    if ((await kube.resourceType(version, kind)) !== undefined) return version;
  }
  return undefined;
}
