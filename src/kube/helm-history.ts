import { ToolError } from '../errors/tool-error.ts';
import type { NamedByRecord, ReleaseName } from '../model/discover.ts';
import { decodeRevision, type HelmRevision, isHelmRecord, sortRevisions } from '../model/helm-release.ts';
import { stringAt } from '../model/json.ts';
import { keyOf, labelsOf, refOf } from '../model/object.ts';
import { namedObjects } from '../model/release-objects.ts';
import type { KubeClient } from './client.ts';
import { type Denied, isForbidden } from './inventory.ts';
import type { PackedObject } from './packed-object.ts';

/** So many release names go into a selector; a longer list is cheaper read whole, and a URL has its limits. */
const MAX_NAMES = 30;

/** Helm's records of several releases, not decoded yet: decoded they take many times the memory. */
export interface Histories {
  /**
   * Every stored revision of a release, oldest first; empty where Helm knows no such release.
   * @throws ToolError where a record can't be decoded.
   */
  of(namespace: string, release: string): HelmRevision[];
  /** Whether there is any record of it. */
  has(namespace: string, release: string): boolean;
  /** The kinds of Helm's records that may not be listed. */
  denied: Denied[];
}

/**
 * The records of the named releases, from Secrets and ConfigMaps, whichever Helm's driver uses here: two
 * requests (and their pages), however many releases there are.
 * @param namespace all namespaces where undefined.
 * @param names every release where undefined.
 */
export async function readHistories(
  kube: KubeClient,
  namespace: string | undefined,
  names: readonly string[] | undefined,
): Promise<Histories> {
  const records = new Map<string, PackedObject[]>();
  const denied: Denied[] = [];
  if (names?.length !== 0) {
    const chosen = names !== undefined && names.length <= MAX_NAMES ? `,name in (${names.join(',')})` : '';
    const options = {
      ...(namespace === undefined ? {} : { namespace }),
      labelSelector: `owner=helm${chosen}`,
    };
    const wanted = names === undefined ? undefined : new Set(names);
    const readKind = async (kind: string): Promise<void> => {
      const type = (await kube.resourceType('v1', kind))!;
      try {
        const listed = await kube.listAs(type, options, (record, packed) => {
          const { name = '' } = labelsOf(record);
          if (!isHelmRecord(record) || wanted?.has(name) === false) return undefined;
          return { key: `${stringAt(record, 'metadata', 'namespace')}/${name}`, packed };
        });
        for (const record of listed) {
          if (record === undefined) continue;
          records.set(record.key, [...(records.get(record.key) ?? []), record.packed]);
        }
      } catch (error) {
        if (!isForbidden(error)) throw error;
        denied.push({ type, verb: 'list', message: error.message });
      }
    };
    await Promise.all(['Secret', 'ConfigMap'].map(readKind));
  }
  return {
    of: (place, release) => {
      const packed = records.get(`${place}/${release}`) ?? [];
      return sortRevisions(packed.map((record) => decodeRevision(record.unpack())));
    },
    has: (place, release) => records.has(`${place}/${release}`),
    denied,
  };
}

/**
 * Tells which workloads the records name. A record that can't be read counts as naming all that bear its release's
 * name: whoever reads the release says what is wrong with it.
 */
export function namedByRecords(histories: Histories | undefined): NamedByRecord {
  const named = new Map<string, Set<string> | 'unreadable'>();
  const read = ({ namespace, release }: ReleaseName): Set<string> | 'unreadable' => {
    try {
      const history = histories?.of(namespace, release) ?? [];
      return new Set(namedObjects(history, namespace, () => true).map(({ ref }) => keyOf(ref)));
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      return 'unreadable';
    }
  };
  return (name, workload) => {
    if (histories?.has(name.namespace, name.release) !== true) return undefined;
    const place = `${name.namespace}/${name.release}`;
    const names = named.get(place) ?? read(name);
    named.set(place, names);
    return names === 'unreadable' || names.has(keyOf(refOf(workload)));
  };
}

/** Names of the Helm releases in a namespace, for messages. */
export async function releaseNames(kube: KubeClient, namespace: string): Promise<string[]> {
  const type = await kube.resourceType('v1', 'Secret');
  const options = { namespace, labelSelector: 'owner=helm' };
  return [...new Set(await kube.listAs(type!, options, (record) => labelsOf(record).name ?? ''))]
    .filter((name) => name !== '')
    .sort();
}

/**
 * Where Helm keeps its records outside the cluster, nothing of them can be read, and a record that is written into
 * it is none to Helm.
 */
export function assertReadableDriver(driver: string | undefined, untouched: string): void {
  if (driver !== 'sql') return;
  throw new ToolError(
    'Helm keeps its records in a database here (HELM_DRIVER=sql), out of reach of this tool',
    {
      untouched,
      next: "move the releases to Secrets, Helm's default, or unset HELM_DRIVER if they are in Secrets",
    },
  );
}
