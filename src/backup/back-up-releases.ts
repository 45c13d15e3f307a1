import { ExitCode } from '../errors/exit-code.ts';
import { interruptible } from '../errors/interruptible.ts';
import { mapLimited } from '../errors/map-limited.ts';
import { InterruptedError, ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { assertReadableDriver } from '../kube/helm-history.ts';
import { assertReleaseName } from '../model/records/backup-id.ts';
import type { CommandContext } from '../session/context.ts';
import { showing } from '../session/under-way.ts';
import type { Store } from '../store/store.ts';
import { findReleases } from './collect.ts';
import { type SaveOptions, saveBackup, type TakenBackup, takeBackup } from './take-backup.ts';
import { unownedWorkloadInWords } from './unowned-workload-in-words.ts';

/** Which releases are backed up. */
export interface WantedReleases {
  /** Every memcached release of the namespace where empty. */
  releases: readonly string[];
  allNamespaces: boolean;
  /** -l, as the API server reads it. */
  labelSelector?: string;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
  /** HELM_DRIVER of the environment. */
  helmDriver?: string;
}

/** What became of the releases. */
export interface BackedUp<T> {
  /** What was kept of each backup, in the order of the releases. */
  saved: T[];
  /** An error a release that could not be saved. */
  failed: ToolError[];
  /** Memcached workloads that no backup holds; absent where releases were named and nothing was searched. */
  left?: number;
}

/** Backups under way at one time: enough to hide the pods' round trips, few enough for memory. */
export const BACKUPS_AT_ONCE = 4;

/**
 * Saves releases to the store. One release's failure does not keep the others from being saved.
 * @param keep makes of a backup what is kept of it: the documents of hundreds take megabytes.
 * @throws InterruptedError; ToolError where nothing was found, or HELM_DRIVER leads out of the cluster.
 */
export async function backUpReleases<T>(
  wanted: WantedReleases,
  keep: (taken: TakenBackup) => T,
  context: CommandContext,
): Promise<BackedUp<T>> {
  for (const release of wanted.releases) assertReleaseName(release);
  assertReadableDriver(wanted.helmDriver, 'nothing was saved');
  const [kube, store] = await Promise.all([context.kube(), context.store()]);
  const save: SaveOptions = {
    kind: 'backup',
    startedAt: context.now(),
    ...(wanted.clusterName === undefined ? {} : { clusterName: wanted.clusterName }),
  };
  const areNamed = wanted.releases.length > 0 && !wanted.allNamespaces && wanted.labelSelector === undefined;
  const work = { kube, store, wanted, save, keep };
  return areNamed ? backUpNamed(work, context) : backUpFound(work, context);
}

interface Work<T> {
  kube: KubeClient;
  store: Store;
  wanted: WantedReleases;
  save: SaveOptions;
  keep: (taken: TakenBackup) => T;
}

async function backUpNamed<T>(
  { kube, store, wanted: { releases }, save, keep }: Work<T>,
  context: CommandContext,
): Promise<BackedUp<T>> {
  return showing(context.io, `Backing up ${releases.join(', ')}`, () =>
    eachRelease(releases, async (release) =>
      keep(await takeBackup(kube, store, { ...save, namespace: kube.namespace, release }, context)),
    ),
  );
}

async function backUpFound<T>(
  { kube, store, wanted, save, keep }: Work<T>,
  context: CommandContext,
): Promise<BackedUp<T>> {
  const { allNamespaces, labelSelector, releases: names } = wanted;
  return showing(context.io, 'Looking for memcached releases', async (update) => {
    const searching = findReleases(kube, {
      namespace: allNamespaces ? undefined : kube.namespace,
      ...(labelSelector === undefined ? {} : { labelSelector }),
    });
    const findings = await interruptible(searching, context.signal, 'nothing was saved');
    const { releases, read, denied } = findings;
    const isWanted = (release: string): boolean => names.length === 0 || names.includes(release);
    const chosen = releases.filter(({ release }) => isWanted(release));
    const unowned = findings.unowned.filter(({ of, countedTo }) => isWanted((countedTo ?? of).release));
    for (const each of unowned) context.io.warn(unownedWorkloadInWords(each));
    const unsearched = denied.map(({ why }) => why);
    const nothing = (of: readonly string[]): ToolError =>
      nothingFound(kube, store, { ...wanted, releases: of }, unsearched);
    if (chosen.length === 0) throw nothing(names);
    const absent = names.filter((name) => !chosen.some(({ release }) => release === name));
    let count = 0;
    const { saved, failed } = await eachRelease(chosen, async (release) => {
      update(`Backing up ${release.namespace}/${release.release} (${++count} of ${chosen.length})`);
      return keep(await saveBackup({ kube, store }, await read(release), save, context));
    });
    const missed = absent.map((name) => nothing([name]));
    const left = unowned.filter(({ countedTo }) => countedTo === undefined).length;
    return { saved, failed: [...failed, ...missed], left };
  });
}

/** An interruption ends it all, and where the cluster or the store can't be reached, the rest is not tried. */
async function eachRelease<R, T>(
  releases: readonly R[],
  one: (release: R) => Promise<T>,
): Promise<Pick<BackedUp<T>, 'saved' | 'failed'>> {
  const failed: ToolError[] = [];
  const isReachable = (): boolean => failed.every(({ exitCode }) => exitCode !== ExitCode.unreachable);
  const saved = await mapLimited(releases, BACKUPS_AT_ONCE, async (release): Promise<T[]> => {
    if (!isReachable()) return [];
    try {
      return [await one(release)];
    } catch (error) {
      if (!(error instanceof ToolError) || error instanceof InterruptedError) throw error;
      failed.push(error);
      return [];
    }
  });
  return { saved: saved.flat(), failed };
}

function nothingFound(
  kube: KubeClient,
  store: Store,
  { allNamespaces, labelSelector, releases: names }: WantedReleases,
  denied: readonly string[],
): ToolError {
  const where = allNamespaces ? 'in any namespace' : `in namespace "${kube.namespace}"`;
  const what = names.length > 0 ? `release ${names.join(', ')}` : 'memcached release';
  const which = labelSelector === undefined ? '' : ` with labels ${labelSelector}`;
  const unsearched = denied.length === 0 ? '' : `; not everything could be searched: ${denied.join('; ')}`;
  return new ToolError(`no ${what} found ${where}${which}${unsearched}`, {
    untouched: 'nothing of it was saved',
    next: `kubectl memcached-backup backup -A${store.flag}, or name a release: kubectl memcached-backup backup RELEASE -n NAMESPACE${store.flag}`,
  });
}
