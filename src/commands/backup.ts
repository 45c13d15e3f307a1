import { summary } from '../backup/assemble.ts';
import { findReleases } from '../backup/collect.ts';
import { strayInWords } from '../backup/stray-in-words.ts';
import { type SaveOptions, saveBackup, type TakenBackup, takeBackup } from '../backup/take-backup.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { interruptible } from '../errors/interruptible.ts';
import { InterruptedError, ToolError } from '../errors/tool-error.ts';
import type { KubeClient } from '../kube/client.ts';
import { assertReadableDriver } from '../kube/helm-history.ts';
import type { HelmStatus } from '../model/helm/helm-release.ts';
import { isBlocking } from '../model/helm/restored-record.ts';
import type { BackupDocument } from '../model/records/backup.ts';
import { assertReleaseName } from '../model/records/backup-id.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { print } from '../output/print.ts';
import type { CommandContext } from '../session/context.ts';
import { mapLimited } from '../store/concurrency.ts';
import { exposedInWords } from '../store/folder-access.ts';
import type { ReleaseAddress, Store } from '../store/store.ts';
import { keepHeapSmall } from './small-heap.ts';

export interface BackupOptions {
  /** Every memcached release of the namespace where empty. */
  releases: readonly string[];
  allNamespaces: boolean;
  /** -l, as the API server reads it. */
  labelSelector?: string;
  output: OutputFormat;
  /** --no-headers. */
  headers: boolean;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
  /** HELM_DRIVER of the environment. */
  helmDriver?: string;
}

/** What is reported of a backup at the end. Documents of hundreds take megabytes: only -o json and yaml keep them. */
interface Saved {
  address: ReleaseAddress;
  namespace: string;
  release: string;
  id: string;
  location: string;
  complete: boolean;
  holdsSecrets: boolean;
  summary: string;
  warnings: string[];
  document: BackupDocument | undefined;
}

/** What became of the releases. */
interface Outcome {
  saved: Saved[];
  /** An error a release that could not be saved. */
  failed: ToolError[];
  /** Memcached workloads that no backup holds. */
  left?: number;
}

/**
 * `backup [RELEASE…]`: saves releases to the store.
 * @returns ok; incomplete where something may not be read (it is named, and what could be read is saved);
 * failed where a release could not be saved at all.
 */
export async function backup(options: BackupOptions, context: CommandContext): Promise<ExitCode> {
  for (const release of options.releases) assertReleaseName(release);
  assertReadableDriver(options.helmDriver, 'nothing was saved');
  const [kube, store] = await Promise.all([context.kube(), context.store()]);
  const save: SaveOptions = {
    kind: 'backup',
    startedAt: context.now(),
    ...(options.clusterName === undefined ? {} : { clusterName: options.clusterName }),
  };
  const named = options.releases.length > 0 && !options.allNamespaces && options.labelSelector === undefined;
  const outcome = named
    ? await backUpNamed(kube, store, options, save, context)
    : await backUpFound(kube, store, options, save, context);
  for (const saved of outcome.saved) report(saved, outcome.saved.length > 1, context);
  if (outcome.saved.some(({ holdsSecrets }) => holdsSecrets)) {
    context.io.warn('a backup holds Secrets in plain text (its files are 0600): keep the store private');
  }
  await warnOfOthers(store, outcome.saved, context);
  await printSaved(outcome.saved, options, context);
  const last = outcome.failed.at(-1);
  if (last !== undefined) {
    // A full disk fails every release with the same words; the last error, thrown, is reported with its help.
    const messages = new Set(outcome.failed.map(({ message }) => message));
    messages.delete(last.message);
    for (const message of messages) context.io.say(`error: ${message}`);
    throw last;
  }
  const isAll = outcome.left === undefined || outcome.left === 0;
  return isAll && outcome.saved.every(({ complete }) => complete) ? ExitCode.ok : ExitCode.incomplete;
}

/** Whoever can write to the store can change what a restore would write. Each folder once. */
async function warnOfOthers(store: Store, saved: Saved[], { io }: CommandContext): Promise<void> {
  const found = await mapLimited(saved, AT_ONCE, ({ address }) => store.exposed(address));
  for (const line of new Set(found.flat().map(exposedInWords))) io.warn(line);
}

async function backUpNamed(
  kube: KubeClient,
  store: Store,
  options: BackupOptions,
  save: SaveOptions,
  context: CommandContext,
): Promise<Outcome> {
  const { releases } = options;
  const progress = context.io.progress(`Backing up ${releases.join(', ')}`);
  try {
    return await eachRelease(releases, async (release) => {
      const taken = await takeBackup(kube, store, { ...save, namespace: kube.namespace, release }, context);
      return toReport(taken, options);
    });
  } finally {
    progress.done();
  }
}

