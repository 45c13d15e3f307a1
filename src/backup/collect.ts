import type { KubeClient } from '../kube/client.ts';
import { type ClusterIdentity, readClusterIdentity } from '../kube/cluster-identity.ts';
import { discoverByRecords, readHistories } from '../kube/helm-history.ts';
import { Inventory, isForbidden, missingPermission } from '../kube/inventory.ts';
import { likelyPods, livePodTargets } from '../kube/live-pods.ts';
import {
  classifyRelease,
  type LiveRelease,
  readKinds,
  readNamespace,
  readRelease,
} from '../kube/read-release.ts';
import { type KubeObject, uidOf } from '../model/kubernetes/object.ts';
import { isWorkload, WORKLOAD_KINDS } from '../model/kubernetes/workload.ts';
import type { Skipped } from '../model/records/backup-format.ts';
import { type DiscoveredReleases, namesToLookUp, type ReleaseName } from '../model/release/discover.ts';
import type { PodTarget } from '../model/settings/pod-settings.ts';
import type { EarlyAnswers } from './early-answers.ts';

/** All that a backup reads from the API server; the pods' own answers come on top. */
export interface Collected {
  live: LiveRelease;
  identity: ClusterIdentity;
  /** The release's memcached pods. */
  targets: PodTarget[];
  skipped: Skipped[];
}

/** Which releases to find. */
export interface ReleaseSelection {
  /** All namespaces where undefined. */
  namespace: string | undefined;
  /** -l: only releases one of whose memcached workloads has these labels. */
  labelSelector?: string;
}

/**
 * Reads everything that a backup of one release holds. Reads only; nothing in the cluster changes.
 * Kinds that may not be listed are named in `skipped` with the permission that is missing.
 * @param early is to ask the pods that the release seems to have, as soon as these are listed.
 */
export async function collect(
  kube: KubeClient,
  namespace: string,
  release: string,
  early?: EarlyAnswers,
): Promise<Collected> {
  const askPods = (inventory: Inventory): void => {
    const { targets, loginsOf } = likelyPods(inventory, { namespace, release });
    early?.ask(targets, loginsOf);
  };
  const [live, identity] = await Promise.all([
    readRelease(kube, {
      namespace,
      release,
      withoutHistory: true,
      ...(early === undefined ? {} : { onPods: askPods }),
    }),
    readClusterIdentity(kube),
  ]);
  return collected(live, identity);
}

/** The releases that were found, and how to read each. */
export interface Findings extends DiscoveredReleases {
  /** What could not be searched. */
  denied: Skipped[];
  read(release: ReleaseName): Promise<Collected>;
}

/**
 * Finds every memcached release in a namespace or in all, and reads them: the number of requests depends on
 * the kinds and on the pages of their lists, not on how many releases there are. With a namespace, no release of
 * another one is found, whatever the marks on its workloads say.
 * @returns releases in order of namespace and name, each classified when it is asked for: a hundred of them do
 * not lie in memory at once.
 */
export async function findReleases(kube: KubeClient, selection: ReleaseSelection): Promise<Findings> {
  const { namespace } = selection;
  const inventory = new Inventory(kube, namespace);
  const [identity, chosen, ownNamespace] = await Promise.all([
    readClusterIdentity(kube),
    selectedUids(kube, selection),
    namespace === undefined ? undefined : readNamespace(kube, namespace),
    readKinds(inventory, namespace === undefined ? [{ apiVersion: 'v1', kind: 'Namespace' }] : []),
  ]);
  const isChosen = (workload: KubeObject): boolean => chosen?.has(uidOf(workload)) ?? true;
  const workloads = inventory.outlines().filter(isWorkload);
  const histories = await readHistories(kube, namespace, namesToLookUp(workloads.filter(isChosen)));
  const { releases, unowned } = await discoverByRecords(workloads, histories);
  return {
    releases: releases.filter((release) => release.workloads.some(isChosen)),
    unowned: unowned.filter(({ workload }) => isChosen(workload)),
    denied: deniedOf(inventory.unlisted, namespace),
    read: async ({ namespace: ofNamespace, release }) => {
      const ref = { apiVersion: 'v1', kind: 'Namespace', name: ofNamespace };
      const listed = inventory.find(ref);
      const namespaceObject =
        ownNamespace ??
        (listed === undefined ? await readNamespace(kube, ofNamespace) : { object: listed, denied: [] });
      const found = {
        namespace: ofNamespace,
        release,
        namespaceObject,
        ...(await histories.asFarAsReadable(ofNamespace, release)),
        historyDenied: histories.denied,
      };
      return collected(await classifyRelease(inventory, found), identity);
    },
  };
}

/**
 * uids of the workloads that -l selects, as the server understands it; undefined without -l. A kind that may not
 * be listed has none: what is read beside it names the gap.
 */
async function selectedUids(
  kube: KubeClient,
  selection: ReleaseSelection,
): Promise<Set<string | undefined> | undefined> {
  const { labelSelector, namespace } = selection;
  if (labelSelector === undefined) return undefined;
  const lists = await Promise.all(
    WORKLOAD_KINDS.map(async ([apiVersion, kind]) => {
      const type = (await kube.resourceType(apiVersion, kind))!;
      const options = { labelSelector, ...(namespace === undefined ? {} : { namespace }) };
      return kube.listAs(type, options, uidOf).catch((error: unknown) => {
        if (!isForbidden(error)) throw error;
        return [];
      });
    }),
  );
  return new Set(lists.flat());
}

/** The same of a release that was read already, whatever other kinds were read with it. */
export function collected(live: LiveRelease, identity: ClusterIdentity): Collected {
  return { live, identity, targets: livePodTargets(live), skipped: skippedOf(live) };
}

function skippedOf(live: LiveRelease): Skipped[] {
  return [
    ...deniedOf(live.historyDenied, live.namespaceName).map((denied) => ({
      ...denied,
      what: `Helm's records (${denied.what})`,
    })),
    ...live.unreadable.map(({ message }) => ({ what: "a record of Helm's", why: message })),
    ...deniedOf(live.denied, live.namespaceName),
    ...live.unknownKinds.map(({ apiVersion, kind }) => ({
      what: `${apiVersion} ${kind}`,
      why: 'the manifest names this kind, and this cluster does not serve it',
    })),
  ];
}

function deniedOf(denied: LiveRelease['denied'], namespace: string | undefined): Skipped[] {
  return denied.map((each) => ({
    what: each.type.plural,
    why: each.message,
    ...missingPermission(each, namespace),
  }));
}
