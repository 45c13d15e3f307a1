import { advice } from '../advice/advice.ts';
import { placeholder, tool } from '../advice/command.ts';
import { spellAdvice } from '../advice/spell.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { interruptible } from '../errors/interruptible.ts';
import { mapLimited } from '../errors/map-limited.ts';
import { InterruptedError, ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { assertReadableDriver } from '../kube/helm-history.ts';
import { assertReleaseName } from '../model/records/backup-id.ts';
import type { ReleaseName } from '../model/release/discover.ts';
import type { RetentionRules } from '../model/retention/retention.ts';
import type { CommandContext } from '../session/context.ts';
import { showing } from '../session/under-way.ts';
import type { SavedBackup, Store } from '../store/store.ts';
import { findReleases } from './collect.ts';
import { type PrunedAfter, pruneAfter } from './prune-after.ts';
import { SecretsOfMany } from './release-secrets.ts';
import { nameCluster, type SaveOptions, saveBackup, takeBackup } from './take-backup.ts';
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
  /** --without-secrets: nothing that a Secret holds is saved. */
  withoutSecrets?: boolean;
  /** --note: what is to be read beside each backup. */
  note?: string;
  /** What is kept of a release's older backups once a new one is saved, whole; undefined: all. */
  retention?: RetentionRules;
}

/** What became of the releases. */
export interface BackedUp<T> {
  /** What was kept of each backup, in the order of the releases. */
  saved: T[];
  /** An error a release that could not be saved, also where that is a defect of this tool. */
  failed: Error[];
  /** Releases that were not tried any more, because the cluster or the store could not be reached again and again. */
  untried: number;
  /** Of the releases that were saved, what became of their older backups. */
  pruned: PrunedAfter[];
  /** Memcached workloads that no backup holds; absent where releases were named and nothing was searched. */
  left?: number;
}

/** Backups under way at one time: enough to hide the pods' round trips, few enough for memory. */
export const BACKUPS_AT_ONCE = 4;

/** What is done with each backup once it is saved, in this order. */
export interface OnceSaved<T> {
  /** Whether it is what it should be; where it is not, the older ones stay, whatever the rules. Every backup is where absent. */
  confirm?(taken: SavedBackup): Promise<boolean>;
  /** Makes of it what is kept of it: the documents of hundreds take megabytes. */
  keep(taken: SavedBackup): T;
}

/**
 * Saves releases to the store. One release's failure does not keep the others from being saved.
 * @throws InterruptedError once nothing is under way any more; ToolError where nothing was found, or HELM_DRIVER leads out of the
 * cluster.
 */
export async function backUpReleases<T>(
  wanted: WantedReleases,
  { confirm, keep }: OnceSaved<T>,
  context: CommandContext,
): Promise<BackedUp<T>> {
  for (const release of wanted.releases) assertReleaseName(release);
  assertReadableDriver(wanted.helmDriver, 'nothing was saved');
  const [kube, store] = await Promise.all([context.kube(), context.store()]);
  let folder: Promise<string> | undefined;
  const save: SaveOptions = {
    kind: 'backup',
    startedAt: context.now(),
    folderOf: (identity) => (folder ??= nameCluster(store, identity, wanted.clusterName)),
    ...(wanted.withoutSecrets === true ? { withoutSecrets: true } : {}),
    ...(wanted.note === undefined ? {} : { note: wanted.note }),
  };
  const areNamed = wanted.releases.length > 0 && !wanted.allNamespaces && wanted.labelSelector === undefined;
  const pruned: PrunedAfter[] = [];
  const keepAndPrune = async (taken: SavedBackup): Promise<T> => {
    const isConfirmed = (await confirm?.(taken)) ?? true;
    const kept = keep(taken);
    if (wanted.retention !== undefined && isConfirmed)
      pruned.push(...(await pruneAfter(taken, wanted.retention, context)));
    return kept;
  };
  const work = { kube, store, wanted, save, keep: keepAndPrune };
  return { ...(await (areNamed ? backUpNamed(work, context) : backUpFound(work, context))), pruned };
}

