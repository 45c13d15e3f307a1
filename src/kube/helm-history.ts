import { inTurns } from '../errors/in-turns.ts';
import { ToolError } from '../errors/tool-error.ts';
import { decodeNamed, isFoundByLabels, recordName } from '../model/helm/helm-record-name.ts';
import {
  currentRevisions,
  type HelmRevision,
  isHelmRecord,
  sortRevisions,
} from '../model/helm/helm-release.ts';
import { stringAt } from '../model/json/json.ts';
import { type KubeObject, keyOf, labelsOf, nameOf, refOf } from '../model/kubernetes/object.ts';
import {
  type DiscoveredReleases,
  discoverReleases,
  type NamedByRecord,
  type ReleaseName,
} from '../model/release/discover.ts';
import { namedObjects, readingManifests } from '../model/release/release-objects.ts';
import type { KubeClient } from './client.ts';
import { type Denied, deniedRead, isGap } from './inventory.ts';
import type { PackedObject } from './packed-object.ts';
import { readUnlabelledRecords } from './unlabelled-records.ts';

/** So many release names go into a selector; a longer list is cheaper read whole, and a URL has its limits. */
const MAX_NAMES = 30;

/** Helm's records of several releases, not decoded yet: decoded they take many times the memory. */
export interface Histories {
  /**
   * Every stored revision of a release, oldest first; empty where Helm knows no such release.
   * @throws ToolError where a record can't be decoded.
   */
  of(namespace: string, release: string): Promise<HelmRevision[]>;
  /** The same as far as it can be read, for whoever would rather have a part than nothing. Never throws. */
  asFarAsReadable(namespace: string, release: string): Promise<PartOfHistory>;
  /** Whether there is any record of it. */
  has(namespace: string, release: string): boolean;
  /** The kinds of Helm's records that may not, or can't, be listed. */
  denied: Denied[];
}

/** A history of which some records may be damaged, or larger than what is read of them. */
export interface PartOfHistory {
  /** Empty where it can't be told what the release consists of now: then it is what Helm's marks say. */
  history: HelmRevision[];
  /** Why not all of it was read, a record each. */
  unreadable: ToolError[];
}

/**
 * The records of the named releases, from Secrets and ConfigMaps, whichever Helm's driver uses here: two
 * requests (and their pages), however many releases there are, two more for metadata, by which records are found that have
 * lost their labels, and one for each of those.
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
        const [listed, unlabelled] = await Promise.all([
          kube.listAs(type, options, (record, packed) => {
            const { name = '' } = labelsOf(record);
            if (!isHelmRecord(record) || !isFoundByLabels(record)) return undefined;
            if (wanted?.has(name) === false) return undefined;
            return { key: `${stringAt(record, 'metadata', 'namespace')}/${name}`, packed };
          }),
          readUnlabelledRecords(kube, type, { namespace, wanted }),
        ]);
        for (const record of [...listed, ...unlabelled]) {
          if (record === undefined) continue;
          records.set(record.key, [...(records.get(record.key) ?? []), record.packed]);
        }
      } catch (error) {
        if (!isGap(error)) throw error;
        denied.push(deniedRead(type, 'list', error));
      }
    };
    await Promise.all(['Secret', 'ConfigMap'].map(readKind));
  }
  const packedOf = (place: string, release: string): PackedObject[] =>
    records.get(`${place}/${release}`) ?? [];
  return {
    of: (place, release) => inTurns(decoding(packedOf(place, release))),
    asFarAsReadable: (place, release) => inTurns(decodingWhatCanBe(packedOf(place, release))),
    has: (place, release) => records.has(`${place}/${release}`),
    denied,
  };
}

/** A record a step. */
function* decoding(records: readonly PackedObject[]): Generator<void, HelmRevision[]> {
  const history: HelmRevision[] = [];
  for (const record of records) {
    history.push(decodeNamed(record.unpack()));
    yield;
  }
  return sortRevisions(history);
}

function* decodingWhatCanBe(records: readonly PackedObject[]): Generator<void, PartOfHistory> {
  const history: HelmRevision[] = [];
  const unreadable: ToolError[] = [];
  let newestUnread = 0;
  const attempt = function* (revision: number, read: Generator<void, unknown>): Generator<void, void> {
    try {
      yield* read;
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      unreadable.push(error);
      newestUnread = Math.max(newestUnread, revision);
    }
  };
  for (const packed of records) {
    const record = packed.unpack();
    const read = function* (): Generator<void, void> {
      history.push(decodeNamed(record));
      yield;
    };
    const number = recordName(nameOf(record))?.revision ?? Number(labelsOf(record).version);
    yield* attempt(number, read());
  }
  const sorted = sortRevisions(history);
  for (const revision of currentRevisions(sorted)) {
    yield* attempt(revision.revision, readingManifests([revision]));
  }
  // What can't be read may be deployed by now, unless it is older than what is.
  const isKnown = newestUnread < (currentRevisions(sorted)[0]?.revision ?? 0);
  return { history: isKnown ? sorted : [], unreadable };
}

/**
 * The releases of the workloads, where Helm's records say whose a workload is. A record that can't be read counts as
 * naming all that bear its release's name: whoever reads the release says what is wrong with it.
 */
export async function discoverByRecords(
  workloads: KubeObject[],
  histories: Pick<Histories, 'of' | 'has'> | undefined,
): Promise<DiscoveredReleases> {
  const named = new Map<string, Set<string> | 'unreadable'>();
  for (;;) {
    const wanted = new Map<string, ReleaseName>();
    const isNamed: NamedByRecord = (name, workload) => {
      if (histories?.has(name.namespace, name.release) !== true) return undefined;
      const place = `${name.namespace}/${name.release}`;
      const names = named.get(place);
      if (names === undefined) wanted.set(place, name);
      return names === 'unreadable' || names?.has(keyOf(refOf(workload)));
    };
    const discovery = discoverReleases(workloads, isNamed);
    if (histories === undefined || wanted.size === 0) return discovery;
    // Reading a record takes time: only what was asked for is read, and then it is known.
    for (const [place, name] of wanted) named.set(place, await namesIn(histories, name));
  }
}

async function namesIn(
  histories: Pick<Histories, 'of'>,
  { namespace, release }: ReleaseName,
): Promise<Set<string> | 'unreadable'> {
  try {
    const history = await histories.of(namespace, release);
    await inTurns(readingManifests(history));
    return new Set(namedObjects(history, namespace, () => true).map(({ ref }) => keyOf(ref)));
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return 'unreadable';
  }
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
