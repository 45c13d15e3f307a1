import { ToolError } from '../errors/tool-error.ts';
import { decodeRevision, type HelmRevision, isHelmRecord, sortRevisions } from '../model/helm-release.ts';
import { labelsOf } from '../model/object.ts';
import type { KubeClient } from './client.ts';

/** So many release names go into a selector; a longer list is cheaper read whole, and a URL has its limits. */
const MAX_NAMES = 30;

/** Histories by namespace and release: `${namespace}/${release}`. */
export type Histories = Map<string, HelmRevision[]>;

/**
 * Every stored revision of the named releases, oldest first, from Secrets and ConfigMaps, whichever Helm's
 * driver uses here: two requests (and their pages), however many releases there are.
 * @param namespace all namespaces where undefined.
 * @param names every release where undefined.
 * @throws ToolError where a record can't be decoded, ApiError where records may not be listed.
 */
export async function readHistories(
  kube: KubeClient,
  namespace: string | undefined,
  names: readonly string[] | undefined,
): Promise<Histories> {
  if (names?.length === 0) return new Map();
  const chosen = names !== undefined && names.length <= MAX_NAMES ? `,name in (${names.join(',')})` : '';
  const options = { ...(namespace === undefined ? {} : { namespace }), labelSelector: `owner=helm${chosen}` };
  const records = await Promise.all(
    ['Secret', 'ConfigMap'].map(async (kind) => kube.list((await kube.resourceType('v1', kind))!, options)),
  );
  const wanted = names === undefined ? undefined : new Set(names);
  const histories: Histories = new Map();
  for (const record of records.flat()) {
    if (!isHelmRecord(record) || wanted?.has(labelsOf(record).name ?? '') === false) continue;
    const revision = decodeRevision(record);
    const key = `${String((record.metadata as { namespace?: unknown }).namespace)}/${revision.name}`;
    histories.set(key, sortRevisions([...(histories.get(key) ?? []), revision]));
  }
  return histories;
}

/** The history of one release; empty where Helm knows no such release. */
export async function readHistory(
  kube: KubeClient,
  namespace: string,
  release: string,
): Promise<HelmRevision[]> {
  return (await readHistories(kube, namespace, [release])).get(`${namespace}/${release}`) ?? [];
}

/** Names of the Helm releases in a namespace, for messages. */
export async function releaseNames(kube: KubeClient, namespace: string): Promise<string[]> {
  const type = await kube.resourceType('v1', 'Secret');
  const records = await kube.list(type!, { namespace, labelSelector: 'owner=helm' });
  return [...new Set(records.map((record) => labelsOf(record).name ?? ''))]
    .filter((name) => name !== '')
    .sort();
}

/** Where Helm keeps its records outside the cluster, nothing of them can be read. */
export function assertReadableDriver(driver: string | undefined): void {
  if (driver !== 'sql') return;
  throw new ToolError(
    'Helm keeps its records in a database here (HELM_DRIVER=sql), out of reach of this tool',
    {
      untouched: 'nothing was saved',
      next: "move the releases to Secrets, Helm's default, or unset HELM_DRIVER if they are in Secrets",
    },
  );
}
