import { setImmediate } from 'node:timers/promises';
import type { KubeClient } from '../kube/client.ts';
import { discoverByRecords, type Histories, readHistories } from '../kube/helm-history.ts';
import type { Inventory } from '../kube/inventory.ts';
import { livePodTargets, ownedWorkloads } from '../kube/live-pods.ts';
import { classifyRelease, type LiveRelease, readNamespace, readPodKinds } from '../kube/read-release.ts';
import { type ObserveOptions, observePods, type PodLooks } from '../memcached/observe-pods.ts';
import type { KubeObject } from '../model/kubernetes/object.ts';
import { WORKLOAD_KINDS } from '../model/kubernetes/workload.ts';
import { namesToLookUp, type ReleaseName } from '../model/release/discover.ts';
import type { ExaminedRelease } from './doctor-context.ts';
import { type Look, LooksAhead } from './looks-ahead.ts';
import { type ResourceReader, unreadableList } from './resource-reader.ts';

/** Which releases are examined. */
export interface ExaminedSelection {
  /** Undefined: all namespaces. */
  namespace: string | undefined;
  /** Every memcached release that is found where empty. */
  names: readonly string[];
  /** Resolved when every kind that a release is read from has been listed. */
  listed: Promise<unknown>;
}

/**
 * The releases to examine, as far as they can be read: those that are found by their workloads, or those that
 * were named, also where nothing is left of them. Fails on nothing that the cluster answers.
 * @param observe early: the pods are asked as soon as it is known which they are.
 */
export async function readReleases(
  { kube, reader, inventory }: { kube: KubeClient; reader: ResourceReader; inventory: Inventory },
  { namespace, names, listed }: ExaminedSelection,
  observe: ObserveOptions & { early: boolean },
): Promise<ExaminedRelease[]> {
  const look: Look = (targets, loginsOf) =>
    observePods(targets, kube.portForward.bind(kube), { ...observe, loginsOf });
  const looks = new LooksAhead(look);
  const begun =
    observe.early && namespace !== undefined
      ? readPodKinds(inventory).then(() => looks.begin(inventory, namespace, names))
      : undefined;
  const readHistoriesOf = (releases: readonly string[]) =>
    reader.try("Helm's records", () => readHistories(kube, namespace, [...new Set(releases)]));
  const namespaceNamed = (place: string) =>
    reader.try(`namespace/${place}`, () => readNamespace(kube, place));
  // What is known beforehand is asked for beside the lists: each round trip counts.
  const ofNamed = names.length === 0 ? undefined : readHistoriesOf(names);
  const own = namespace === undefined ? undefined : namespaceNamed(namespace);
  const [workloads] = await Promise.all([listWorkloads(reader, namespace), begun]);
  const histories = await (ofNamed ?? readHistoriesOf(namesToLookUp(workloads)));
  // What is under way to the pods goes out before Helm's records are worked out.
  await setImmediate();
  noteDenied(reader, histories, namespace);
  const { releases: found } = await discoverByRecords(workloads, histories);
  const wanted = names.length === 0 ? found : named(found, names, kube.namespace);
  await listed;
  const read = wanted.map(async ({ namespace: place, release }) => {
    const namespaceObject = await (place === namespace ? own : namespaceNamed(place));
    const { history, unreadable } = (await histories?.asFarAsReadable(place, release)) ?? {
      history: [],
      unreadable: [],
    };
    const live = await reader.try(`release ${release}`, () =>
      classifyRelease(inventory, {
        namespace: place,
        release,
        namespaceObject: namespaceObject ?? { object: undefined, denied: [] },
        history,
        historyDenied: histories?.denied ?? [],
        unreadable,
      }),
    );
    return live === undefined ? [] : [examined(live, looks, observe.early)];
  });
  return (await Promise.all(read)).flat();
}

function noteDenied(
  reader: ResourceReader,
  histories: Histories | undefined,
  namespace: string | undefined,
): void {
  for (const denied of histories?.denied ?? []) {
    reader.note({ ...unreadableList(denied, namespace), what: `Helm's records (${denied.type.plural})` });
  }
}

async function listWorkloads(reader: ResourceReader, namespace: string | undefined): Promise<KubeObject[]> {
  const workloads = await Promise.all(
    WORKLOAD_KINDS.map(([apiVersion, kind]) => reader.list(apiVersion, kind, namespace)),
  );
  return workloads.flatMap((objects) => objects ?? []);
}

function named(found: ReleaseName[], names: readonly string[], namespace: string): ReleaseName[] {
  return names.flatMap((name) => {
    const matching = found.filter(({ release }) => release === name);
    return matching.length > 0 ? matching : [{ namespace, release: name }];
  });
}

/** @param isAsked at once: its pods. */
function examined(live: LiveRelease, ahead: LooksAhead, isAsked: boolean): ExaminedRelease {
  let looks: PodLooks | undefined;
  const look = (): PodLooks => (looks ??= ahead.of(live));
  if (isAsked) look();
  return {
    namespace: live.namespaceName,
    name: live.release,
    live,
    workloads: ownedWorkloads(live),
    targets: livePodTargets(live),
    observe: () => look().observations,
    settings: () => look().settings,
  };
}