type Taken<T> = Omit<BackedUp<T>, 'pruned'>;

interface Work<T> {
  kube: KubeClient;
  store: Store;
  wanted: WantedReleases;
  save: SaveOptions;
  keep: (taken: SavedBackup) => Promise<T>;
}

async function backUpNamed<T>(
  { kube, store, wanted: { releases }, save, keep }: Work<T>,
  context: CommandContext,
): Promise<Taken<T>> {
  return showing(context.io, `Backing up ${releases.join(', ')}`, () =>
    eachRelease(releases, async (release) =>
      keep(await takeBackup(kube, store, { ...save, namespace: kube.namespace, release }, context)),
    ),
  );
}

async function backUpFound<T>(
  { kube, store, wanted, save, keep }: Work<T>,
  context: CommandContext,
): Promise<Taken<T>> {
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
    for (const each of unowned) context.io.warn(spellAdvice(unownedWorkloadInWords(each), context.spelling));
    const unsearched = denied.map(({ why }) => why);
    const nothing = (of: readonly string[]): ToolError =>
      nothingFound(kube, store, { ...wanted, releases: of }, unsearched);
    if (chosen.length === 0) throw nothing(names);
    const absent = names.filter((name) => !chosen.some(({ release }) => release === name));
    const saver = { kube, store, secrets: new SecretsOfMany() };
    let count = 0;
    const { saved, failed, untried } = await eachRelease(chosen, async (release) => {
      update(`Backing up ${release.namespace}/${release.release} (${++count} of ${chosen.length})`);
      return keep(await saveBackup(saver, await read(release), save, context));
    });
    const missed = absent.map((name) => nothing([name]));
    const left = unowned.filter(({ countedTo }) => countedTo === undefined).length;
    return { saved, failed: [...failed, ...missed], untried, left };
  });
}

/**
 * An interruption ends it all: it is thrown when what was under way has put back what was half done. Where the cluster or the
 * store can't be reached for as many as are under way at once, without one that could, the rest is not tried.
 */
async function eachRelease<R extends string | ReleaseName, T>(
  releases: readonly R[],
  one: (release: R) => Promise<T>,
): Promise<Pick<BackedUp<T>, 'saved' | 'failed' | 'untried'>> {
  const failed: Error[] = [];
  let interruption: InterruptedError | undefined;
  let unreachableInARow = 0;
  let untried = 0;
  const saved = await mapLimited(releases, BACKUPS_AT_ONCE, async (release): Promise<T[]> => {
    if (interruption !== undefined) return [];
    if (unreachableInARow >= BACKUPS_AT_ONCE) {
      untried++;
      return [];
    }
    try {
      const kept = await one(release);
      unreachableInARow = 0;
      return [kept];
    } catch (error) {
      if (error instanceof InterruptedError) interruption ??= error;
      else failed.push(failureOf(release, error));
      const isUnreachable = error instanceof ToolError && error.exitCode === ExitCode.unreachable;
      unreachableInARow = isUnreachable ? unreachableInARow + 1 : 0;
      return [];
    }
  });
  if (interruption !== undefined) throw interruption;
  return { saved: saved.flat(), failed, untried };
}

/** What is meant for the user names the release by itself. */
function failureOf(release: string | ReleaseName, error: unknown): Error {
  if (error instanceof ToolError) return error;
  const name = typeof release === 'string' ? release : `${release.namespace}/${release.release}`;
  return new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
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
    next: allNamespaces
      ? advice`a release that is not known by its container can be named: ${tool('backup', placeholder('RELEASE'), '-n', placeholder('NAMESPACE'), ...store.flags)}`
      : advice`look in another namespace with -n, or in all of them: ${tool('backup', '-A', ...store.flags)}`,
  });
}
