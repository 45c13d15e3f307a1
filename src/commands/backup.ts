import { summary } from '../backup/assemble.ts';
import { ExitCode } from '../errors/exit-code.ts';
import type { BackupDocument } from '../model/backup.ts';
import { assertReleaseName } from '../model/backup-id.ts';
import type { OutputFormat } from '../output/output-format.ts';
import { print } from '../output/print.ts';
import type { CommandContext } from './context.ts';
import { type TakenBackup, takeBackup } from './take-backup.ts';

export interface BackupOptions {
  release: string;
  output: OutputFormat;
  /** --no-headers. */
  headers: boolean;
  /** --cluster-name: the cluster's folder in the store. */
  clusterName?: string;
}

/**
 * `backup RELEASE`: saves a release to the store.
 * @returns ok; incomplete where something may not be read (it is named, and what could be read is saved).
 */
export async function backup(options: BackupOptions, context: CommandContext): Promise<ExitCode> {
  assertReleaseName(options.release);
  const { io } = context;
  const [kube, store] = await Promise.all([context.kube(), context.store()]);
  const progress = io.progress(`Backing up ${options.release}`);
  const taken = await takeBackup(
    kube,
    store,
    {
      namespace: kube.namespace,
      release: options.release,
      kind: 'backup',
      ...(options.clusterName === undefined ? {} : { clusterName: options.clusterName }),
    },
    context,
  ).finally(() => progress.done());
  report(taken, context);
  await print(
    io,
    {
      data: { location: taken.location, backup: taken.document },
      rows: [taken],
      columns: [
        { header: 'NAMESPACE', cell: ({ document }) => document.namespace.name },
        { header: 'RELEASE', cell: ({ document }) => document.release },
        { header: 'ID', cell: ({ document }) => document.id },
        { header: 'COMPLETE', cell: ({ document }) => (document.complete ? 'yes' : 'no') },
        { header: 'LOCATION', cell: ({ location }) => location },
      ],
      name: ({ document }) => `${document.release}@${document.id}`,
    },
    { output: options.output, headers: options.headers },
  );
  return taken.document.complete ? ExitCode.ok : ExitCode.incomplete;
}

/** What a person should know of the backup, on standard error. */
function report({ document }: TakenBackup, { io }: CommandContext): void {
  io.say(`Saved ${summary(document)}.`);
  for (const line of document.health.drift) io.warn(`live differs from what the release says: ${line}`);
  for (const { what, why } of document.skipped) io.warn(`not saved: ${what}: ${why}`);
  const { podsAnswered, podsAsked, differing } = document.settings;
  if (podsAnswered < podsAsked) {
    io.warn(
      `${podsAsked - podsAnswered} of ${podsAsked} pods did not answer "stats settings"; see settings.json`,
    );
  }
  if (differing.length > 0) io.warn(`the pods disagree on ${differing.join(', ')}`);
  if (holdsSecrets(document))
    io.warn('the backup holds Secrets in plain text (files are 0600): keep the store private');
}

function holdsSecrets({ objects, helm }: BackupDocument): boolean {
  return helm !== undefined || objects.some(({ kind }) => kind === 'Secret');
}