async function backUpFound(
  kube: KubeClient,
  store: Store,
  options: BackupOptions,
  save: SaveOptions,
  context: CommandContext,
): Promise<Outcome> {
  const { allNamespaces, labelSelector, releases: wanted } = options;
  keepHeapSmall();
  const progress = context.io.progress('Looking for memcached releases');
  try {
    const searching = findReleases(kube, {
      namespace: allNamespaces ? undefined : kube.namespace,
      ...(labelSelector === undefined ? {} : { labelSelector }),
    });
    const findings = await interruptible(searching, context.signal, 'nothing was saved');
    const { releases, read, denied } = findings;
    const isWanted = (release: string): boolean => wanted.length === 0 || wanted.includes(release);
    const chosen = releases.filter(({ release }) => isWanted(release));
    const strays = findings.strays.filter(({ of, countedTo }) => isWanted((countedTo ?? of).release));
    for (const stray of strays) context.io.warn(strayInWords(stray));
    const blind = denied.map(({ why }) => why);
    if (chosen.length === 0) throw nothingFound(kube, options, wanted, blind);
    const absent = wanted.filter((name) => !chosen.some(({ release }) => release === name));
    let count = 0;
    const { saved, failed } = await eachRelease(chosen, async (release) => {
      progress.update(`Backing up ${release.namespace}/${release.release} (${++count} of ${chosen.length})`);
      return toReport(await saveBackup(kube, store, await read(release), save, context), options);
    });
    const missed = absent.map((name) => nothingFound(kube, options, [name], blind));
    const left = strays.filter(({ countedTo }) => countedTo === undefined).length;
    return { saved, failed: [...failed, ...missed], left };
  } finally {
    progress.done();
  }
}

/** Backups under way at one time: enough to hide the pods' round trips, few enough for memory. */
const AT_ONCE = 4;

/**
 * One release's failure does not keep the others from being saved. An interruption ends it all, and where the
 * cluster or the store can't be reached, the rest is not tried.
 */
async function eachRelease<T>(releases: readonly T[], one: (release: T) => Promise<Saved>): Promise<Outcome> {
  const saved: (Saved | undefined)[] = new Array(releases.length);
  const failed: ToolError[] = [];
  let next = 0;
  let unreachable = false;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < releases.length && !unreachable; index = next++) {
      try {
        saved[index] = await one(releases[index]!);
      } catch (error) {
        if (!(error instanceof ToolError) || error instanceof InterruptedError) throw error;
        if (error.exitCode === ExitCode.unreachable) unreachable = true;
        failed.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, releases.length) }, worker));
  return { saved: saved.filter((each) => each !== undefined), failed };
}

function nothingFound(
  kube: KubeClient,
  options: BackupOptions,
  wanted: readonly string[],
  denied: string[],
): ToolError {
  const where = options.allNamespaces ? 'in any namespace' : `in namespace "${kube.namespace}"`;
  const what = wanted.length > 0 ? `release ${wanted.join(', ')}` : 'memcached release';
  const which = options.labelSelector === undefined ? '' : ` with labels ${options.labelSelector}`;
  const blind = denied.length === 0 ? '' : `; not everything could be searched: ${denied.join('; ')}`;
  return new ToolError(`no ${what} found ${where}${which}${blind}`, {
    untouched: 'nothing of it was saved',
    next: 'kubectl memcached-backup backup -A, or name a release: kubectl memcached-backup backup RELEASE -n NAMESPACE',
  });
}

async function printSaved(saved: Saved[], options: BackupOptions, { io }: CommandContext): Promise<void> {
  const items = saved.map(({ document, location }) => ({ location, backup: document }));
  const single = options.releases.length === 1 && !options.allNamespaces;
  if (single && items.length === 0) return;
  await print(
    io,
    {
      data: single ? items[0] : { items },
      rows: saved,
      columns: [
        { header: 'NAMESPACE', cell: ({ namespace }) => namespace },
        { header: 'RELEASE', cell: ({ release }) => release },
        { header: 'ID', cell: ({ id }) => id },
        { header: 'COMPLETE', cell: ({ complete }) => (complete ? 'yes' : 'no') },
        { header: 'LOCATION', cell: ({ location }) => location },
      ],
      name: ({ release, id }) => `${release}@${id}`,
    },
    { output: options.output, headers: options.headers },
  );
}

function toReport({ document, location }: TakenBackup, { output }: BackupOptions): Saved {
  const { cluster, namespace, release } = document;
  return {
    address: { cluster: cluster.name, namespace: namespace.name, release },
    namespace: namespace.name,
    release,
    id: document.id,
    location,
    complete: document.complete,
    holdsSecrets: document.helm !== undefined || document.objects.some(({ kind }) => kind === 'Secret'),
    summary: summary(document),
    warnings: warningsOf(document),
    document: output === 'json' || output === 'yaml' ? document : undefined,
  };
}

function warningsOf({ health, helm, skipped, settings }: BackupDocument): string[] {
  const { podsAnswered, podsAsked, differing } = settings;
  return [
    ...(helm !== undefined && isBlocking({ status: helm.status as HelmStatus })
      ? [
          `Helm revision ${helm.revision} is ${helm.status}: an operation is under way, or was cut off; a restore writes it as failed`,
        ]
      : []),
    ...health.drift.map((line) => `live differs from what the release says: ${line}`),
    ...skipped.map(({ what, why }) => `not saved: ${what}: ${why}`),
    ...(podsAnswered < podsAsked
      ? [
          `${podsAsked - podsAnswered} of ${podsAsked} pods did not answer "stats settings"; see settings.json`,
        ]
      : []),
    ...(differing.length > 0 ? [`the pods disagree on ${differing.join(', ')}`] : []),
  ];
}

/** What a person should know of a backup, on standard error. With several, each line says whose it is. */
function report(saved: Saved, several: boolean, { io }: CommandContext): void {
  const whose = several ? `${saved.namespace}/${saved.release}: ` : '';
  io.say(`${whose}Saved ${saved.summary}.`);
  for (const warning of saved.warnings) io.warn(`${whose}${warning}`);
}
