import { summary } from '../backup/assemble.ts';
import { BACKUPS_AT_ONCE, backUpReleases, type WantedReleases } from '../backup/back-up-releases.ts';
import type { TakenBackup } from '../backup/take-backup.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { mapLimited } from '../errors/map-limited.ts';
import type { HelmStatus } from '../model/helm/helm-release.ts';
import { isBlocking } from '../model/helm/restored-record.ts';
import type { BackupDocument } from '../model/records/backup-format.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { print } from '../output/print.ts';
import type { CommandContext } from '../session/context.ts';
import { exposedInWords } from '../store/folder-access.ts';
import type { ReleaseAddress, Store } from '../store/store.ts';

export interface BackupOptions extends WantedReleases {
  output: OutputFormat;
  /** --no-headers. */
  headers: boolean;
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

/**
 * `backup [RELEASE…]`: saves releases to the store.
 * @returns ok; incomplete where something may not be read (it is named, and what could be read is saved);
 * failed where a release could not be saved at all.
 */
export async function backup(options: BackupOptions, context: CommandContext): Promise<ExitCode> {
  const outcome = await backUpReleases(options, (taken) => toReport(taken, options), context);
  for (const saved of outcome.saved) report(saved, outcome.saved.length > 1, context);
  if (outcome.saved.some(({ holdsSecrets }) => holdsSecrets)) {
    context.io.warn('a backup holds Secrets in plain text (its files are 0600): keep the store private');
  }
  await warnOfOthers(await context.store(), outcome.saved, context);
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
  const found = await mapLimited(saved, BACKUPS_AT_ONCE, ({ address }) => store.exposed(address));
  for (const line of new Set(found.flat().map(exposedInWords))) io.warn(line);
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
